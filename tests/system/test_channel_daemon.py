# SPDX-License-Identifier: Apache-2.0
"""What the daemon makes of servers that are only different: HTTP/2, HTTP/1.0, 304, agents that share a poller."""

import os

import pytest
from hostile_server import HostileServer, answer


def source(server, authority, **more):
    return {"url": server.url, "ca_file": authority.crt, **more}


@pytest.mark.parametrize("listen, protocol", [("ssl http2", "HTTP/2.0"), ("ssl", "HTTP/1.1")])
def test_what_has_not_changed_is_answered_with_304(nginx, channel_daemon, authority, listen, protocol):
    server = nginx(listen=listen)
    server.publish(version="1.2.3")
    daemon = channel_daemon({"one": source(server, authority)})
    daemon.takes("one", "1.2.3")
    before = len(server.lines(2))
    for reads in (1, 2):
        daemon.takes("one", "1.2.3")
        lines = server.lines(before + 2 * reads)[before:]
        assert all(line.startswith(f"{protocol} 304 ") for line in lines), lines
    server.publish(version="1.2.30")     # nginx makes its ETag of time and size
    daemon.takes("one", "1.2.30")


def test_a_cursor_outlives_the_daemon_with_its_bytes(nginx, channel_daemon, authority):
    server = nginx()
    server.publish(version="1.2.3")
    daemon = channel_daemon({"one": source(server, authority)})
    daemon.takes("one", "1.2.3")
    before = len(server.lines(2))
    daemon.restart()
    daemon.takes("one", "1.2.3")
    lines = server.lines(before + 2)[before:]
    assert all(" 304 " in line for line in lines), lines


def test_http_1_0_is_enough(siege):
    version = siege.version + "9"
    body = {b"/current/version": version.encode(), b"/current/critical": b"no"}
    siege.server.be(lambda connection, request: connection.sendall(
        b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body[request.split(b" ")[1]]), body[request.split(b" ")[1]])))
    siege.daemon.takes("patient", version)


def test_agents_with_equal_sources_share_one_read_and_others_do_not(certificate, authority, channel_daemon, tmp_path):
    server = HostileServer(certificate)
    (tmp_path / "token").write_text("abc")
    shared = source(server, authority)
    daemon = channel_daemon({"one": shared, "two": shared, "three": {**shared, "token_file": tmp_path / "token"}})
    for agent in ("one", "two", "three"):
        daemon.takes(agent, "1.0.0")
    daemon.wait(lambda: daemon.status("two")["offered"])
    server.be_good("1.0.1")
    asked = len(server.requests)
    daemon.takes("one", "1.0.1")
    daemon.wait(lambda: daemon.status("two")["offered"]["version"] == "1.0.1")
    assert daemon.status("three")["offered"]["version"] == "1.0.0", "its poller has a token, and its own time"
    assert not any(b"Bearer" in request for request in server.requests[asked:])
    server.stop()


def test_a_cursor_stays_with_the_place_it_was_read_from(nginx, channel_daemon, authority, certificate):
    """A redirect that leads to another server one day must not have the first one's ETag confirmed by the second."""
    one, two = nginx(), nginx()
    for server, version in ((one, "1.0.1"), (two, "1.0.2")):
        server.publish("files", version)
        os.utime(server.www / "files/version", (1_700_000_000, 1_700_000_000))
    front = HostileServer(certificate)

    def to(server):
        return lambda connection, request: connection.sendall(
            answer(status="302 Found", headers=[f"Location: {server.url}/files/{request.split(b' ')[1].decode().split('/')[-1]}"]))
    front.be(to(one))
    daemon = channel_daemon({"one": source(front, authority)})
    daemon.takes("one", "1.0.1")
    front.be(to(two))
    daemon.takes("one", "1.0.2")
    front.stop()
