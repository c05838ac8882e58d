# SPDX-License-Identifier: Apache-2.0
"""Clients that are broken or mean harm, against the real daemon: every one is answered or cut off, its memory is bounded,
and others are answered meanwhile. What the server class does with each byte is tested in unit/control_hostile_test.cpp."""

import contextlib
import socket
import time

import pytest
from conftest import BUILD
from daemon import Daemon

HEAD = b"POST /v1/agents/shell/suspend HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


def say(daemon, *pieces):
    """Sends, and returns all that comes back until the daemon closes."""
    raw = daemon.connect()
    raw.settimeout(10)
    with contextlib.suppress(OSError):  # it may close before it has heard all
        for piece in pieces:
            raw.sendall(piece)
        raw.shutdown(socket.SHUT_WR)
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := raw.recv(65536):
            answer += piece
    return answer


def status(answer):
    """0: cut off."""
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.") else 0


@pytest.fixture(scope="module")
def one_for_all(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("hostile"), BUILD).start()
    yield daemon
    daemon.stop()


@pytest.fixture
def watched(one_for_all):
    """The daemon; afterwards it must be alive, quick, as large as before (8 MiB of room), and nothing may have been suspended."""
    daemon = one_for_all
    for _ in range(20):
        daemon.ask("GET", "/v1/agents")
    before = daemon.memory("VmHWM")
    yield daemon
    assert daemon.process.poll() is None, daemon.log[-2000:]
    answer = daemon.ask("GET", "/v1/agents/shell")
    assert answer.status == 200 and answer.seconds < 1
    assert answer.json["agents"][0]["suspended"] is None
    assert daemon.memory("VmHWM") - before < daemon.allowed(8 * 1024)


@pytest.mark.parametrize("name, pieces, statuses", [
    ("nothing", [b""], {0}),
    ("a chunk of no size", [HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"], {0, 400}),
    ("a chunk of too much size", [HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n"], {0, 400, 413}),
    ("a negative length", [HEAD + b"Content-Length: -1\r\n\r\n{}"], {0, 400}),
    ("an absurd length", [HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n{}"], {0, 400, 413}),
    ("NUL in the path", [b"POST /v1/agents/shell/suspend\x00 HTTP/1.1\r\nHost: x\r\n\r\n"], {0, 400, 404}),
    ("NUL in a header", [b"GET /v1/agents HTTP/1.1\r\nHost: x\x00y\r\nConnection: close\r\n\r\n"], {0, 200, 400}),
    ("HTTP/9.9", [b"GET /v1/agents HTTP/9.9\r\nHost: x\r\n\r\n"], {0, 400, 505}),
    ("HTTP/1.1 without Host", [b"GET /v1/agents HTTP/1.1\r\nConnection: close\r\n\r\n"], {400}),
    ("HTTP/2", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], {0, 400, 505}),
    ("10 MB of one header", [b"GET /v1/agents HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 10_000_000], {0, 400, 413, 431}),
    ("10 MB of headers", [b"GET /v1/agents HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 1_700_000], {0, 400, 413, 431}),
    ("1 MB of path", [b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"], {0, 400, 414, 431}),
    ("1 MB of method", [b"A" * 1_000_000 + b" / HTTP/1.1\r\n\r\n"], {0, 400, 413, 414, 431, 501}),
    ("a body over 64 KiB", [HEAD + b'Content-Length: 70000\r\n\r\n{"reason":"' + b"x" * 69_987 + b'"}'], {413}),
    ("chunks over 64 KiB", [HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 70 + b"0\r\n\r\n"], {413}),
    ("a body without end", [HEAD + b"Content-Length: 99999999\r\n\r\n" + b"x" * 50_000_000], {0, 413}),
    ("chunks without end", [HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 20_000], {0, 413}),
    ("deep nesting", [HEAD + b'Content-Length: 60011\r\n\r\n{"reason":' + b"[" * 30_000 + b"]" * 30_000 + b"}"], {400}),
    ("a field twice", [HEAD + b'Content-Length: 27\r\n\r\n{"reason":"a","reason":"b"}'], {400}),
    ("no UTF-8", [HEAD + b'Content-Length: 14\r\n\r\n{"reason":"\xff"}'], {400}),
    ("a NUL character", [HEAD + b'Content-Length: 19\r\n\r\n{"reason":"\\u0000"}'], {400}),
    ("two lengths", [HEAD + b"Content-Length: 2\r\nContent-Length: 13\r\n\r\n" + b'{"reason":""}'], {0, 400}),
    ("no length and no chunks", [HEAD + b'\r\n{"reason":"r"}'], {400}),
])
def test_it_is_answered_or_cut_off(watched, name, pieces, statuses):
    began = time.monotonic()
    answer = say(watched, *pieces)
    assert status(answer) in statuses, answer[:300]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("path", [
    "/", "//", "/v1/agents/", "/v1/agents//", "/v1//agents", "/v1/agents/..", "/v1/agents/../agents", "/v1/agents/%2e%2e/check", "/./v1/agents",
    "/v1/agents/..%2f..%2f..%2fetc%2fpasswd", "/v1/agents/shell%00", "/v1/agents%00/shell", "/v1/agents/shell%2fhistory", "/v1/agents/shell/../shell",
    "/v1/agents/shell.toml", "/v1/agents/shell%0a", "/v1/agents/%ff%fe", "/v1/agents/" + "a" * 300, "/v1/agents/" + "%41" * 3000,
    "/v1/agents/state", "/v1/agents/journal.jsonl", "/v1/agents/shell/journal.jsonl", "/v1/agents/SHELL", "/v1/agents/shell;x", "/v1/agents/%",
    "/v1/agents/%4", "/v1/agents/shell/history/", "/healthz/", "/metrics/x",
])
def test_path_tricks_find_nothing(watched, description, path):
    answers = {method: watched.ask(method, path) for method in ("GET", "POST", "DELETE")}
    for method, answer in answers.items():
        description.judge(method, "/v1/nothing", answer)
    statuses = [answer.status for answer in answers.values()]
    assert set(statuses) <= {404, 405} and 404 in statuses, statuses


def test_half_a_request_gets_no_answer_and_hinders_nobody(watched):
    """It may still become a whole one; when it does not, its idle time ends it (unit test) or somebody who needs the place."""
    halves = [b"GET /v1/agents", b"GET /v1/agents HTTP/1.1\r\nHost: x\r\nAcc", HEAD + b'Content-Length: 100\r\n\r\n{"reason":"r"}',
              HEAD + b'Transfer-Encoding: chunked\r\n\r\nff\r\n{"reason":"r"}', b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
              b"\0" * 1000 + b"\r\n\r\n"]
    held = [watched.connect() for _ in halves]
    for raw, half in zip(held, halves):
        raw.sendall(half)
        raw.shutdown(socket.SHUT_WR)
    for _ in range(20):
        assert watched.ask("GET", "/v1/agents").seconds < 1
    for raw, half in zip(held, halves):
        raw.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            answer = raw.recv(65536)
            assert status(answer) in (0, 400), (half, answer)
        raw.close()


def test_old_and_odd_but_right_requests_are_answered(watched):
    assert status(say(watched, b"GET /v1/agents HTTP/1.0\r\n\r\n")) == 200
    assert b'"name":"shell"' in say(watched, b"GET /v1/agents/shell HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\nConnection: close\r\n\r\n")
    pipelined = say(watched, b"GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
    assert pipelined.count(b"HTTP/1.1 200 OK\r\n") == 50
    piecemeal = say(watched, *(bytes([byte]) for byte in b"GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert status(piecemeal) == 200
    mixed = say(watched, HEAD.replace(b"Connection: close\r\n", b"") + b"Content-Length: 2\r\n\r\n{}GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n")
    assert mixed.count(b"HTTP/1.1 ") == 2 and status(mixed) == 400
    waiting = say(watched, HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"{}")
    assert b" 400 " in waiting


def test_whatever_many_do_at_once_others_are_answered_meanwhile(watched):
    """Trickling headers and bodies, requests whose answers nobody reads, streams that nobody reads: 40 of each."""
    held = []
    for start in (b"GET /v1/agents HTTP/1.1\r\nX: ", HEAD + b"Content-Length: 60000\r\n\r\n", b"GET /v1/agents HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
                  b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"):
        for _ in range(40):
            raw = watched.connect()
            raw.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                raw.send(start)
            held.append(raw)
    slowest = 0
    for _ in range(100):
        for raw in held[:80]:
            with contextlib.suppress(OSError):
                raw.send(b"x")
        answer = watched.ask("GET", "/v1/agents")
        assert answer.status == 200
        slowest = max(slowest, answer.seconds)
    assert slowest < 1
    for raw in held:
        raw.close()
