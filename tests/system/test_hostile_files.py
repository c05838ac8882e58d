# SPDX-License-Identifier: Apache-2.0
"""A server that answers as it should, with files that say what they should not."""

import os

import pytest
from hostile_server import answer
from siege import KINDS

pytestmark = pytest.mark.parametrize("siege", KINDS, indirect=True)

GARBAGE = [
    pytest.param(b"", id="empty"),
    pytest.param(b" \r\n\t\n", id="blank"),
    pytest.param(b"<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>", id="a-page"),
    pytest.param(bytes(range(256)), id="binary"),
    pytest.param("99.0.0".encode("utf-16"), id="utf-16"),
    pytest.param(b"\xef\xbb\xbf99.0.0", id="byte-order-mark"),
    pytest.param(b"99.0.0\0", id="nul-at-the-end"),
    pytest.param(b"99\0.0.0", id="nul-inside"),
    pytest.param(b"9" * 400 + b".0.0", id="huge-number"),
    pytest.param(b"18446744073709551616.0.0", id="65-bits"),
    pytest.param(b"1.2", id="two-numbers"),
    pytest.param(b"1.2.3.4", id="four-numbers"),
    pytest.param(b"latest", id="latest"),
    pytest.param(b"99.0.0\n99.0.1\n", id="two-lines"),
    pytest.param(b"-1.2.3", id="negative"),
    pytest.param(b"99.0.0; rm -rf /", id="a-command"),
    pytest.param(b"99.0.0-$(reboot)", id="a-substitution"),
    pytest.param("９９.０.０".encode(), id="wide-digits"),
    pytest.param(b"99.0.0-\x1b[2J\x1b]0;owned\x07", id="terminal-codes"),
]


def serve(siege, version, critical):
    """Both as bytes."""
    files = {b"/version": version, b"/critical": critical}
    siege.server.be(lambda connection, request: connection.sendall(answer(files[request.split(b" ")[1].rpartition(b"/current")[2]])))


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_for_a_version(siege, garbage):
    serve(siege, garbage, b"yes")
    siege.withstands("invalid", "version")
    assert "\x1b" not in siege.daemon.log and "\0" not in siege.daemon.log


@pytest.mark.parametrize("garbage", [*GARBAGE, pytest.param(b"yes!", id="yes!"), pytest.param(b"1", id="1"), pytest.param(b"yes\0", id="yes-nul"),
                                     pytest.param(b"y" * 5000, id="long"), pytest.param(b"yes\nno\n", id="both")])
def test_garbage_for_critical_is_not_critical_and_warned_of(siege, garbage):
    version = siege.version + "9"
    serve(siege, version.encode(), garbage)
    siege.daemon.takes("patient", version, critical=False)
    warnings = siege.daemon.status("patient")["warnings"]
    assert any("critical" in warning for warning in warnings), warnings
    assert "\x1b" not in "".join(warnings)
    siege.recovers("patient")


def test_a_critical_file_that_only_then_can_be_read_waits_too(siege):
    """It may still be the one of the version before."""
    version = siege.version + "9"
    serve(siege, version.encode(), b"y" * 5000)
    siege.daemon.takes("patient", version, critical=False)
    serve(siege, version.encode(), b"yes")
    siege.daemon.takes("patient", version, critical=False)
    siege.recovers("patient")


def test_a_version_that_changes_while_critical_still_says_yes(siege):
    """The two files are not published at once: critical counts after a second read of both, half a minute later at the earliest."""
    version = siege.version + "9"
    siege.server.be_good(version, "yes")
    siege.daemon.takes("patient", version, critical=False)
    siege.daemon.takes("patient", version, critical=False)
    assert any("critical" in warning for warning in siege.daemon.status("patient")["warnings"])
    if os.environ.get("UPKEEP_LONG"):
        asked = len(siege.server.requests)
        siege.daemon.wait(lambda: siege.daemon.status("patient")["offered"]["critical"], seconds=90)    # it reads again by itself
        assert len(siege.server.requests) > asked
    siege.recovers("patient")


def test_another_etag_for_the_same_bytes_each_time(siege):
    """Nothing is new: nothing is written, and the release stays."""
    numbers = iter(range(1000))
    files = {b"/version": siege.version.encode(), b"/critical": b"no"}
    siege.server.be(lambda connection, request: connection.sendall(answer(
        files[request.split(b" ")[1].rpartition(b"/current")[2]], headers=[f'ETag: "{next(numbers)}"'])))
    journal = siege.daemon.folder / "state/agents/patient/journal.jsonl"
    before = journal.read_bytes()
    for _ in range(10):
        siege.daemon.takes("patient", siege.version)
    assert next(numbers) >= 20
    assert journal.read_bytes() == before


def test_the_cursor_that_was_sent_last_is_sent_back(siege):
    """And no longer one than fits."""
    long = '"' + "e" * 600 + '"'
    files = {b"/version": (siege.version.encode(), '"v1"'), b"/critical": (b"no", long)}

    def play(connection, request):
        body, etag = files[request.split(b" ")[1].rpartition(b"/current")[2]]
        connection.sendall(answer(body, headers=[f"ETag: {etag}"]))
    siege.server.be(play)
    siege.daemon.takes("patient", siege.version)
    asked = len(siege.server.requests)
    siege.daemon.takes("patient", siege.version)
    version, critical = siege.server.requests[asked:asked + 2]
    assert b'If-None-Match: "v1"' in version
    assert b"If-None-Match" not in critical
