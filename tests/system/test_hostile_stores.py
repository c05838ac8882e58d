# SPDX-License-Identifier: Apache-2.0
"""An object store that turns hostile: redirects, which nobody follows there, error pages, regions, and credentials said back."""

import pytest
from hostile_server import HostileServer, answer
from siege import BUCKETS, KEY_ID, TOKEN

pytestmark = pytest.mark.parametrize("siege", BUCKETS, indirect=True)

ELSEWHERE = "it sends the request elsewhere, and names no region"


def page(text, status="403 Forbidden", headers=()):
    return lambda connection, request: connection.sendall(answer(text, status, headers))


def refusal(code, status="403 Forbidden", headers=()):
    return page(f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>SECRET</Message></Error>'.encode(), status, headers)


@pytest.fixture
def trap(certificate):
    """Nobody is to come here."""
    server = HostileServer(certificate)
    yield server
    server.stop()
    assert server.requests == []


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"])
@pytest.mark.parametrize("place", ["http://127.0.0.1:{trap}/current/version", "https://127.0.0.1:{trap}/current/version", "/channels/other/version",
                                   "http://169.254.169.254/latest/meta-data/iam", "https://[fd00:ec2::254]/", "file:///etc/passwd"])
def test_no_redirect_is_followed(siege, trap, status, place):
    siege.server.be(page(b"", status, [f"Location: {place.format(trap=trap.port)}"]))
    asked = len(siege.server.requests)
    siege.withstands("invalid", status[:3], ELSEWHERE)
    assert not any(b"/other/" in request for request in siege.server.requests[asked:])


@pytest.mark.parametrize("region", ["../../x", "a" * 41, "evil.example.com", "eu-west-1@evil", "EU", "a\x1b[2J", "a\tb"])
def test_a_region_that_is_none(siege, region):
    siege.server.be(refusal("AuthorizationHeaderMalformed", "400 Bad Request", [f"x-amz-bucket-region: {region}"]))
    siege.withstands("invalid", "400, AuthorizationHeaderMalformed")
    assert "\x1b" not in siege.daemon.log


def test_another_region_each_time(siege):
    numbers = iter(range(1000))
    siege.server.be(lambda connection, request: refusal("PermanentRedirect", "301 Moved Permanently", [f"x-amz-bucket-region: r-{next(numbers)}"])
                    (connection, request))
    siege.withstands("invalid", "301, PermanentRedirect", "it sends the request elsewhere, to r-")
    assert next(numbers) <= 2 * 5, "once more for each poll, of which a check makes a few"


LAUGHS = b'<!DOCTYPE e [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (ord("a") + n, b"&%c;" % (ord("a") + n - 1) * 10) for n in range(1, 15)) + b"]><Error><Code>&o;</Code></Error>"


@pytest.mark.parametrize("text", [
    pytest.param(b"", id="empty"),
    pytest.param(b"<html><body>Sign in to the hotel's network</body></html>", id="a-page"),
    pytest.param(b"<Error>" * 9000, id="9000-deep"),
    pytest.param(b"<Error><Code>AccessDenied", id="cut"),
    pytest.param(LAUGHS, id="billion-laughs"),
    pytest.param(b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><Error><Code>&x;</Code></Error>', id="external-entity"),
    pytest.param(b"<Error><Code>" + b"A" * 60_000 + b"</Code></Error>", id="long-code"),
    pytest.param(b"<Error><Code>a b\x1b[2J\n</Code></Error>", id="no-code"),
    pytest.param(bytes(range(256)), id="binary"),
    pytest.param("<Error><Code>Access</Code></Error>".encode("utf-16"), id="utf-16"),
])
def test_an_error_page_that_is_none(siege, text):
    siege.server.be(page(text))
    siege.withstands("denied", "the server answered with status 403")
    for bad in ("root:", "\x1b", "A" * 100):
        assert bad not in siege.daemon.log


@pytest.mark.parametrize("status, headers, code, words", [
    ("503 Service Unavailable", ["Retry-After: 120"], "transient", "and asks to wait 2m"),
    ("429 Too Many Requests", [], "transient", "SlowDown"),
    ("200 OK", [], "invalid", "version"),
])
def test_slow_down(siege, status, headers, code, words):
    siege.server.be(refusal("SlowDown", status, headers))
    siege.withstands(code, words)


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"])
def test_credentials_are_renewed_once_a_poll_and_no_more(siege, code):
    siege.server.be(refusal(code))
    asked, gave = len(siege.server.requests), len(siege.tokens.requests)
    siege.withstands("denied", code)
    assert len(siege.tokens.requests) > gave, "others were asked for"
    assert len(siege.server.requests) - asked <= 2 * 5 + 4, "twice a poll, of which a check makes a few, and then a good one"


@pytest.mark.parametrize("where, words", [
    *((where, "the answer repeats a credential") for where in ("body", "etag", "date", "code", "region")),
    ("encoding", "the body is encoded in a way that was not asked for")])
@pytest.mark.parametrize("secret", [TOKEN, KEY_ID])
def test_a_credential_that_is_said_back_is_quoted_nowhere(siege, where, words, secret):
    if secret == KEY_ID and (siege.kind == "gcs" or where == "body"):
        pytest.skip("a token has no id; and an id is no secret, so a file may have it as a word")

    def play(connection, request):
        assert secret.encode() in request
        if where == "code":
            return refusal(secret)(connection, request)
        if where == "region":
            return page(b"", "301 Moved Permanently", [f"x-amz-bucket-region: {secret}"])(connection, request)
        headers = {"etag": f'ETag: "{secret}"', "date": f"Last-Modified: {secret}", "encoding": f"Content-Encoding: {secret}"}
        connection.sendall(answer(f"10.9.9-{secret if where == 'body' else 'a'}".encode(), headers=[headers[where]] if where in headers else []))
    siege.server.be(play)
    siege.withstands("invalid", words)
    assert secret not in siege.daemon.log
