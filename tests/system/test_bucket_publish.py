# SPDX-License-Identifier: Apache-2.0
"""From a publisher's folder through a private bucket to a host: `upkeep channel push`, `show` and `verify` at an object store, and a daemon
that believes only what is signed."""

import pytest
from cloud_agents import everything, gcs_source, keys, s3_source
from object_stores import ROOT

HMAC = {"GS_ACCESS_KEY_ID": ROOT.key_id, "GS_SECRET_ACCESS_KEY": ROOT.secret}


class Place:
    """A bucket as publishers and hosts know it: `url` and `words` for the command line, `source` for an agent, `environment` for both."""

    def __init__(self, scheme, store, bucket, authority, environment):
        self.store, self.bucket, self.environment = store, bucket, environment
        self.url = f"{scheme}://{bucket}/v1"
        common = {"prefix": "v1", "channel": "stable"}
        if scheme == "s3":
            self.source = s3_source(store, bucket, authority, **common)
        else:
            self.source = gcs_source(store, bucket, authority, credentials="hmac", **common)
        given = [f"{key}={self.source[key]}" for key in ("endpoint", "region", "credentials") if key in self.source]
        self.words = [*(word for option in given for word in ("--option", option)), "--ca-file", authority.crt]

    def file(self, name):
        status, body = self.store.ask("GET", f"/{self.bucket}/v1/stable/{name}")
        return body.decode() if status == 200 else None


@pytest.fixture(params=["minio", "versitygw", "google_store"])
def place(request, bucket, authority):
    store = request.getfixturevalue(request.param)
    store.make_bucket(bucket)
    scheme, environment = ("gs", {**keys(), **HMAC}) if request.param == "google_store" else ("s3", keys(ROOT))
    return Place(scheme, store, bucket, authority, environment)


@pytest.fixture
def trusting(channel_daemon, authority):
    """trusting(place, publisher): a daemon whose agent believes that publisher."""
    def trusting(place, publisher):
        public = [file.read_text().splitlines()[1] for file in publisher.publics]
        return channel_daemon({"one": place.source}, more=f"[trust]\nkeys = {public}\n", **place.environment)
    return trusting


def test_what_is_pushed_is_what_hosts_read(place, publisher, trusting):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "yes")
    pushed = one.must("push", place.url, *place.words, **place.environment)["pushed"]
    assert [(entry["version"], entry["serial"], entry["changed"]) for entry in pushed] == [("1.2.3", 1, True)]
    for name, content in one.files().items():
        assert place.file(name) == content
    assert one.must("push", place.url, *place.words, **place.environment)["pushed"][0]["changed"] is False

    daemon = trusting(place, one)
    daemon.takes("one", "1.2.3", critical=True)
    one.must("set", "stable", "1.2.4", "--critical", "no")
    one.must("push", place.url, *place.words, **place.environment)
    daemon.takes("one", "1.2.4", critical=False)
    assert ROOT.secret not in everything(daemon)


@pytest.mark.parametrize("place", ["minio"], indirect=True)     # it takes five seconds to believe that it is not a publisher at work
def test_a_host_is_not_led_back_by_who_can_write_to_the_bucket(place, publisher, trusting):
    """Neither with the documents of the day before, nor with plain files."""
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    before = one.files()
    one.must("set", "stable", "1.2.4", "--critical", "no")
    one.must("push", place.url, *place.words, **place.environment)
    daemon = trusting(place, one)
    daemon.takes("one", "1.2.4")
    place.store.publish(place.bucket, "v1/stable", "9.9.9\n", "yes\n")
    daemon.takes("one", "1.2.4", critical=False)
    for name, content in before.items():
        place.store.put(place.bucket, f"v1/stable/{name}", content.encode())
    code, message = daemon.fails("one")
    assert code == "denied" and "serial 1" in message, message
    assert daemon.status("one")["offered"]["version"] == "1.2.4"


def test_show_and_verify_read_a_bucket(place, publisher, upkeep):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    one.must("push", place.url, *place.words, **place.environment)
    answer = upkeep("channel", "show", f"{place.url}/stable", *place.words, "--json", **place.environment)
    assert answer.status == 0, answer.err
    assert answer.json["version"] == "1.2.3" and answer.json["signed"] is True
    answer = upkeep("channel", "verify", f"{place.url}/stable", *place.words, "--key", one.publics[0], "--json", **place.environment)
    assert answer.status == 0, answer.err
    code, message = upkeep("channel", "show", f"{place.url}/gone", *place.words, "--json", **place.environment).error
    assert code == "invalid" and "gone" in message and "does not exist" in message


def test_who_may_only_read_pushes_nothing(minio, issuer, bucket, authority, publisher):
    minio.make_bucket(bucket)
    session = minio.session_for(issuer.token())     # its role's policy is MinIO's readonly
    place = Place("s3", minio, bucket, authority, keys(session))
    one = publisher()
    one.must("set", "stable", "1.2.3", "--critical", "no")
    code, message = one("push", place.url, *place.words, **place.environment).error
    assert code == "denied" and "AccessDenied" in message, message
    assert session.secret not in message and session.token not in message
    assert place.file("version") is None
