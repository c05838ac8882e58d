# SPDX-License-Identifier: Apache-2.0
"""Redirects that lead where no channel is."""

import pytest
from hostile_server import answer


def to(place):
    return lambda connection, request: connection.sendall(answer(status="302 Found", headers=[f"Location: {place}"]))


def test_to_plain_http(siege):
    siege.server.be(to("http://127.0.0.1:1/current/version"))
    siege.withstands("invalid", "redirected to http://127.0.0.1:1/current/version, but only https is followed")


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/version", "gopher://127.0.0.1:1/version", "scp://127.0.0.1/etc/passwd",
                                   "javascript:alert(1)", "unix:///run/docker.sock"])
def test_to_another_protocol(siege, place):
    siege.server.be(to(place))
    siege.withstands("invalid", "redirected")


def test_to_itself(siege):
    siege.server.be(to("/current/version"))
    siege.withstands("invalid", "more than 5 redirects")


def test_through_six_addresses(siege):
    def play(connection, request):
        hop = request.split(b" ")[1].count(b"x") + 1
        to(f"/current/{'x' * hop}/version")(connection, request)
    siege.server.be(play)
    asked = len(siege.server.requests)
    siege.withstands("invalid", "more than 5 redirects")
    hops = [request for request in siege.server.requests[asked:] if b"GET /current/x" in request]
    assert len(hops) == 5


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "0xa9fea9fe", "2852039166"])
def test_to_a_link_local_address(siege, host):
    siege.server.be(to(f"https://{host}/latest/meta-data/iam"))
    siege.withstands("invalid", "/latest/meta-data/iam, a link-local address")


@pytest.mark.parametrize("place", ["https://", "https://:0/", "https://[::1", "https://%00/", "https://a b/", "https://127.0.0.1:99999/",
                                   "https://user@@:x/", pytest.param("https://" + "a" * 3000, id="long")])
def test_to_what_is_no_address(siege, place):
    siege.server.be(to(place))
    siege.withstands("invalid")
    assert "a" * 1000 not in siege.daemon.log


def test_to_nobody(siege):
    siege.server.be(to("https://127.0.0.1:1/version?token=MARKER"))
    siege.withstands("transient", places=["https://127.0.0.1:1/version"])
    assert "MARKER" not in siege.daemon.log


@pytest.mark.parametrize("status", ["300 Multiple Choices", "304 Not Modified", "305 Use Proxy", "302 Found"])
def test_that_names_no_place(siege, status):
    siege.server.be(lambda connection, request: connection.sendall(answer(status=status)))
    siege.withstands("internal" if status.startswith("304") else "invalid", "not modified" if status.startswith("304") else status[:3])
