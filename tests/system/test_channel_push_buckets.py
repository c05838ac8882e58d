# SPDX-License-Identifier: Apache-2.0
"""`upkeep channel push` to buckets: two S3 servers that verify each signature, and Google's store spoken to with HMAC keys."""

import re

import pytest
from cloud_agents import keys
from object_stores import ROOT

FILES = ["release.json.minisig", "release.json", "critical", "version"]


@pytest.fixture
def one(publisher):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    return one


def options(url, authority, region="us-east-1"):
    return ["--ca-file", authority.crt, "--option", f"endpoint={url}", "--option", f"region={region}", "--option", "style=path"]


def stored(store, bucket, key):
    status, body = store.ask("GET", f"/{bucket}/{key}")
    assert status == 200, key
    return body.decode()


def put_names(front):
    """What was written, in order."""
    return [re.match(rb"PUT \S*/([^/ ]+) HTTP", head).group(1).decode() for head in front.requests if head.startswith(b"PUT ")]


def test_what_is_pushed_is_what_lies_there_and_in_the_safe_order(one, store, bucket, front, authority):
    store.make_bucket(bucket)
    before = front(store)
    words = ["push", f"s3://{bucket}/a prefix/v1", *options(before.url, authority)]
    assert one.must(*words, **keys(ROOT))["pushed"][0]["changed"] is True
    assert {name: stored(store, bucket, f"a prefix/v1/stable/{name}") for name in FILES} == one.files()
    assert put_names(before) == FILES
    for head in before.requests:
        if head.startswith(b"PUT "):
            name = head.split(b" ")[1]
            wanted = b"application/json" if name.endswith(b"release.json") else b"text/plain; charset=utf-8"
            assert b"\r\ncache-control: no-cache" in head.lower() and b"\r\ncontent-type: " + wanted in head.lower()
    before.forget()
    assert one.must(*words, **keys(ROOT))["pushed"][0]["changed"] is False
    assert put_names(before) == []
    one.must("set", "stable", "1.2.4", "--critical", "yes")
    one.must(*words, **keys(ROOT))
    assert put_names(before) == ["release.json.minisig", "release.json", "version", "critical"]
    assert one.verify(f"s3://{bucket}/a prefix/v1/stable", "--key", one.publics[0], *options(before.url, authority), **keys(ROOT)).status == 0


def test_a_public_bucket_is_read_as_hosts_read_it(one, minio, bucket, authority):
    minio.make_bucket(bucket, public=True)
    pushed = one.must("push", f"s3://{bucket}/v1", *options(minio.url, authority), "--url", f"{minio.url}/{bucket}/v1", **keys(ROOT))
    assert pushed["pushed"][0]["serial"] == 1
    assert one.verify(f"{minio.url}/{bucket}/v1/stable", "--key", one.publics[0], "--ca-file", authority.crt).status == 0


def test_a_newer_serial_in_the_bucket_is_not_overwritten(one, publisher, minio, bucket, authority):
    minio.make_bucket(bucket)
    words = ["push", f"s3://{bucket}", *options(minio.url, authority)]
    one.must("set", "stable", "1.3.0", "--critical", "no", "--serial", "9")
    one.must(*words, **keys(ROOT))
    for file in one.path().iterdir():
        file.unlink()
    one.must("set", "stable", "1.4.0", "--critical", "no")
    code, message = one(*words, **keys(ROOT)).error
    assert code == "denied" and "serial 9 is served there, and this folder has serial 1" in message
    assert '"1.3.0"' in stored(minio, bucket, "stable/release.json")


def test_what_the_bucket_refuses_is_said_without_a_secret(one, minio, bucket, authority):
    words = ["push", f"s3://{bucket}/v1", *options(minio.url, authority)]
    code, message = one(*words, **keys(ROOT)).error
    assert "NoSuchBucket" in message or "does not exist" in message
    minio.make_bucket(bucket)
    wrong = {**keys(ROOT), "AWS_SECRET_ACCESS_KEY": "SECRETofanother"}
    answer = one(*words, **wrong)
    assert answer.error[0] == "denied" and "SignatureDoesNotMatch" in answer.error[1]
    assert "SECRET" not in answer.out + answer.err and ROOT.secret not in answer.out + answer.err


def test_a_store_that_fails_in_the_middle_leaves_the_old_release_whole(one, minio, bucket, front, authority):
    minio.make_bucket(bucket)
    before = front(minio)
    words = ["push", f"s3://{bucket}/v1", *options(before.url, authority)]
    one.must(*words, **keys(ROOT))
    one.must("set", "stable", "1.2.4", "--critical", "no")
    old = stored(minio, bucket, "v1/stable/release.json")
    refusal = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    before.instead = lambda head: refusal if head.startswith(b"PUT ") and b"/release.json " in head else None
    code, message = one(*words, **keys(ROOT)).error
    assert code == "transient" and "release.json" in message
    assert stored(minio, bucket, "v1/stable/release.json") == old and stored(minio, bucket, "v1/stable/version") == "1.2.3\n"
    before.instead = None
    one.must(*words, **keys(ROOT))
    assert stored(minio, bucket, "v1/stable/version") == "1.2.4\n"


def test_a_store_that_says_yes_and_keeps_the_old_file_is_noticed(one, minio, bucket, front, authority):
    minio.make_bucket(bucket)
    before = front(minio)
    words = ["push", f"s3://{bucket}/v1", *options(before.url, authority)]
    one.must(*words, **keys(ROOT))
    yes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    for version, name in (("1.2.4", b"version"), ("1.2.5", b"release.json")):
        one.must("set", "stable", version, "--critical", "no")
        before.instead = lambda head, name=name: yes if re.match(rb"PUT \S*/" + name + rb" ", head) else None
        assert f"read back: another {name.decode()} is served" in one(*words, **keys(ROOT)).error[1]


def test_google_with_hmac_keys(one, google_store, bucket, authority):
    google_store.make_bucket(bucket)
    words = ["push", f"gs://{bucket}/v1", "--ca-file", authority.crt, "--option", f"endpoint={google_store.url}", "--option", "credentials=hmac"]
    secrets = {"GS_ACCESS_KEY_ID": ROOT.key_id, "GS_SECRET_ACCESS_KEY": ROOT.secret}
    assert one.must(*words, **secrets)["pushed"][0]["changed"] is True
    assert {name: stored(google_store, bucket, f"v1/stable/{name}") for name in FILES} == one.files()
    assert one.must(*words, **secrets)["pushed"][0]["changed"] is False


DENIED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
SLOW_DOWN = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("answer, code", [(SLOW_DOWN, "transient"), (DENIED, "denied")], ids=["slow", "denied"])
def test_where_it_cannot_be_told_what_lies_there_nothing_is_overwritten(one, minio, bucket, front, authority, answer, code):
    minio.make_bucket(bucket)
    before = front(minio)
    words = ["push", f"s3://{bucket}/v1", *options(before.url, authority)]
    one.must("set", "stable", "1.3.0", "--critical", "no", "--serial", "4")
    newer = one.files()
    one.must(*words, **keys(ROOT))
    for file in one.path().iterdir():
        file.unlink()
    one.must("set", "stable", "1.2.0", "--critical", "no")
    seen = []
    before.instead = lambda head: seen.append(head) or answer if b"/release.json " in head and not seen else None
    said, message = one(*words, **keys(ROOT)).error
    assert said == code and "--overwrite" in message and ("does not say what it has" in message) == (code == "denied")
    assert {name: stored(minio, bucket, f"v1/stable/{name}") for name in FILES} == newer
    seen.clear()
    one.must(*words, "--overwrite", **keys(ROOT))
    assert {name: stored(minio, bucket, f"v1/stable/{name}") for name in FILES} == one.files()


def test_another_publisher_is_thought_of_when_something_else_is_read_back(one, minio, bucket, front, authority):
    minio.make_bucket(bucket)
    before = front(minio)
    words = ["push", f"s3://{bucket}/v1", *options(before.url, authority)]
    yes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    one.must(*words, **keys(ROOT))
    one.must("set", "stable", "1.2.4", "--critical", "no")
    before.instead = lambda head: yes if re.match(rb"PUT \S*/release.json ", head) else None
    assert "another publisher" in one(*words, **keys(ROOT)).error[1]
