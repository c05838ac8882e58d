# SPDX-License-Identifier: Apache-2.0
"""The daemon reads channels from S3 servers that verify each signature: private and public buckets, any key, both styles of addresses,
Amazon's own names."""

import re

import pytest
from object_stores import ROOT, Minio
from cloud_agents import keys, s3_source
from servers import ConnectProxy
from store_fixtures import DOMAIN


@pytest.fixture
def source(authority, bucket):
    def source(store, **more):
        return s3_source(store, bucket, authority, **more)
    return source


def test_a_private_bucket_with_keys_of_the_environment(store, source, bucket, channel_daemon):
    store.make_bucket(bucket)
    store.publish(bucket, version="1.2.3", critical="yes")
    daemon = channel_daemon({"one": source(store)}, **keys(ROOT))
    daemon.takes("one", "1.2.3")
    store.publish(bucket, version="v1.2.4\n")
    daemon.takes("one", "1.2.4", critical=False)


def test_a_public_bucket_without_any_signature(store, source, bucket, channel_daemon, front):
    """Even where credentials lie about: who says anonymous shows them to nobody."""
    store.make_bucket(bucket, public=True)
    store.publish(bucket)
    seen = front(store)
    daemon = channel_daemon({"one": source(seen, region="us-east-1", credentials="anonymous")}, **keys(ROOT))
    daemon.takes("one", "1.2.3")
    assert seen.signed and not any(seen.signed)


def test_a_session_is_as_good_as_a_key(minio, source, bucket, channel_daemon, front):
    minio.make_bucket(bucket)
    minio.publish(bucket)
    seen = front(minio)
    channel_daemon({"one": source(seen, region=minio.region)}, **keys(minio.session())).takes("one", "1.2.3")
    assert seen.signed and all(seen.signed)
    assert all(b"\r\nx-amz-security-token: " in head.lower() for head in seen.requests)


def test_what_has_not_changed_is_answered_with_304(store, source, bucket, channel_daemon, front):
    store.make_bucket(bucket)
    store.publish(bucket)
    seen = front(store)
    daemon = channel_daemon({"one": source(seen, region=store.region)}, **keys(ROOT))
    daemon.takes("one", "1.2.3")
    daemon.takes("one", "1.2.3")
    seen.forget()
    daemon.takes("one", "1.2.3")
    assert seen.statuses == [304, 304]
    daemon.restart()
    seen.forget()
    daemon.takes("one", "1.2.3")
    assert set(seen.statuses) == {304}, "the cursor is kept with its bytes"
    store.publish(bucket, version="1.2.4\n")
    daemon.takes("one", "1.2.4")


@pytest.mark.parametrize("prefix", ["with space", "plus+plus", "grüße/世界", "a%20b&c=d;e:f@g,h$", "quote'(1)!*~", "deep/er/still"])
def test_a_key_of_any_characters(store, source, bucket, channel_daemon, prefix):
    store.make_bucket(bucket)
    store.publish(bucket, f"{prefix}/current", "1.2.3\n")
    channel_daemon({"one": source(store, prefix=prefix)}, **keys(ROOT)).takes("one", "1.2.3")


@pytest.mark.parametrize("style, host", [("path", "127.0.0.1"), ("auto", DOMAIN), ("virtual", DOMAIN)])
def test_the_bucket_in_the_path_and_in_the_host_name(store, source, bucket, channel_daemon, front, style, host):
    store.make_bucket(bucket)
    store.publish(bucket)
    seen = front(store)
    place = source(seen, endpoint=f"https://{host}:{seen.port}", region=store.region, style=style)
    channel_daemon({"one": place}, **keys(ROOT)).takes("one", "1.2.3")
    where = (f"{bucket}.{DOMAIN}", "") if style == "virtual" else (host, f"/{bucket}")
    assert seen.requests[0].startswith(f"GET {where[1]}/current/version HTTP/1.1\r\nHost: {where[0]}:{seen.port}\r\n".encode())


class ToStore(ConnectProxy):
    """Whatever host is asked for, it is the store."""

    def __init__(self, store):
        self._store = store
        super().__init__()

    def target(self, host, port):
        return "127.0.0.1", self._store.port


@pytest.fixture
def amazon(tmp_path_factory, authority):
    """A store in eu-central-1 that has Amazon's names, and the proxy that leads there."""
    domain = "s3.eu-central-1.amazonaws.com"
    certificate = authority.issue("amazon", subject=f"DNS:{domain},DNS:*.{domain},IP:127.0.0.1")
    store = Minio(tmp_path_factory.mktemp("amazon"), certificate, authority, domain=domain, region="eu-central-1")
    store.proxy = ToStore(store)
    yield store
    store.proxy.stop()
    store.stop()


def test_amazons_own_addresses(amazon, bucket, channel_daemon, authority):
    dotted = "channels.example.com"
    for name in (bucket, dotted):
        amazon.make_bucket(name)
        amazon.publish(name)
    common = {"use": "s3", "region": "eu-central-1", "ca_file": authority.crt, "proxy": amazon.proxy.url}
    daemon = channel_daemon({"one": {**common, "bucket": bucket}, "dotted": {**common, "bucket": dotted}}, **keys(ROOT))
    for agent, host in (("one", f"{bucket}.s3"), ("dotted", "s3")):
        daemon.takes(agent, "1.2.3")
        assert f"{host}.eu-central-1.amazonaws.com:443" in amazon.proxy.asked
    assert not re.search(re.escape(ROOT.secret), b"".join(amazon.proxy.heads).decode()), "a proxy is told where to connect"
