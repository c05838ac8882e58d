# SPDX-License-Identifier: Apache-2.0
"""Where a daemon's credentials for S3 come from, end to end: each way hands out a real session of MinIO's, with which MinIO is then read.
None of it is said anywhere."""

import time

import pytest
from identity import ContainerCredentials, Imds, RsaKey
from machine.wait import wait_until
from object_stores import ROOT
from cloud_agents import everything, keys, s3_source


@pytest.fixture
def agent(minio, bucket, channel_daemon, authority):
    """agent(environment, keys...): a daemon with these, whose agent has not read its channel yet. Ends with a look at all that it said."""
    minio.make_bucket(bucket)
    minio.publish(bucket)
    started = []

    def agent(environment, store=minio, **more):
        started.append(channel_daemon({"one": s3_source(store, bucket, authority, **more)}, **{**keys(), **environment}))
        return started[-1]
    yield agent
    for daemon in started:
        said = everything(daemon)
        assert ROOT.secret not in said and "SECRET" not in said


def assert_silent(daemon, credentials):
    said = everything(daemon)
    for piece in (credentials.secret, credentials.token):
        assert piece not in said


def test_profiles_of_the_shared_files(agent, minio, tmp_path):
    session = minio.session()
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = AKIANOTTHISONE\naws_secret_access_key = SECRETnotthisone\n"
        f"[fleet]\naws_access_key_id = {session.key_id}\naws_secret_access_key = {session.secret}\naws_session_token = {session.token}\n")
    (tmp_path / "config").write_text(f"[profile fleet]\nregion = {minio.region}\n")
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"), "AWS_CONFIG_FILE": str(tmp_path / "config")}
    daemon = agent({**files, "AWS_PROFILE": "fleet"})
    daemon.takes("one", "1.2.3")
    assert_silent(daemon, session)
    code, message = agent(files).fails("one")
    assert code == "denied" and "InvalidAccessKeyId" in message, "the default profile"
    agent(keys(), credentials="files", credentials_file=files["AWS_SHARED_CREDENTIALS_FILE"], profile="fleet").takes("one", "1.2.3")
    code, message = agent({**files, "AWS_PROFILE": "gone"}).fails("one")
    assert code == "invalid" and "gone" in message, "a profile that is asked for and missing is an error, not the next in turn"


def test_the_environment_comes_first(agent, minio, tmp_path):
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = AKIANOTTHISONE\naws_secret_access_key = SECRETnotthisone\n")
    agent({**keys(minio.session()), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}).takes("one", "1.2.3")


@pytest.fixture
def imds(tmp_path):
    started = []

    def imds(credentials, **more):
        folder = tmp_path / f"imds-{len(started)}"
        folder.mkdir()
        started.append(Imds(folder, credentials, **more))
        return started[-1]
    yield imds
    for server in started:
        server.stop()


def at(imds):
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.url, "AWS_EC2_METADATA_DISABLED": "false"}


def test_the_role_of_an_ec2_host(agent, minio, imds):
    session = minio.session()
    service = imds(session)
    daemon = agent(at(service))
    daemon.takes("one", "1.2.3")
    service.stop()
    daemon.takes("one", "1.2.3")    # for an hour nobody is asked again
    assert_silent(daemon, session)


def test_a_role_whose_session_has_expired_is_used_while_nothing_newer_comes(agent, minio, imds):
    """A metadata service that lags behind is known to happen: what it says may still be good, and who refuses it is the store."""
    agent(at(imds(minio.session(), seconds=-60))).takes("one", "1.2.3")


def test_no_metadata_service_is_an_answer_not_a_wait(agent, imds, minio):
    service = imds(minio.session())
    service.stop()
    began = time.monotonic()
    code, message = agent(at(service)).fails("one")
    assert code == "transient" and "no instance metadata service answers" in message
    assert time.monotonic() - began < 8


@pytest.fixture
def container(minio):
    started = []

    def container(credentials, authorization, **more):
        started.append(ContainerCredentials(credentials, authorization, **more))
        return started[-1]
    yield container
    for server in started:
        server.stop()


def test_a_containers_endpoint_with_a_token_in_the_environment(agent, minio, container):
    session = minio.session()
    server = container(session, "SECRET-of-the-task")
    environment = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/v2/credentials/upkeep"}
    daemon = agent({**environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "SECRET-of-the-task"})
    daemon.takes("one", "1.2.3")
    assert set(server.asked) == {"/v2/credentials/upkeep"} and len(server.asked) == 1
    assert_silent(daemon, session)
    code, message = agent({**environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "SECRET-another"}).fails("one")
    assert "401" in message


def test_a_pods_token_file_is_read_anew(agent, minio, container, tmp_path):
    """As EKS Pod Identity has it: the token is rotated, and the sessions are short."""
    token = tmp_path / "eks-pod-identity-token"
    token.write_text("SECRET-first")
    server = container(minio.session(), "SECRET-first", seconds=2)     # asked for anew when half of that has passed
    daemon = agent({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/v1/credentials",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)})
    daemon.takes("one", "1.2.3")
    token.write_text("SECRET-second")
    server.authorization, server.credentials, given = "SECRET-second", minio.session(), server.given
    wait_until("it is given another session", lambda: daemon.takes("one", "1.2.3") and server.given > given)


@pytest.mark.parametrize("address", ["http://192.0.2.1/credentials", "http://example.com/credentials"])
def test_a_containers_endpoint_elsewhere_is_not_asked(agent, address):
    environment = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": address, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "SECRET-of-the-task"}
    code, message = agent(environment).fails("one")
    assert code in ("invalid", "denied") and "AWS_CONTAINER_CREDENTIALS_FULL_URI" in message


class Pod:
    """A pod with a role: `environment`, and the file of its token, which somebody else keeps up to date."""

    def __init__(self, folder, minio, issuer):
        self.file, self._issuer, self._minio = folder / "token", issuer, minio
        self.environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(self.file), "AWS_ROLE_ARN": minio.role, "AWS_ROLE_SESSION_NAME": "host-7"}

    def gets(self, **more):
        """A new token."""
        self.token = self._issuer.token(**more)
        self.file.write_text(self.token)


@pytest.fixture
def pod(minio, issuer, tmp_path):
    pod = Pod(tmp_path, minio, issuer)
    pod.gets()
    return pod


def test_a_role_for_a_pods_token(agent, minio, pod, front):
    sts = front(minio)
    daemon = agent(pod.environment, credentials="web-identity", sts_endpoint=sts.url)
    daemon.takes("one", "1.2.3")
    daemon.takes("one", "1.2.3")
    assert sts.signed == [False], "asked once, and unsigned: the token is the proof"
    assert pod.token not in everything(daemon)


def test_a_session_that_ends_is_got_anew_with_the_token_of_then(agent, minio, pod, bucket):
    pod.gets(seconds=6)
    daemon, same = agent(pod.environment, credentials="web-identity", sts_endpoint=minio.url), minio.session_for(pod.token)
    daemon.takes("one", "1.2.3")
    wait_until("the session has ended", lambda: minio.ask("GET", f"/{bucket}/current/version", credentials=same)[0] == 403)
    code, message = daemon.fails("one")
    assert code == "denied" and pod.token not in message, message
    pod.gets()
    minio.publish(bucket, version="1.2.4\n")
    daemon.takes("one", "1.2.4")


@pytest.mark.parametrize("wrong", [{"key": RsaKey()}, {"audience": "somebody-else"}, {"seconds": -60}],
                         ids=["forged", "another-audience", "expired"])
def test_a_pods_token_that_is_not_accepted(agent, minio, pod, wrong):
    pod.gets(**wrong)
    daemon = agent(pod.environment, credentials="web-identity", sts_endpoint=minio.url)
    code, message = daemon.fails("one")
    assert code in ("denied", "invalid") and minio.url in message, message
    assert pod.token not in everything(daemon)
    pod.gets()
    daemon.takes("one", "1.2.3")


def test_a_session_in_the_environment_that_has_ended(agent, minio, bucket, issuer):
    session = minio.session_for(issuer.token(seconds=1))
    wait_until("the session has ended", lambda: minio.ask("GET", f"/{bucket}/current/version", credentials=session)[0] == 403)
    daemon = agent(keys(session))
    code, message = daemon.fails("one")
    assert code == "denied", message
    assert_silent(daemon, session)
