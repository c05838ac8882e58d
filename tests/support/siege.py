# SPDX-License-Identifier: Apache-2.0
"""One daemon, one server that turns hostile, and what must hold through it."""

import itertools
import json
import time

from channel_daemon import ChannelDaemon
from cloud_agents import NOWHERE, gcs_source, s3_source
from hostile_server import HostileServer, answer

BUCKET = "channels"
KINDS, BUCKETS = ["https", "s3", "gcs"], ["s3", "gcs"]
TOKEN, KEY_ID, KEY = "secrettoken1234", "secretkeyid1234", "secretkey1234"     # also fit for an error's code and a region


def tokens_of(connection, request):
    """A play: the metadata server beside a machine, Google's for one, Amazon's for another."""
    google = {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}
    amazon = {"AccessKeyId": KEY_ID, "SecretAccessKey": KEY, "Token": TOKEN,
              "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))}
    says = google if b"computeMetadata" in request else amazon
    connection.sendall(answer(json.dumps(says).encode(), headers=["Metadata-Flavor: Google"]))


def with_tokens(server):
    """The environment of a daemon that asks there."""
    return {**NOWHERE, "GCE_METADATA_HOST": f"127.0.0.1:{server.port}", "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/credentials"}


def source_of(kind, server, authority):
    """The keys of a [source] whose channels are at `server`, an HTTPS one; a bucket is asked with credentials."""
    if kind == "s3":
        return s3_source(server, BUCKET, authority, region="eu-west-1")
    if kind == "gcs":
        return gcs_source(server, BUCKET, authority, credentials="metadata")
    return {"use": "https", "url": server.url, "ca_file": authority.crt}


def places_of(kind, server, channel="current"):
    """How errors name the channel: its address, and what the source calls it."""
    return {"https": [f"{server.url}/{channel}"], "s3": [f"{server.url}/{BUCKET}/{channel}"],
            "gcs": [f"{server.url}/{BUCKET}/{channel}", f"gs://{BUCKET}/{channel}"]}[kind]


class Siege:
    """`patient` is an agent with the default time for a poll, `hasty` one with a second: for servers that only take time. `tokens` is the
    metadata server beside the machine, which gives the credentials of a bucket."""

    def __init__(self, kind, build, folders, certificate, authority):
        self._build, self._folders, self._authority = build, folders, authority
        self._numbers = itertools.count(1)
        self.kind, self.server, self.tokens = kind, HostileServer(certificate), HostileServer(None, play=tokens_of)
        self.daemon = self.version = None

    def stop(self):
        self.server.stop()
        self.tokens.stop()
        if self.daemon:
            self.daemon.stop()

    def begin(self):
        """A good release is in force, whatever the test before left behind."""
        if self.daemon is None or not self.daemon.alive:
            source = source_of(self.kind, self.server, self._authority)
            self.daemon = ChannelDaemon(self._build, self._folders.mktemp("siege"), {"patient": source, "hasty": {**source, "timeout": "1s"}},
                                        **with_tokens(self.tokens))
        self.recovers()

    def recovers(self, *agents):
        """The servers are good again, and the new release is taken by the next poll."""
        self.version = f"10.0.{next(self._numbers)}"
        self.server.be_good(self.version)
        self.tokens.be(tokens_of)
        for agent in agents or ("patient", "hasty"):
            self.daemon.takes(agent, self.version, critical=False)

    def withstands(self, code, *words, agent="patient", places=None):
        """The hostile server is asked: `status` says this error, nothing else changes, memory is bounded, and all is well afterwards.
        `code`: one, or a list of those that would do. Returns the error's message."""
        self.daemon.forget_peak()
        before = self.daemon.memory("VmHWM")
        found, message = self.daemon.fails(agent)
        grown = self.daemon.memory("VmHWM") - before
        print(f"{found}: {message}\npeak memory grew by {grown} KiB")
        assert found in ([code] if isinstance(code, str) else code), message
        assert any(place in message for place in places or places_of(self.kind, self.server)), message
        for word in words:
            assert word in message
        assert not any(secret in message for secret in (TOKEN, KEY_ID, KEY))
        status = self.daemon.status(agent)
        assert status["offered"] == {"version": self.version, "critical": False}, "the release in force stays"
        assert status["source"]["last_error"]["message"] == message
        assert status["decision"]["action"] == "wait" and status["operation"] is None
        assert grown <= (96 * 1024 if self.daemon.is_sanitized() else 4 * 1024), "KiB, in one poll"
        self.recovers(agent)
        return message
