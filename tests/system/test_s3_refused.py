# SPDX-License-Identifier: Apache-2.0
"""What the daemon says when an S3 server does not let it read: each case by the server's own code, the release in force stays, and no
secret is said anywhere."""

import pytest
from hostile_server import answer
from object_stores import ROOT, Credentials
from cloud_agents import everything, keys, s3_source

SECRETS = ("WRONG+secret/of=somebody0123456789abcdef", "JUNK.session.token0123456789abcdef")


@pytest.fixture
def private(store, bucket):
    """A store with a bucket that is not public, with a channel in it."""
    store.make_bucket(bucket)
    store.publish(bucket)
    return store


@pytest.fixture
def refused(private, bucket, channel_daemon, authority):
    """refused(environment, keys...): the error of a daemon that has these; and that it says no secret."""
    def refused(environment, **more):
        daemon = channel_daemon({"one": s3_source(private, bucket, authority, **more)}, **environment)
        code, message = daemon.fails("one")
        said = everything(daemon)
        assert bucket in said
        for secret in (*SECRETS, ROOT.secret):
            assert secret not in said
        return code, message
    return refused


def test_a_wrong_secret(refused, bucket):
    code, message = refused(keys(ROOT._replace(secret=SECRETS[0])))
    assert code == "denied" and "SignatureDoesNotMatch" in message and f"{bucket}/current/version" in message


def test_a_wrong_secret_is_not_made_anonymous_where_that_would_do(store, bucket, channel_daemon, authority):
    store.make_bucket(bucket, public=True)
    store.publish(bucket)
    daemon = channel_daemon({"one": s3_source(store, bucket, authority)}, **keys(ROOT._replace(secret=SECRETS[0])))
    code, message = daemon.fails("one")
    assert code == "denied" and "SignatureDoesNotMatch" in message


def test_an_unknown_key(refused):
    code, message = refused(keys(Credentials("AKIAIOSFODNN7UNKNOWN", SECRETS[0])))
    assert code == "denied" and ("InvalidAccessKeyId" in message or "XAdminUserNotFound" in message), message


def test_a_session_token_that_is_none(refused, private):
    code, message = refused(keys(ROOT._replace(token=SECRETS[1])))
    assert code == "denied" and ("InvalidTokenId" in message or "InvalidToken" in message)


def test_no_signature_where_one_is_needed(refused):
    code, message = refused(keys(), credentials="anonymous")
    assert code == "denied" and "AccessDenied" in message


def test_no_credentials_anywhere_is_said_and_not_made_anonymous(refused):
    code, message = refused(keys())
    assert code == "denied" and "there are no credentials" in message and 'credentials = "anonymous"' in message, message


def test_a_bucket_that_is_not_there(private, bucket, channel_daemon, authority):
    daemon = channel_daemon({"one": s3_source(private, bucket + "-gone", authority)}, **keys(ROOT))
    code, message = daemon.fails("one")
    assert code == "invalid" and "NoSuchBucket" in message and f"{bucket}-gone" in message


def test_a_file_that_is_not_there(private, bucket, channel_daemon, authority):
    daemon = channel_daemon({"one": s3_source(private, bucket, authority, channel="gone")}, **keys(ROOT))
    code, message = daemon.fails("one")
    assert code == "invalid" and "gone/version" in message and "does not exist" in message


def test_another_region_is_signed_for_once_it_is_known(private, bucket, channel_daemon, authority, front):
    seen = front(private)
    daemon = channel_daemon({"one": s3_source(seen, bucket, authority, region="eu-west-3")}, **keys(ROOT))
    daemon.takes("one", "1.2.3")
    assert 400 in seen.statuses and 200 in seen.statuses
    seen.forget()
    daemon.takes("one", "1.2.3")
    assert seen.statuses == [304, 304], "it is remembered"


def test_a_clock_that_is_off_is_said(private, bucket, channel_daemon, authority, moved_clock):
    daemon = channel_daemon({"one": s3_source(private, bucket, authority)}, **keys(ROOT), **moved_clock(20 * 60))
    code, message = daemon.fails("one")
    assert "RequestTimeTooSkewed" in message and "clock is 20m" in message and "ahead" in message, message


def test_slow_down_is_a_trouble_that_passes(private, bucket, channel_daemon, authority, front):
    seen = front(private)
    daemon = channel_daemon({"one": s3_source(seen, bucket, authority, region=private.region)}, **keys(ROOT))
    daemon.takes("one", "1.2.3")
    private.publish(bucket, version="1.2.4\n")
    body = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
    seen.instead = lambda request: answer(body, "503 Slow Down", ["Content-Type: application/xml"])
    code, message = daemon.fails("one")
    assert code == "transient" and "SlowDown" in message
    assert daemon.status("one")["offered"]["version"] == "1.2.3", "the release in force stays"
    seen.instead = None
    daemon.takes("one", "1.2.4")
