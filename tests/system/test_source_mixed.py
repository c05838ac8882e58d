# SPDX-License-Identifier: Apache-2.0
"""Several [[source]] of mixed kinds are failover, in order, and each reads the same kind of channel."""

import json

from cloud_agents import gcs_source, keys, s3_source
from hostile_server import answer
from object_stores import ROOT

AGENT = """
[[schedule]]
use = "window"
never = true
[installer]
use = "idle"
"""


def table(source):
    return "[[source]]\n" + "\n".join(f"{key} = {json.dumps(str(value))}" for key, value in {"channel": "current", **source}.items())


def test_a_bucket_here_a_bucket_there_a_web_server_a_folder(minio, fake_gcs, front, nginx, bucket, channel_daemon, authority, tmp_path):
    for store in (minio, fake_gcs):
        store.make_bucket(bucket)
        store.publish(bucket, version="1.2.3\n")
    at_amazon, at_google, web, folder = front(minio), front(fake_gcs), nginx(), tmp_path / "channels"
    web.publish(version="1.2.5\n")
    (folder / "current").mkdir(parents=True)
    (folder / "current/version").write_text("1.2.6\n")
    (folder / "current/critical").write_text("no\n")
    sources = [s3_source(at_amazon, bucket, authority, region=minio.region),
               gcs_source(at_google, bucket, authority, credentials="anonymous"),
               {"use": "https", "url": web.url, "ca_file": authority.crt}, {"use": "file", "path": folder}]
    daemon = channel_daemon({}, **keys(ROOT))
    daemon.configure("one", "\n".join(map(table, sources)) + AGENT)
    daemon.restart()

    def origin(version):
        return daemon.takes("one", version)["source"]["origin"]
    assert origin("1.2.3") == f"{at_amazon.url}/{bucket}/current"
    busy = answer(b"", "503 Slow Down")
    at_amazon.instead = lambda head: busy
    fake_gcs.publish(bucket, version="1.2.4\n")
    assert origin("1.2.4") == f"gs://{bucket}/current"
    at_google.instead = lambda head: busy
    assert origin("1.2.5") == f"{web.url}/current"
    web.stop()
    assert origin("1.2.6") == f"{folder}/current"
    (folder / "current/version").write_text("1.2.5\n")
    assert "is a fallback and says 1.2.5, which is lower than 1.2.6 in force" in daemon.fails("one")[1]
    assert daemon.status("one")["offered"]["version"] == "1.2.6"
    at_amazon.instead = None
    assert origin("1.2.3") == f"{at_amazon.url}/{bucket}/current", "the first one may lower it"
