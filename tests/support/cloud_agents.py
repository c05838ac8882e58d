# SPDX-License-Identifier: Apache-2.0
"""Agents whose channel is in a bucket: their [source], a daemon's credentials, and all that a daemon says."""

import json

# Nothing of this host: no home with files in it, and no metadata service, should it have one.
NOWHERE = {"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}


def keys(credentials=()):
    """The environment of a daemon that has these, or none."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return {**NOWHERE, **{name: value for name, value in zip(names, credentials) if value}}


def s3_source(store, bucket, authority, **more):
    """`store` has a `url`, and a `region` unless `more` names one."""
    region = {} if "region" in more else {"region": store.region}
    return {"use": "s3", "bucket": bucket, "endpoint": store.url, "ca_file": authority.crt, **region, **more}


def gcs_source(store, bucket, authority, **more):
    return {"use": "gcs", "bucket": bucket, "endpoint": store.url, "ca_file": authority.crt, **more}


def everything(daemon):
    """All that it ever said or kept: its log, every command's answer, its state folder."""
    said = [daemon.log]
    for command in (["status"], ["history"], ["check"], ["dry-run"], ["config", "check", daemon.folder]):
        for more in ([], ["--json"]):
            done = daemon.cli(*command, *more)
            said += [done.stdout, done.stderr]
    said += [path.read_text(errors="replace") for path in (daemon.folder / "state").rglob("*") if path.is_file()]
    return json.dumps(said)
