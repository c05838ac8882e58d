# SPDX-License-Identifier: Apache-2.0
"""Client certificate, token and headers: shown to the configured server, to nobody else, and never said anywhere."""

import json
import re
import socket
import threading

import pytest
from hostile_server import HostileServer, answer

TOKEN, KEY, PASSWORD = "MARKER-token-1", "MARKER-header-2", "MARKER-password-3"


@pytest.fixture(scope="module")
def client(authority):
    return authority.issue("client", subject="DNS:host-7.example.com", usage="clientAuth")


@pytest.fixture
def secrets(tmp_path, client):
    """The keys of a [source] that shows everything there is to show."""
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "headers").write_text(f"# for the gateway\nX-Api-Key: {KEY}\nCookie: session={KEY}\n")
    return {"client_cert": client.crt, "client_key": client.key, "token_file": tmp_path / "token", "headers_file": tmp_path / "headers"}


@pytest.fixture
def recorder(certificate, authority):
    """recorder(): a TLS server that asks for a client certificate and keeps all that it is told."""
    started = []

    def recorder():
        started.append(HostileServer(certificate, ask_for=authority))
        return started[-1]
    yield recorder
    for server in started:
        server.stop()


def was_shown(server):
    """What of the secrets came there: words, and "certificate"."""
    heads = b"".join(server.requests).decode()
    shown = {word for word in (TOKEN, KEY) if word in heads}
    return shown | ({"certificate"} if any(server.shown) else set())


def configuration(server, authority, **more):
    return {"channel-agent": {"url": server.url, "ca_file": authority.crt, **more}}


ALL = {TOKEN, KEY, "certificate"}


def test_the_configured_server_is_shown_all_of_it_for_both_files(recorder, channel_daemon, authority, secrets):
    server = recorder()
    channel_daemon(configuration(server, authority, **secrets)).takes("channel-agent", "1.0.0")
    assert was_shown(server) == ALL
    for request in server.requests[:2]:
        assert f"Authorization: Bearer {TOKEN}\r\n".encode() in request and f"X-Api-Key: {KEY}\r\n".encode() in request
    assert server.shown[0] == server.shown[1] is not None


def test_nginx_demands_a_client_certificate(nginx, channel_daemon, authority, other_authority, secrets, client, tmp_path):
    server = nginx(more=f"ssl_client_certificate {authority.crt}; ssl_verify_client on; "
                        f'if ($http_authorization != "Bearer {TOKEN}") {{ return 401; }}')
    server.publish(version="1.2.3")
    both = tmp_path / "both.pem"
    both.write_text(client.crt.read_text() + client.key.read_text())
    both_in_one = {"client_cert": both, "token_file": secrets["token_file"]}
    stranger = other_authority.issue("stranger", usage="clientAuth")
    wrong = {"client_cert": stranger.crt, "client_key": stranger.key, "token_file": secrets["token_file"]}
    agents = {name: configuration(server, authority, **more)["channel-agent"] for name, more in
              (("right", secrets), ("both", both_in_one), ("wrong", wrong), ("none", {"token_file": secrets["token_file"]}))}
    daemon = channel_daemon(agents)
    daemon.takes("right", "1.2.3")
    daemon.takes("both", "1.2.3")
    daemon.wait(lambda: "HTTP/2.0 200" in server.log())
    for agent in ("wrong", "none"):
        code, message = daemon.fails(agent)
        assert code == "invalid" and f"{server.url}/current/version: the server answered with status 400" in message


def test_nginx_demands_a_token_which_is_read_anew_for_each_poll(nginx, channel_daemon, authority, tmp_path):
    server = nginx(more='if ($http_authorization != "Bearer second") { return 401; }')
    server.publish(version="1.2.3")
    (tmp_path / "token").write_text("first")
    daemon = channel_daemon(configuration(server, authority, token_file=tmp_path / "token"))
    assert daemon.fails("channel-agent") == ("denied", f"{server.url}/current/version: the server answered with status 401")
    (tmp_path / "token").write_text("second")
    daemon.takes("channel-agent", "1.2.3")
    (tmp_path / "token").unlink()
    code, message = daemon.fails("channel-agent")
    assert code == "invalid" and message.startswith(f"token_file: {tmp_path}/token")
    (tmp_path / "token").write_text("second")
    daemon.takes("channel-agent", "1.2.3")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["another-port", "another-host"])
def test_a_redirect_elsewhere_takes_nothing_along(recorder, channel_daemon, authority, secrets, host):
    """Not even when the other server asks for a certificate, and sends us back to where we came from."""
    near, far = recorder(), HostileServer(authority.issue("far", subject="IP:127.0.0.1,DNS:localhost"), ask_for=authority)
    there = f"https://{host}:{far.port}"
    near.be(lambda connection, request: connection.sendall(
        answer(b"1.2.3") if request.startswith(b"GET /back") else
        answer(status="302 Found", headers=[f"Location: {there}/far"])))
    far.be(lambda connection, request: connection.sendall(answer(b"1.2.3")))
    daemon = channel_daemon(configuration(near, authority, **secrets))
    daemon.takes("channel-agent", "1.2.3")
    assert was_shown(near) == ALL
    assert len(far.requests) >= 2 and was_shown(far) == set()

    far.be(lambda connection, request: connection.sendall(answer(status="302 Found", headers=[f"Location: {near.url}/back?x"])))
    seen = len(near.requests), len(near.shown)
    daemon.takes("channel-agent", "1.2.3")
    back = [request for request in near.requests[seen[0]:] if request.startswith(b"GET /back")]
    assert back and not any(b"MARKER" in request for request in back), "what another server wishes is not ours"
    far.stop()


def test_a_redirect_to_plain_http_takes_nothing_along(recorder, channel_daemon, authority, secrets):
    heard = []
    plain = socket.create_server(("127.0.0.1", 0))

    def listen():
        while True:
            heard.append(plain.accept()[0].recv(4096))
    threading.Thread(target=listen, daemon=True).start()
    server = recorder()
    server.be(lambda connection, request: connection.sendall(
        answer(status="302 Found", headers=[f"Location: http://127.0.0.1:{plain.getsockname()[1]}/version"])))
    code, message = channel_daemon(configuration(server, authority, **secrets)).fails("channel-agent")
    assert code == "invalid" and "only https is followed" in message
    assert heard == []


def test_a_redirect_on_the_same_server_keeps_them(recorder, channel_daemon, authority, secrets):
    server = recorder()

    def play(connection, request):
        moved = request.split(b" ")[1].startswith(b"/moved/")
        assert TOKEN.encode() in request
        connection.sendall(answer(b"1.2.3") if moved else answer(status="302 Found", headers=["Location: /moved/here"]))
    server.be(play)
    channel_daemon(configuration(server, authority, **secrets)).takes("channel-agent", "1.2.3")
    assert all(TOKEN.encode() in request for request in server.requests)


def test_a_proxy_is_told_where_to_connect_and_nothing_else(recorder, channel_daemon, authority, secrets, proxy):
    server = recorder()
    with_password = proxy.url.replace("http://", f"http://olga:{PASSWORD}@")
    daemon = channel_daemon(configuration(server, authority, proxy=with_password, **secrets))
    daemon.takes("channel-agent", "1.0.0")
    assert was_shown(server) == ALL, "through the tunnel"
    assert set(proxy.asked) == {f"127.0.0.1:{server.port}"}
    for head in proxy.heads:
        names = {line.split(":")[0].lower() for line in head.decode().strip().split("\r\n")[1:]}
        assert names <= {"host", "proxy-authorization", "user-agent", "proxy-connection"}, head
    assert PASSWORD not in daemon.log
    proxy.stop()
    code, message = daemon.fails("channel-agent")
    assert code == "transient" and PASSWORD not in message


def test_a_proxy_of_the_environment_is_used(recorder, channel_daemon, authority, proxy):
    server = recorder()
    channel_daemon(configuration(server, authority), https_proxy=proxy.url).takes("channel-agent", "1.0.0")
    assert set(proxy.asked) == {f"127.0.0.1:{server.port}"}


def test_they_are_said_nowhere(recorder, channel_daemon, authority, secrets, client, proxy):
    """Not by any command, not in the log at its most talkative, not in the state folder, whatever goes wrong."""
    server = recorder()
    daemon = channel_daemon(configuration(server, authority, proxy=proxy.url.replace("http://", f"http://olga:{PASSWORD}@"), **secrets))
    stream = daemon.events()
    said = [daemon.takes("channel-agent", "1.0.0")]
    to = [f"https://olga:{PASSWORD}@127.0.0.1:1/x?token={TOKEN}#{KEY}", f"http://{TOKEN}@127.0.0.1:1/?{KEY}", f"http://127.0.0.1:1/{TOKEN}"]
    troubles = [answer(status="401 Unauthorized"), answer(TOKEN.encode()), answer(b"1.2.3", headers=[f"ETag: {KEY}"]),   # it says them back
                *(answer(status="302 Found", headers=[f"Location: {place}"]) for place in to)]
    for trouble in troubles:
        server.be(lambda connection, request, trouble=trouble: connection.sendall(trouble))
        said.append(daemon.fails("channel-agent"))
    server.be_good("1.0.1")
    for name, content in (("token_file", f"{TOKEN} {TOKEN}"), ("headers_file", f"X-Api-Key {KEY}"), ("headers_file", f"Host: {KEY}")):
        good = secrets[name].read_text()
        secrets[name].write_text(content)
        code, message = daemon.fails("channel-agent")
        assert code == "invalid" and str(secrets[name]) in message
        said.append(message)
        secrets[name].write_text(good)
    daemon.takes("channel-agent", "1.0.1")
    for command in (["status"], ["history"], ["check"], ["dry-run"], ["schedule", "show"], ["config", "check", daemon.folder],
                    ["explain", "--config", daemon.folder / "agents.d/channel-agent.toml", "--installed", "1.0.0", "--version", "2.0.0"]):
        for more in ([], ["--json"]):
            done = daemon.cli(*command, *more)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
            said += [done.stdout, done.stderr]
    stream.terminate()
    events = stream.communicate(timeout=30)[0]
    assert "poll_error" in events
    said += [events, daemon.log]
    state = [path.read_text() for path in (daemon.folder / "state").rglob("*") if path.is_file()]
    assert any("1.0.1" in text for text in state), "the journal was looked at"
    key = client.key.read_text().splitlines()
    pieces = [TOKEN, KEY, PASSWORD, *(line for line in key if len(line) > 20 and not line.startswith("-----"))]
    assert len(pieces) > 4
    everything = json.dumps([said, state])
    for piece in pieces:
        assert piece not in everything, re.search(f".{{0,200}}{re.escape(piece)}", everything)[0]


@pytest.mark.parametrize("key, content, words", [
    pytest.param("client_cert", None, "client_cert: {file}", id="no-certificate"),
    pytest.param("client_cert", "MARKER", "client_cert {file}: holds no certificate in PEM", id="garbage-for-a-certificate"),
    pytest.param("client_key", None, "client_key: {file}", id="no-key"),
    pytest.param("client_key", "MARKER", "client_key {file}: holds no private key in PEM", id="garbage-for-a-key"),
    pytest.param("client_key", "-----BEGIN PRIVATE KEY-----\nMARKER\n-----END PRIVATE KEY-----\n", "{file}", id="a-key-that-is-none"),
    pytest.param("token_file", None, "token_file: {file}", id="no-token"),
    pytest.param("token_file", " \n", "token_file {file}: is empty", id="empty-token"),
    pytest.param("token_file", "MARKER" * 2000, "token_file: {file}", id="long-token"),
    pytest.param("token_file", "MARKER\nMARKER", "token_file {file}: must hold one token", id="two-tokens"),
    pytest.param("headers_file", None, "headers_file: {file}", id="no-headers"),
    pytest.param("headers_file", "A: b\nMARKER", "headers_file {file}: line 2: must be Name: value", id="no-header"),
    pytest.param("headers_file", "Host: MARKER", "headers_file {file}: line 1: Host belongs to the connection", id="host"),
])
def test_a_file_that_is_missing_or_wrong_is_named(recorder, channel_daemon, authority, secrets, tmp_path, key, content, words):
    server = recorder()
    daemon = channel_daemon(configuration(server, authority, **{**secrets, key: tmp_path / "odd"}))
    if content is not None:
        (tmp_path / "odd").write_text(content)
    code, message = daemon.fails("channel-agent")
    assert code == "invalid" and words.format(file=tmp_path / "odd") in message and "MARKER" not in message
    assert server.requests == [], "nobody was asked"
    (tmp_path / "odd").write_bytes(secrets[key].read_bytes())
    daemon.takes("channel-agent", "1.0.0")


def test_a_key_without_its_certificate_is_a_configuration_error(channel_daemon, tmp_path, upkeep, client):
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "upkeep.toml").write_text("")
    (tmp_path / "agents.d/one.toml").write_text(
        f'[source]\nuse = "https"\nurl = "https://127.0.0.1"\nchannel = "current"\nclient_key = "{client.key}"\n'
        '[[schedule]]\nuse = "window"\nnever = true\n[installer]\nuse = "apt"\npackage = "bash"\n')
    done = upkeep("config", "check", tmp_path, "--json")
    assert done.status == 1
    [error] = done.json["errors"]
    assert error["line"] == 5 and "client_key" in error["message"] and "is of no use without client_cert" in error["message"], error
