# SPDX-License-Identifier: Apache-2.0
"""Whoever gives a bucket's credentials turns hostile: the metadata server of Google's or Amazon's cloud, asked because the store says that
those that were shown count no longer."""

import json

import pytest
from hostile_server import HostileServer, answer, endless, says, slow
from siege import BUCKETS, KEY, KEY_ID, TOKEN

pytestmark = pytest.mark.parametrize("siege", BUCKETS, indirect=True)

OK = b"HTTP/1.1 200 OK\r\nMetadata-Flavor: Google\r\n"
FLAVOR = ["Metadata-Flavor: Google"]


def gives(siege, google, amazon):
    """A play: the members of a good answer, with these instead."""
    base = {"access_token": TOKEN, "expires_in": 3600} if siege.kind == "gcs" else \
        {"AccessKeyId": KEY_ID, "SecretAccessKey": KEY, "Token": TOKEN, "Expiration": "2099-01-01T00:00:00Z"}
    return says(answer(json.dumps({**base, **(google if siege.kind == "gcs" else amazon)}).encode(), headers=FLAVOR))


@pytest.fixture
def distrusted(siege):
    """A siege whose store refuses what it is shown."""
    siege.server.be(says(answer(b"<Error><Code>ExpiredToken</Code></Error>", "401 Unauthorized")))
    return siege


@pytest.mark.parametrize("play, codes", [
    pytest.param(endless(OK + b"\r\n", b"x" * 10_000), ["invalid"], id="endless"),
    pytest.param(endless(OK, b"X-Filler: " + b"x" * 1000 + b"\r\n"), ["invalid"], id="endless-headers"),
    pytest.param(says(answer(b"", headers=FLAVOR)), ["invalid", "internal"], id="empty"),
    pytest.param(says(answer(b"<html>Sign in</html>", headers=FLAVOR)), ["invalid", "internal"], id="a-page"),
    pytest.param(says(answer(b'{"access_token": "' + b"x" * 300 + b'"', headers=FLAVOR)), ["invalid", "internal"], id="cut"),
    pytest.param(says(answer(b"[" * 10_000, headers=FLAVOR)), ["invalid", "internal"], id="10000-deep"),
    pytest.param(says(answer(bytes(range(256)), headers=FLAVOR)), ["invalid", "internal"], id="binary"),
    pytest.param(says(answer(b"{}", headers=FLAVOR)), ["invalid", "internal"], id="nothing"),
    pytest.param(says(answer(b"[]", headers=FLAVOR)), ["invalid", "internal"], id="a-list"),
    pytest.param(says(answer(b'{"access_token": "a", "' + b"k" * 30_000 + b'": {' + b",".join(b'"%04x":1' % n for n in range(3500)) + b"}}",
                             headers=FLAVOR)), ["invalid", "internal"], id="long-names"),
    pytest.param(says(answer(b"", "404 Not Found")), ["denied", "invalid"], id="404"),
    pytest.param(says(answer(b"", "403 Forbidden")), ["denied"], id="403"),
    pytest.param(says(answer(b"", "500 Internal Server Error")), ["transient"], id="500"),
    pytest.param(says(b"SSH-2.0-OpenSSH_9.2\r\n"), ["invalid"], id="ssh"),
    pytest.param(lambda connection, request: connection.close(), ["transient"], id="hangs-up"),
])
def test_an_answer_that_is_none(distrusted, play, codes):
    distrusted.tokens.be(play)
    assert "x" * 100 not in distrusted.withstands(codes)


def test_one_that_takes_its_time(distrusted):
    distrusted.tokens.be(slow(OK + b"Content-Length: 1000\r\n\r\n", b" "))
    distrusted.withstands("timeout", agent="hasty")


@pytest.mark.parametrize("value", ["SECRET\r\nX-Injected: yes", "SECRET TWO", "SECRET\0", "", "SECRET-ü", None, ["SECRET"], "x" * 60_000])
def test_a_credential_that_is_none(distrusted, value):
    distrusted.tokens.be(gives(distrusted, {"access_token": value}, {"AccessKeyId": value}))
    message = distrusted.withstands(["invalid", "internal"])
    assert "SECRET" not in message and "x" * 100 not in message
    assert not any(b"X-Injected" in request for request in distrusted.server.requests)


def test_an_encoding_is_not_quoted(distrusted):
    distrusted.tokens.be(says(answer(b"{}", headers=[*FLAVOR, f"Content-Encoding: {TOKEN}"])))
    assert "the body is encoded in a way that was not asked for" in distrusted.withstands("invalid")
    assert TOKEN not in distrusted.daemon.log


@pytest.mark.parametrize("place", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://169.254.169.254/"])
def test_no_redirect_is_followed(distrusted, certificate, place):
    trap = HostileServer(certificate if place.startswith("https") else None)
    distrusted.tokens.be(says(answer(b"", "302 Found", [f"Location: {place.format(port=trap.port)}", *FLAVOR])))
    distrusted.withstands("invalid", "302")
    trap.stop()
    assert trap.requests == []
