# SPDX-License-Identifier: Apache-2.0
"""`upkeep status` for people and for scripts."""

import datetime
import os
import pty
import re
import subprocess

from conftest import BUILD
from fake_api import agent


def moment(**delta):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def on_terminal(*words, **environment):
    """What a terminal gets to see."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen([BUILD / "daemon/cli/upkeep", *words], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                               env={**os.environ, "TERM": "xterm", **environment})
    os.close(theirs)
    seen = b""
    while piece := _read(ours):
        seen += piece
    os.close(ours)
    program.wait(timeout=60)
    return seen.decode()


def _read(fd):
    try:
        return os.read(fd, 65536)
    except OSError:  # how Linux says that the other side has closed
        return b""


def test_one_screen_says_what_is_what_comes_next_and_why_not(api, upkeep):
    api.agents(agent(
        "teleport", phase="waiting", installed="1.2.3-1", offered={"version": "2.3.4", "critical": False},
        decision={"action": "wait", "reason": "outside_window", "text": "every window is closed", "until": moment(hours=3, minutes=12, seconds=30)},
        health={"state": "healthy", "probes": [{"name": "unit teleport.service", "state": "holds", "since": moment(days=-2), "detail": "", "baseline": ""}]},
        last_operation={"id": "op-1", "from": "1.2.2-1", "to": "1.2.3-1", "result": "committed", "started": moment(hours=-50), "ended": moment(hours=-49)},
        source={"origin": "https://updates.example.com/current", "last_ok": moment(minutes=-2, seconds=-10),
                "last_error": {"code": "transient", "message": "connection refused", "at": moment(seconds=-30)}},
        quarantined=["2.0.0", "2.1.0"], warnings=["restart upkeepd"]))
    answer = upkeep("status")
    assert answer.status == 0
    lines = {line[:14].strip(): line[14:] for line in answer.out.splitlines() if line.startswith("  ") and line[2] != " "}
    assert answer.out.splitlines()[0] == "teleport  waiting"
    assert lines["version"] == "1.2.3-1"
    assert lines["offered"] == "2.3.4"
    assert re.fullmatch(r"waits: every window is closed \[outside_window\], until \S+Z \(in 3h 12m\)", lines["next"])
    assert lines["health"] == "healthy"
    assert "unit teleport.service: holds since 2d ago" in answer.out
    assert re.fullmatch(r"1\.2\.2-1 -> 1\.2\.3-1 committed, \S+Z \(2d 1h ago\)", lines["last"])
    assert lines["channel"] == "https://updates.example.com/current, read 2m ago"
    assert "connection refused" in answer.out
    assert lines["quarantined"] == "2.0.0, 2.1.0"
    assert lines["way back"] == "yes, repository"
    assert lines["warning"] == "restart upkeepd"
    assert len(answer.out.splitlines()) <= 24


def test_a_probe_that_does_not_count_says_so(api, upkeep):
    api.agents(agent("web", health={"state": "unhealthy", "probes": [
        {"name": "http 127.0.0.1:80/", "state": "failing", "since": moment(minutes=-5), "detail": "503 Service Unavailable", "baseline": True},
        {"name": "log web.service", "state": "unknown", "since": moment(minutes=-5), "detail": "the journal cannot be read", "baseline": True},
        {"name": "tcp 127.0.0.1:25", "state": "failing", "since": moment(minutes=-5), "detail": "Connection refused", "baseline": False}]}))
    lines = [line.strip() for line in upkeep("status", "web").out.splitlines()]
    assert "http 127.0.0.1:80/: failing since 5m ago, 503 Service Unavailable; was failing before the upgrade, does not count" in lines
    assert "log web.service: unknown since 5m ago, the journal cannot be read; does not count" in lines
    assert "tcp 127.0.0.1:25: failing since 5m ago, Connection refused" in lines


def test_a_running_operation_a_suspension_and_a_pin_are_shown(api, upkeep):
    api.agents(agent(
        "web", phase="applying",
        operation={"id": "op-2", "from": "1.2.3", "to": "2.3.4", "phase": "applying", "reason": "forced", "actor": "ann (uid 1000)",
                   "started": moment(seconds=-61), "percent": 45, "text": "unpacking"},
        suspended={"actor": "bob (uid 1001)", "reason": "freeze", "until": None}, pinned="2.3.4"))
    out = upkeep("status", "web").out
    assert re.search(r"operation +1\.2\.3 -> 2\.3\.4 applying 45%, began \S+ \(1m ago\), asked for by ann \(uid 1000\)\n +unpacking\n", out)
    assert re.search(r"suspended +by bob \(uid 1001\): freeze, until resumed\n", out)
    assert re.search(r"pinned +2\.3\.4\n", out)


def test_what_the_agents_own_object_asks_for_is_shown_with_where_it_stands(api, upkeep):
    wish = {"version": "2.3.4", "actor": "claimed: kubectl-annotate", "place": "annotation force", "at": moment(seconds=-61), "state": "refused",
            "operation": None, "detail": "2.3.4 is not the target"}
    suspended = {"actor": "claimed: helm", "reason": "freeze", "until": None, "place": "annotation suspend"}
    api.agents(agent("web", suspended=suspended, wish=wish))
    out = upkeep("status", "web").out
    assert "by claimed: helm: freeze, as long as it stands there: annotation suspend\n" in out
    assert re.search(r"wish +force 2\.3\.4 by claimed: kubectl-annotate \(annotation force\), refused, \S+ \(1m ago\)\n +2\.3\.4 is not the target\n", out)
    api.agents(agent("web", wish=None))
    assert "wish" not in upkeep("status", "web").out


def test_what_was_done_ahead_of_an_upgrade_is_one_line(api, upkeep):
    ahead = {"state": "downloading", "target": "2.3.4", "text": "downloading 2.3.4-1", "at": moment(), "again": None, "percent": 40, "plan": []}
    api.agents(agent("teleport", preflight=ahead))
    assert re.search(r"ahead +downloading 2\.3\.4-1, 40%\n", upkeep("status").out)
    api.agents(agent("teleport", preflight={**ahead, "state": "downloaded", "text": "2.3.4-1 is downloaded", "percent": None}))
    assert re.search(r"ahead +2\.3\.4-1 is downloaded\n", upkeep("status").out)
    api.agents(agent("teleport", preflight={**ahead, "state": "refused", "text": "it would remove libfoo"}, warnings=["it would be refused"]))
    out = upkeep("status").out
    assert "ahead" not in out and "it would be refused" in out
    api.agents(agent("teleport", preflight=None))
    assert "ahead" not in upkeep("status").out


def test_who_does_nothing_says_so_even_when_there_is_something_to_do(api, upkeep):
    for reason, said in [("up_to_date", "nothing to do: "), ("no_release", "nothing to do: "), ("stuck", "does nothing: "),
                         ("no_way_back", "does nothing: "), ("config_error", "does nothing: "), ("in_operation", "")]:
        api.agents(agent("web", decision={"action": "none", "reason": reason, "text": "why", "until": None}))
        assert re.search(rf"next +{said}why \[{reason}\]\n", upkeep("status").out), reason


def test_a_channel_that_was_not_read_or_is_not_there(api, upkeep):
    api.agents(agent("web", source={"origin": "https://updates.example.com/current", "last_ok": None, "last_error": None}))
    assert "https://updates.example.com/current, not read since the daemon started\n" in upkeep("status").out
    api.agents(agent("web", source={"origin": None, "last_ok": None, "last_error": None}))
    assert "channel" not in upkeep("status").out


def test_several_agents_are_a_line_each(api, upkeep):
    api.agents(agent("db", warnings=["one"]),
               agent("web", installed=None, decision={"action": "wait", "reason": "outside_window", "text": "", "until": moment(hours=1, seconds=30)}))
    out = upkeep("status").out.splitlines()
    assert out[0].split() == ["AGENT", "VERSION", "OFFERED", "PHASE", "NEXT"]
    assert re.fullmatch(r"db +1\.2\.3-1 +1\.2\.3 +idle +up_to_date; 1 warning", out[1])
    assert re.fullmatch(r"web +- +1\.2\.3 +idle +outside_window, in 1h", out[2])


def test_scripts_get_the_daemons_document_and_nothing_else(api, upkeep):
    answer = upkeep("status", "--json")
    assert answer.json == {"agents": [agent("web")]}
    assert answer.err == ""
    assert upkeep("--json", "status", "web").json == answer.json


def test_a_document_of_another_version_is_shown_as_far_as_it_goes(api, upkeep):
    api.answers["GET", "/v1/agents"] = {"agents": [{"name": "web", "phase": 7, "decision": None, "warnings": [3], "health": "fine", "new": {}}]}
    answer = upkeep("status")
    assert answer.status == 0
    assert answer.out.startswith("web")


def test_no_agents_is_no_error(api, upkeep):
    api.agents()
    assert upkeep("status").out == "no agents are configured\n"


def test_colours_on_a_terminal_only_and_never_with_no_color(api, upkeep):
    assert "\x1b[32mhealthy\x1b[0m" in on_terminal("status")
    assert "\x1b" not in on_terminal("status", NO_COLOR="1")
    assert "\x1b" not in on_terminal("status", TERM="dumb")
    assert "\x1b" not in upkeep("status").out


def test_texts_from_outside_cannot_steer_the_terminal(api, upkeep):
    api.agents(agent("web", warnings=["\x1b]0;gotcha\x07\x1b[2J"], installed="1\r2",
                     decision={"action": "none", "reason": "held", "text": "a\nb", "until": None}))
    out = upkeep("status").out
    assert "\x1b" not in out and "\x07" not in out and "\r" not in out
    assert "a b [held]" in out
