# SPDX-License-Identifier: Apache-2.0
"""http and tcp probes of the real daemon against real servers, good and bad: each is an upgrade that is committed or taken back."""

import itertools
import socket
import socketserver
import threading

import pytest
from conftest import BUILD
from daemon import Daemon
from hostile_server import HostileServer, answer, endless, says, slow
from servers import read_head

NUMBERS = itertools.count()
HEALTH = '[health]\nsoak = "1s"\nbaseline = "strict"\n[[health.probe]]\ntimeout = "2s"\ninterval = "1s"\n'


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("probes"), BUILD)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def upgrade(daemon):
    """Upgrades a new agent with this probe; returns its result and detail."""
    numbers = NUMBERS

    def one(**probe):
        name = f"agent{next(numbers)}"
        daemon.release("2.0.0", name)
        daemon.play(name, more=HEALTH + "".join(f"{key} = {value!r}\n" for key, value in probe.items()).replace("'", '"'))
        assert daemon.cli("reload").returncode == 0
        daemon.ask("POST", f"/v1/agents/{name}/check")  # its first poll comes at a random moment
        last = daemon.wait(lambda: (daemon.status(name)["last_operation"] or {}).get("result") and daemon.status(name)["last_operation"])
        return last["result"], last["detail"]
    return one


@pytest.fixture
def serve():
    """A server on loopback, with a certificate or plain."""
    servers = []

    def one(play, certificate=None):
        servers.append(HostileServer(certificate, play=play))
        return servers[-1]
    yield one
    for server in servers:
        server.stop()


def test_a_status_a_text_and_a_value_that_are_as_wanted(upgrade, serve):
    server = serve(says(answer(b'{"state": "up", "checks": [1]}')))
    url = f"http://127.0.0.1:{server.port}/readyz"
    assert upgrade(use="http", url=url)[0] == "committed"
    assert upgrade(use="http", url=url, body='up', json="/checks/0", value="1")[0] == "committed"
    assert upgrade(use="http", url=url, json="/state", value="down") == (
        "rolled_back", f'unhealthy: http 127.0.0.1:{server.port}/readyz: 200 OK, but /state is "up", not "down"')


def test_a_status_that_is_not_wanted_with_what_it_said(upgrade, serve):
    server = serve(says(answer(b"no database", status="503 Service Unavailable")))
    result, detail = upgrade(use="http", url=f"http://127.0.0.1:{server.port}/")
    assert (result, detail) == ("rolled_back", f'unhealthy: http 127.0.0.1:{server.port}/: 503 Service Unavailable: "no database"')
    assert upgrade(use="http", url=f"http://127.0.0.1:{server.port}/", status="503")[0] == "committed"


def test_no_redirect_is_followed(upgrade, serve):
    good = serve(says(answer()))
    server = serve(says(answer(status="302 Found", headers=[f"Location: {good.url}/"])))
    result, detail = upgrade(use="http", url=f"http://127.0.0.1:{server.port}/")
    assert result == "rolled_back" and detail.endswith(": 302 Found")
    assert not good.requests


def test_bodies_without_end_and_answers_that_take_for_ever(upgrade, serve):
    server = serve(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536))
    result, detail = upgrade(use="http", url=f"http://127.0.0.1:{server.port}/")
    assert result == "rolled_back" and detail.endswith("the body is longer than 262144 bytes")
    server = serve(slow(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x"))
    result, detail = upgrade(use="http", url=f"http://127.0.0.1:{server.port}/")
    assert result == "rolled_back" and "timed out" in detail


def test_tls_with_an_authority_of_its_own(upgrade, serve, authority):
    server = serve(says(answer()), authority.issue("loopback"))
    url = f"https://127.0.0.1:{server.port}/"
    assert upgrade(use="http", url=url, ca_file=str(authority.crt))[0] == "committed"
    result, detail = upgrade(use="http", url=url)
    assert result == "rolled_back" and "trusting" in detail


def test_tls_for_the_urls_host_at_another_address(upgrade, serve, authority):
    server = serve(says(answer()), authority.issue("agent", "DNS:agent.example.com"))
    there = {"address": f"127.0.0.1:{server.port}", "ca_file": str(authority.crt)}
    assert upgrade(use="http", url="https://agent.example.com:8443/", **there)[0] == "committed"
    result, detail = upgrade(use="http", url="https://other.example.com:8443/", **there)
    assert result == "rolled_back" and "other.example.com" in detail


def test_a_server_on_a_unix_socket(upgrade, tmp_path):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            if read_head(self.request):
                self.request.sendall(answer(b"ready"))

    path = str(tmp_path / "s")
    with socketserver.ThreadingUnixStreamServer(path, Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert upgrade(use="http", url="http://agent/readyz", unix_socket=path, body="ready")[0] == "committed"
        assert upgrade(use="tcp", address=path)[0] == "committed"
        server.shutdown()


def test_a_port_that_is_open_and_one_that_is_not(upgrade, serve):
    server = serve(says(answer()))
    assert upgrade(use="tcp", address=f"127.0.0.1:{server.port}")[0] == "committed"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % closed.getsockname()[1]
        assert upgrade(use="tcp", address=address) == ("rolled_back", f"unhealthy: tcp {address}: {address}: Connection refused")


def test_another_host_is_not_asked_and_refuses_the_upgrade(daemon):
    daemon.release("2.0.0", "elsewhere")
    daemon.play("elsewhere", more=HEALTH + 'use = "http"\nurl = "https://192.0.2.1/"')
    assert daemon.cli("reload").returncode == 0
    daemon.ask("POST", "/v1/agents/elsewhere/check")
    agent = daemon.wait(lambda: daemon.status("elsewhere")["decision"]["reason"] == "refused" and daemon.status("elsewhere"))
    assert agent["decision"]["text"].endswith('https 192.0.2.1/: https://192.0.2.1/: "192.0.2.1" is no address of this host')
    assert agent["installed"] == "1.0.0-1"
