# SPDX-License-Identifier: Apache-2.0
"""What a server may send: 4 KiB of decoded body, within ten seconds, in whatever encoding and protocol version it offers."""

import gzip
import time

import pytest
from hostile_server import answer, endless, says, slow


def test_4096_bytes_are_read_and_one_more_is_refused(nginx, channel_show):
    server = nginx()
    assert channel_show(server.publish(version="1.2.3".ljust(4096))).json["version"] == "1.2.3"
    url = server.publish(version="1.2.3".ljust(4097))
    assert channel_show(url).error == ("invalid", f"{url}/version is longer than 4096 bytes")


def test_an_endless_body_ends_the_request(scripted, channel_show):
    server = scripted(endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"1.2.3 " * 10000))
    code, message = channel_show(f"{server.url}/current").error
    assert code == "invalid"
    assert "the body is longer than 65536 bytes" in message, "said while it was read"


def test_a_compressed_body_is_read(nginx, channel_show):
    server = nginx(more="gzip on; gzip_types text/plain; gzip_min_length 1;")
    assert channel_show(server.publish()).json["version"] == "1.2.3"
    assert "gzip" in server.lines(1)[0], "it was offered"


def test_a_compressed_body_counts_as_what_it_becomes(scripted, channel_show):
    server = scripted(says(answer(gzip.compress(b"1" * 100_000_000), headers=["Content-Encoding: gzip"])))
    code, message = channel_show(f"{server.url}/current").error
    assert code == "invalid"
    assert "the body is longer than 65536 bytes" in message, "said while it was read"


@pytest.mark.parametrize("headers", [b"", b"Transfer-Encoding: identity\r\n", b"Content-Length: 99999999999999999999\r\n"])
def test_a_body_that_ends_only_by_hanging_up_may_have_been_cut(scripted, channel_show, headers):
    server = scripted(says(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n1.2.3"))
    code, message = channel_show(f"{server.url}/current").error
    assert (code, "does not say where it ends" in message) == ("transient", True), message


def test_http_2_is_used_where_it_is_offered(nginx, channel_show):
    server = nginx(listen="ssl http2")
    assert channel_show(server.publish()).status == 0
    assert [line.split()[0] for line in server.lines(3)] == ["HTTP/2.0"] * 3


@pytest.mark.parametrize("listen", ["ssl", "ssl http2"])
def test_one_connection_serves_all_files(nginx, channel_show, listen):
    server = nginx(listen=listen)
    assert channel_show(server.publish()).status == 0
    lines = [line.split() for line in server.lines(3)]
    assert [line[2] for line in lines] == ["/current/release.json", "/current/version", "/current/critical"]
    assert len({line[3] for line in lines}) == 1, "the connection's number"


def test_an_error_page_may_be_long_its_status_counts(scripted, channel_show):
    server = scripted(says(answer(b"<html>" + b"x" * 20_000, status="503 Service Unavailable", headers=["Retry-After: 120"])))
    code, message = channel_show(f"{server.url}/current").error
    assert code == "transient"
    assert message == f"{server.url}/current/version: the server answered with status 503 and asks to wait 2m"


@pytest.mark.parametrize("status, code", [(403, "denied"), (404, "invalid"), (429, "transient"), (500, "transient")])
def test_a_status_says_how_to_go_on(nginx, channel_show, status, code):
    server = nginx(more=f"location / {{ return {status}; }}")
    assert channel_show(f"{server.url}/current").error[0] == code


def test_ten_seconds_are_all_that_a_server_has(scripted, channel_show):
    server = scripted(slow(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "))
    began = time.monotonic()
    code, message = channel_show(f"{server.url}/current").error
    assert code == "timeout"
    assert 9 < time.monotonic() - began < 15


@pytest.mark.parametrize("bytes_", [
    b"",
    b"\x00" * 100,
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n1.2.3",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n1.2.3",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n1.2.3",
    b"HTTP/1.1 200 OK\r\n" + b"X-Long: %s\r\n" % (b"y" * 90_000) * 10 + b"\r\n",
    b"HTTP/1.1 304 Not Modified\r\n\r\n",
], ids=["nothing", "zeros", "half a header", "cut off", "bad chunks", "no gzip", "long headers", "304 unasked"])
def test_a_broken_answer_is_an_error_that_names_the_place(scripted, channel_show, bytes_):
    server = scripted(says(bytes_))
    _, message = channel_show(f"{server.url}/current").error
    assert f"{server.url}/current" in message and "version" in message
