# SPDX-License-Identifier: Apache-2.0
"""A local user who is in neither group learns which group to join and nothing else, takes nobody's place, and slows nobody
down. As other users really are, for the kernel: the credentials of their connect()."""

import socket
import time

import pytest
from daemon import NOBODY

STRANGER = {"uid": NOBODY, "gid": 12345}
READER = {"uid": NOBODY, "gid": NOBODY}  # nogroup is this daemon's reading group


def addresses(description):
    for method, path, _ in description.operations():
        yield method, path.replace("{agent}", "shell")
        yield method, path.replace("{agent}", "no-such-agent")
    yield from [("GET", "/"), ("GET", "/v2"), ("DELETE", "/v1/agents"), ("BREW", "/v1/agents/shell/coffee"), ("GET", "/v1/agents/..%2f..%2fetc"),
                ("GET", "/v1/agents/shell?all=1"), ("OPTIONS", "/v1/agents"), ("GET", "/v1/agents/" + "x" * 300)]


def test_the_answer_is_the_same_whatever_is_asked(daemon, description):
    want = daemon.ask("GET", "/v1/agents", **STRANGER)
    assert want.status == 403
    assert want.message == ("user nobody may do nothing here: members of group nogroup or upkeep-admin may read, members of group upkeep-admin may "
                            "also change things (sudo usermod -aG nogroup nobody, then log in again)")
    headers = {key: value for key, value in want.headers.items() if key != "Date"}
    for method, path in addresses(description):
        for body in (None, '{"version":', '{"reason":"r"}', "x" * 100_000):
            got = daemon.ask(method, path, body, **STRANGER)
            assert (got.status, got.bytes) == (403, want.bytes), (method, path)
            assert {key: value for key, value in got.headers.items() if key != "Date"} == headers, (method, path)
        description.judge(method, path, got)
    got = daemon.ask("HEAD", "/v1/agents/shell", **STRANGER)
    assert (got.status, got.bytes, got.headers["Content-Length"]) == (403, b"", want.headers["Content-Length"])
    assert {entry["event"] for entry in daemon.journal("shell")} <= {"release", "installed"}


def test_no_name_or_version_is_in_what_a_stranger_gets(daemon, description):
    version = daemon.ask("GET", "/v1/version").json["version"]
    for method, path in addresses(description):
        text = str(daemon.ask(method, path, **STRANGER).headers) + daemon.ask(method, path, **STRANGER).text
        assert "shell" not in text and version not in text and "99.0.0" not in text, text


@pytest.mark.parametrize("bytes_", [b"GET /v1/agents/shell HTTP/1.0\r\n\r\n", b"GET http://upkeep/v1/agents HTTP/1.1\r\nHost: x\r\n\r\n",
                                    b"POST /v1/agents/shell/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"])
def test_other_spellings_of_a_request_change_nothing(daemon, bytes_):
    raw = daemon.connect(**STRANGER)
    raw.sendall(bytes_)
    raw.shutdown(socket.SHUT_WR)
    answer = b""
    while piece := raw.recv(65536):
        answer += piece
    assert answer.split(b"\r\n\r\n")[0].split()[1] == b"403"
    assert daemon.ask("GET", "/v1/agents", **STRANGER).bytes in answer


def test_who_may_read_is_told_of_the_other_group_when_it_is_about_changing(daemon):
    assert daemon.ask("GET", "/v1/agents/shell", **READER).status == 200
    refused = daemon.ask("POST", "/v1/agents/shell/suspend", {"reason": "r"}, **READER)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert "members of group upkeep-admin may (sudo usermod -aG upkeep-admin nobody, then log in again)" in refused.message


def test_strangers_take_no_places_that_members_need(daemon):
    """Idle, in the middle of a request, or in the middle of a body: 300 connections of a stranger, then everybody's turn."""
    daemon.ask("GET", "/v1/agents")
    before = daemon.memory()
    starts = [b"", b"GET /v1/agents HTTP/1.1\r\nHo", b"POST /v1/agents/shell/run HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + b"x" * 50_000,
              b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"]
    held = []
    for i in range(300):
        held.append(daemon.connect(**STRANGER))
        held[-1].settimeout(5)
        held[-1].sendall(starts[i % len(starts)])
    for who in ({}, READER):
        answers = [daemon.ask("GET", "/v1/agents", **who) for _ in range(50)]
        assert {answer.status for answer in answers} == {200}
        assert max(answer.seconds for answer in answers) < 1
    members = [daemon.client(**READER) for _ in range(150)]
    admins = [daemon.client() for _ in range(60)]
    assert {client.ask("GET", "/v1/version").status for client in members + admins} == {200}, "all at once, while the stranger holds his"
    assert daemon.ask("GET", "/v1/agents", **STRANGER).status == 403, "and another stranger is still told"
    assert daemon.memory() - before < daemon.allowed(8 * 1024)
    for connection in held + members + admins:
        connection.close()


def test_readers_take_no_places_of_those_who_may_change_things(daemon):
    streams = [daemon.events(**READER) for _ in range(192)]
    refused = daemon.connect(**READER)
    assert refused.recv(1) == b"", "every place for readers is in use"
    admins = [daemon.client() for _ in range(64)]
    assert {client.ask("GET", "/v1/version").status for client in admins} == {200}
    assert daemon.ask("POST", "/v1/agents/shell/suspend", {"reason": "r"}).status == 200
    daemon.wait(lambda: all(stream.seen("suspended") for stream in streams))
    for client in admins:
        client.close()


def test_a_stranger_who_asks_and_asks_slows_nobody_down(daemon):
    client, asked, end = daemon.client(**STRANGER), 0, time.monotonic() + 2
    slowest = 0
    while time.monotonic() < end:
        for _ in range(20):
            assert client.ask("GET", f"/v1/agents/{asked}").status == 403
            asked += 1
        slowest = max(slowest, daemon.ask("GET", "/v1/agents").seconds)
    assert asked > 100 and slowest < 0.5, (asked, slowest)
