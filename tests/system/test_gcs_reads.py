# SPDX-License-Identifier: Apache-2.0
"""The daemon reads channels from Google Cloud Storage: public objects, and private ones with a token of a service account, of a machine, of
a federated workload, or with HMAC keys. Google's store is an emulator that is told which tokens count; HMAC keys are verified by MinIO."""

import pytest
from cloud_agents import everything, gcs_source
from hostile_server import answer
from identity import RsaKey
from machine.wait import wait_until
from object_stores import ROOT
from servers import ConnectProxy


@pytest.fixture
def published(fake_gcs, bucket):
    fake_gcs.make_bucket(bucket)
    fake_gcs.publish(bucket)
    return fake_gcs


@pytest.fixture
def private(published, front, google):
    """The store, for who shows a token that Google gave."""
    no = answer(b"<?xml version='1.0'?><Error><Code>AuthenticationRequired</Code></Error>", "401 Unauthorized")
    seen = front(published)
    seen.instead = lambda head: None if google.good(head) else no
    return seen


@pytest.fixture
def agent(bucket, channel_daemon, authority, google, tmp_path):
    """agent(store, environment, keys...): a daemon with these. Ends with a look at all that it said."""
    started = []

    def agent(store, environment=(), **more):
        home = {"HOME": str(tmp_path), "GCE_METADATA_HOST": "127.0.0.1:1", **dict(environment)}
        started.append(channel_daemon({"one": gcs_source(store, bucket, authority, **more)}, **home))
        return started[-1]
    yield agent
    for daemon in started:
        said = everything(daemon)
        assert "SECRET" not in said and "BEGIN PRIVATE KEY" not in said


def written(path, text):
    path.write_text(text)
    return path


def test_public_objects_without_a_token(published, front, agent, bucket):
    seen = front(published)
    daemon = agent(seen, credentials="anonymous")
    daemon.takes("one", "1.2.3", critical=False)
    published.publish(bucket, version="1.2.4\n", critical="yes\n")
    daemon.takes("one", "1.2.4")
    assert not any(b"\r\nauthorization:" in head.lower() for head in seen.requests)


@pytest.mark.parametrize("prefix", ["with space", "plus+plus", "grüße/世界", "a%20b&c=d", "deep/er/still"])
def test_a_key_of_any_characters(published, agent, bucket, prefix):
    published.publish(bucket, f"{prefix}/current", "2.0.0\n")
    agent(published, credentials="anonymous", prefix=prefix).takes("one", "2.0.0")


def test_what_is_not_there(published, agent, bucket, channel_daemon, authority):
    code, message = agent(published, credentials="anonymous", channel="gone").fails("one")
    assert code == "invalid" and f"{bucket}/gone/version" in message
    code, message = channel_daemon({"one": gcs_source(published, bucket + "-gone", authority, credentials="anonymous")}).fails("one")
    assert code == "invalid" and f"{bucket}-gone" in message


def test_no_credentials_anywhere_is_said_and_not_made_anonymous(published, front, agent):
    seen = front(published)
    code, message = agent(seen).fails("one")
    assert code in ("denied", "invalid", "transient") and ("credentials" in message or "metadata" in message), message
    assert seen.requests == []


@pytest.mark.parametrize("way", ["configured", "environment", "gcloud"])
def test_the_key_of_a_service_account(private, google, agent, tmp_path, way):
    places = {"configured": tmp_path / "account.json", "environment": tmp_path / "account.json",
              "gcloud": tmp_path / ".config/gcloud/application_default_credentials.json"}
    places[way].parent.mkdir(parents=True, exist_ok=True)
    file = written(places[way], google.service_account())
    environment = {"GOOGLE_APPLICATION_CREDENTIALS": str(file)} if way == "environment" else {}
    daemon = agent(private, environment, **({"credentials_file": file} if way == "configured" else {}))
    asked = len(google.asked)
    daemon.takes("one", "1.2.3")
    daemon.takes("one", "1.2.3")
    assert google.asked[asked:] == ["/token"] and google.refused == [], "once for an hour"


def test_a_token_that_is_refused_is_got_anew_once(private, google, agent, tmp_path, published, bucket):
    daemon = agent(private, credentials_file=written(tmp_path / "account.json", google.service_account()))
    daemon.takes("one", "1.2.3")
    published.publish(bucket, version="1.2.4\n")
    google.given.clear()
    daemon.takes("one", "1.2.4")
    private.instead = lambda head: answer(b"", "401 Unauthorized")
    asked = len(google.asked)
    code, message = daemon.fails("one")
    assert code == "denied" and "401" in message or "refused" in message, message
    assert len(google.asked) - asked <= 5, "a check may poll again; a poll asks once"


def test_a_token_that_is_about_to_end_is_not_used(private, google, agent, tmp_path):
    google.seconds = 2
    daemon = agent(private, credentials_file=written(tmp_path / "account.json", google.service_account()))
    daemon.takes("one", "1.2.3")
    asked = len(google.asked)
    wait_until("it asks for another one", lambda: daemon.takes("one", "1.2.3") and len(google.asked) > asked)
    assert 401 not in private.statuses


@pytest.mark.parametrize("wrong, words", [
    pytest.param({"private_key": RsaKey().pem}, "issuer", id="another-key"),
    pytest.param({"client_email": "somebody@example.com"}, "issuer", id="another-account"),
])
def test_a_service_account_that_is_refused(private, google, agent, tmp_path, wrong, words):
    file = written(tmp_path / "account.json", google.service_account(**wrong))
    daemon = agent(private, credentials_file=file)
    code, message = daemon.fails("one")
    assert code in ("denied", "invalid") and "invalid_grant" in message, message
    assert words in google.refused[-1]
    file.write_text(google.service_account())
    daemon.takes("one", "1.2.3")


def test_the_machines_own_account(private, google, agent):
    daemon = agent(private, {"GCE_METADATA_HOST": f"127.0.0.1:{google.port}"})
    daemon.takes("one", "1.2.3")
    assert google.refused == []


@pytest.mark.parametrize("impersonate", [False, True], ids=["direct", "impersonated"])
def test_a_federated_workload(private, google, issuer, agent, tmp_path, published, bucket, impersonate):
    token = written(tmp_path / "token", issuer.token())
    daemon = agent(private, credentials_file=written(tmp_path / "workload.json", google.federation(token, impersonate)))
    daemon.takes("one", "1.2.3")
    published.publish(bucket, version="1.2.4\n")
    token.write_text(issuer.token(seconds=-60))
    google.given.clear()    # so that it needs another one
    code, message = daemon.fails("one")
    assert code in ("denied", "invalid") and "invalid_grant" in message, message
    assert token.read_text() not in everything(daemon)
    token.write_text(issuer.token())
    daemon.takes("one", "1.2.4")


class ToStore(ConnectProxy):
    def __init__(self, store):
        self._store = store
        super().__init__()

    def target(self, host, port):
        return "127.0.0.1", self._store.port


def test_hmac_keys_at_googles_own_address(google_store, agent, bucket, tmp_path, channel_daemon, authority):
    google_store.make_bucket(bucket)
    google_store.publish(bucket)
    proxy = ToStore(google_store)
    place = {"use": "gcs", "bucket": bucket, "credentials": "hmac", "ca_file": authority.crt, "proxy": proxy.url}
    environment = {"GS_ACCESS_KEY_ID": ROOT.key_id, "GS_SECRET_ACCESS_KEY": ROOT.secret}
    daemon = channel_daemon({"one": place}, **environment)
    daemon.takes("one", "1.2.3")
    assert set(proxy.asked) == {"storage.googleapis.com:443"}
    assert ROOT.secret not in everything(daemon)

    file = written(tmp_path / "hmac", f"gs_access_key_id = {ROOT.key_id}\ngs_secret_access_key = {ROOT.secret}\n")
    daemon = channel_daemon({"one": {**place, "hmac_file": file}})
    daemon.takes("one", "1.2.3")
    google_store.publish(bucket, version="1.2.4\n")
    file.write_text(f"gs_access_key_id = {ROOT.key_id}\ngs_secret_access_key = SECRET+wrong\n")
    code, message = daemon.fails("one")
    assert code == "denied" and "SignatureDoesNotMatch" in message
    assert ROOT.secret not in everything(daemon) and "SECRET" not in everything(daemon)
    proxy.stop()


def test_what_has_not_changed_is_answered_with_304(google_store, front, agent, bucket):
    google_store.make_bucket(bucket)
    google_store.publish(bucket)
    seen = front(google_store)
    daemon = agent(seen, {"GS_ACCESS_KEY_ID": ROOT.key_id, "GS_SECRET_ACCESS_KEY": ROOT.secret}, credentials="hmac")
    daemon.takes("one", "1.2.3")
    daemon.takes("one", "1.2.3")
    seen.forget()
    daemon.takes("one", "1.2.3")
    assert seen.statuses == [304, 304]


def test_slow_down_is_a_trouble_that_passes(published, front, agent, bucket):
    seen = front(published)
    daemon = agent(seen, credentials="anonymous")
    daemon.takes("one", "1.2.3")
    published.publish(bucket, version="1.2.4\n")
    slow = answer(b"<?xml version='1.0'?><Error><Code>SlowDown</Code></Error>", "429 Too Many Requests", ["Retry-After: 1"])
    seen.instead = lambda head: slow
    code, message = daemon.fails("one")
    assert code == "transient", message
    seen.instead = None
    daemon.takes("one", "1.2.4")
