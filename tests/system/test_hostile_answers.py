# SPDX-License-Identifier: Apache-2.0
"""Answers that are too long, too slow, or no HTTP."""

import gzip

import pytest
from hostile_server import answer, endless, says, slow
from siege import KINDS

pytestmark = pytest.mark.parametrize("siege", KINDS, indirect=True)

OK = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(b"1" * 100_000_000)
TOO_LONG = "the body is longer than 65536 bytes"
HEADERS_TOO_LONG = "the headers are longer than 65536 bytes"
NO_END = "a header has no end"
NOT_ASKED_FOR = "that was not asked for"


@pytest.mark.parametrize("play, words", [
    pytest.param(endless(OK + b"\r\n", b"1.2.3 " * 10_000), TOO_LONG, id="without-a-length"),
    pytest.param(endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b"1" * 0x4000 + b"\r\n"), TOO_LONG, id="in-chunks"),
    pytest.param(endless(OK + b"Content-Length: 1000000000000\r\n\r\n", b"1" * 10_000), TOO_LONG, id="with-a-length"),
    pytest.param(says(answer(b"1" * 4097)), "is longer than 4096 bytes", id="one-byte-too-long"),
    pytest.param(says(answer(BOMB, headers=["Content-Encoding: gzip"])), TOO_LONG, id="gzip-bomb"),
    pytest.param(says(answer(gzip.compress(BOMB), headers=["Content-Encoding: gzip, gzip"])), NOT_ASKED_FOR, id="gzip-bomb-in-gzip"),
    pytest.param(says(answer(gzip.compress(BOMB), headers=["Content-Encoding: gzip", "Content-Encoding: gzip"])), NOT_ASKED_FOR, id="gzip-twice"),
    pytest.param(says(answer(b"1.2.3", headers=["Content-Encoding: gzip"])), "incorrect header check", id="not-gzip"),
    pytest.param(says(answer(b"1.2.3", headers=["Content-Encoding: zstd"])), NOT_ASKED_FOR, id="zstd"),
    pytest.param(endless(OK, b"X-Filler: " + b"x" * 1000 + b"\r\n"), HEADERS_TOO_LONG, id="headers"),
    pytest.param(endless(OK, b"x" * 10_000), NO_END, id="one-header"),
    pytest.param(endless(b"", b"HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n"), HEADERS_TOO_LONG, id="early-hints"),
    pytest.param(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), HEADERS_TOO_LONG, id="continue"),
    pytest.param(endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: " + b"x" * 1000 + b"\r\n"), HEADERS_TOO_LONG, id="trailers"),
])
def test_endless(siege, play, words):
    siege.server.be(play)
    siege.withstands("transient" if words == NO_END else "invalid", words)


def test_ten_megabytes_of_headers(siege):
    siege.server.be(says(OK, (b"X-Filler: " + b"x" * 1000 + b"\r\n") * 10_000, b"\r\n1.2.3"))
    siege.withstands("invalid", HEADERS_TOO_LONG)


@pytest.mark.parametrize("play", [
    pytest.param(slow(OK + b"Content-Length: 1000\r\n\r\n", b" "), id="body"),
    pytest.param(slow(OK, b"x"), id="headers"),
    pytest.param(slow(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
    pytest.param(slow(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n1\r\n"), id="chunks"),
    pytest.param(lambda connection, request: connection.recv(1), id="silence"),
])
def test_slow(siege, play):
    siege.server.be(play)
    siege.withstands("timeout", agent="hasty")


@pytest.mark.parametrize("bytes_, code", [
    pytest.param(b"99.0.0\n", "invalid", id="http-0.9"),
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "invalid", id="ssh"),
    pytest.param(b"\0" * 100, "invalid", id="zeros"),
    pytest.param(b"HTTP/7.3 200 OK\r\n\r\n99.0.0", "invalid", id="http-7.3"),
    pytest.param(b"HTTP/1.1 2147483648 OK\r\n\r\n99.0.0", "invalid", id="huge-status"),
    pytest.param(b"HTTP/1.1 99 OK\r\nContent-Length: 6\r\n\r\n99.0.0", "invalid", id="small-status"),
    pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: irc\r\nConnection: Upgrade\r\n\r\n99.0.0", "invalid", id="upgrade"),
    pytest.param(OK + b"\r\n99.0.0", "transient", id="no-length"),
    pytest.param(OK + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\n99.0.0", "invalid", id="two-lengths"),
    pytest.param(OK + b"Content-Length: -1\r\n\r\n99.0.0", "transient", id="negative-length"),
    pytest.param(OK + b"Content-Length: six\r\n\r\n99.0.0", "transient", id="length-in-words"),
    pytest.param(OK + b"Content-Length: 7\r\n\r\n99.0.0", "transient", id="length-too-long"),
    pytest.param(OK + b"Content-Length: 4\r\n\r\n99.0.0", "invalid", id="length-too-short"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n99.0.0", "transient", id="bad-chunk"),
    pytest.param(OK + b"X-\0: a\r\nContent-Length: 6\r\n\r\n99.0.0", "transient", id="nul-in-a-header"),
    pytest.param(OK + b"X: \0\r\nContent-Length: 6\r\n\r\n99.0.0", "transient", id="nul-in-a-headers-value"),
    pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", "invalid", id="204"),
    pytest.param(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-5/99\r\nContent-Length: 6\r\n\r\n99.0.0", "invalid", id="206"),
    pytest.param(b"HTTP/1.1 304 Not Modified\r\n\r\n", "internal", id="304-without-a-cursor"),
])
def test_what_is_no_answer(siege, bytes_, code):
    siege.server.be(says(bytes_))
    siege.withstands(code, "version")


@pytest.mark.parametrize("retry_after, asks", [
    ("120", " and asks to wait 2m"), ("0", " and asks to wait 0s"), ("999999999999999999999999", " and asks to wait 1h"),
    ("Fri, 01 Jan 2100 00:00:00 GMT", " and asks to wait 1h"), ("Sun, 06 Nov 1994 08:49:37 GMT", " and asks to wait 0s"),
    ("-1", ""), ("soon", ""), ("1e9", ""), ("", ""), ("\x00", None)])
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_retry_after(siege, status, retry_after, asks):
    """How long the poller then waits: tests/engine/poller_test.cpp. A person's check, as here, asks at once."""
    siege.server.be(says(answer(b"<html>", status=status, headers=[f"Retry-After: {retry_after}"])))
    siege.withstands("transient", "version" if asks is None else f"/version: the server answered with status {status[:3]}{asks}")
