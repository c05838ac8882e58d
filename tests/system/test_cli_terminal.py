# SPDX-License-Identifier: Apache-2.0
"""Colours where they belong, and no text from outside that steers the terminal: every string of every document is hostile here."""

import re

import pytest
from conftest import BUILD
from fake_api import WAIT, agent, refusal
from terminal import Terminal

# Clears the screen, names the window, moves up; C1's one-character forms; a line of its own; reversed reading; no UTF-8.
HOSTILE = "a\x1b[2J\x1b]0;t\x07\x9b2J\x9d0;t\x9c\r\n\x7f\u202eb\u2028\u2066\x08\x00z"
# What a program of ours may send: colours, and the live line's return and erase.
OURS = re.compile(r"\x1b\[(?:[0-9]{1,2}m|K)|\r\n|\r(?=\x1b\[K)")
STEERS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

STATUS = agent(
    "web", phase="applying", suspended={"actor": "a", "reason": "r", "until": "t"}, pinned="1",
    health={"state": "odd", "probes": [{"name": "n", "state": "s", "since": "t", "detail": "d", "baseline": "b"}]},
    operation={"id": "i", "from": "f", "to": "t", "phase": "p", "reason": "r", "actor": "a", "started": "s", "percent": 4, "text": "t"},
    last_operation={"id": "i", "from": "f", "to": "t", "result": "odd", "started": "s", "ended": "e", "detail": "d"}, quarantined=["1"],
    source={"origin": "o", "last_ok": None, "last_error": {"code": "c", "message": "m", "at": "t"}}, warnings=["w"],
    decision={"action": "wait", "reason": "r", "text": "t", "until": "u"})
HISTORY = {"operations": [{"id": "i", "agent": "a", "from": "f", "to": "t", "result": "r", "reason": "r", "actor": "a", "started": "s", "ended": "e",
                           "detail": "d", "times": 1, "phases": [{"phase": "p", "at": "t", "detail": "d"}]}]}
CHECKED = {"agent": "a", "messages": ["m", "n"], "plan": [{"package": "p", "from": "f", "to": "t"}], "decision": WAIT}


def hostile(value, keep=()):
    """The document with all its texts hostile, a time's form kept where the program reads it."""
    if isinstance(value, dict):
        return {key: one if key in keep else hostile(one, keep) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one, keep) for one in value]
    return f"2027-01-05T02:00:00Z{HOSTILE}" if value in ("t", "u", "s", "e") else HOSTILE if isinstance(value, str) else value


def offences(text):
    return STEERS.findall(OURS.sub("", text))


def run(*words, **environment):
    terminal = Terminal([BUILD / "daemon/cli/upkeep", *words], **environment)
    terminal.end()
    return terminal.raw.decode()  # which is UTF-8


@pytest.mark.parametrize("words, method, path, document", [
    (["status"], "GET", "/v1/agents", {"agents": [hostile(STATUS)]}),
    (["status"], "GET", "/v1/agents", {"agents": [hostile(STATUS), hostile(STATUS)]}),
    (["status", "--json"], "GET", "/v1/agents", {"agents": [hostile(STATUS)]}),
    (["history"], "GET", "/v1/history", hostile(HISTORY)),
    (["check", "web"], "POST", "/v1/agents/web/check", hostile(CHECKED)),
    (["check", "web"], "POST", "/v1/agents/web/check", (409, hostile(refusal("c", "m")))),
    (["resume", "web"], "POST", "/v1/agents/web/resume", hostile({"agent": "web", "done": True, "text": "t"})),
    (["resume", "--all"], "GET", "/v1/agents", {"agents": [{"name": HOSTILE}, {"name": HOSTILE}]}),
    (["resume"], "GET", "/v1/agents", {"agents": [{"name": HOSTILE}, {"name": HOSTILE}]}),
    (["resume", HOSTILE.replace("\0", "")], "GET", "/none", {}),
    (["version"], "GET", "/v1/version", hostile({"version": "v", "plugins": [{"kind": "k", "name": "n", "version": "v", "file": "f", "summary": "s"}]})),
    (["reload"], "POST", "/v1/reload", hostile({"ok": False, "errors": [{"file": "f", "line": 3, "message": "m"}]})),
    (["run", "web"], "POST", "/v1/agents/web/run", hostile({"agent": "a", "started": False, "operation": None, "decision": WAIT})),
    (["run", "web", "--no-wait"], "POST", "/v1/agents/web/run", hostile({"agent": "a", "started": True, "operation": "o", "decision": WAIT})),
    (["schedule", "show", "web"], "GET", "/v1/agents/web/schedule", {"windows": [hostile({"start": "x", "end": "x", "schedules": ["x"]})], "time_zone": HOSTILE}),
    (["schedule", "show", "web"], "GET", "/v1/agents/web/schedule", {"windows": [hostile({"start": "s", "end": "e", "schedules": ["x"]})], "time_zone": HOSTILE}),
])
def test_no_document_steers_the_terminal(api, words, method, path, document):
    api.answers[method, path] = document
    out = run(*words)
    assert out.strip()
    assert offences(out) == []


PHASES = [hostile({"event": "phase", "phase": "p", "detail": "d"}, keep=("event",)),
          hostile({"event": "progress", "percent": 5, "text": "x"}, keep=("event",)),
          hostile({"event": "operation_ended", "result": "r", "from": "f", "to": "t", "detail": "d"}, keep=("event",))]


def test_no_event_of_an_operation_steers_the_terminal(api):
    api.operation("run", *({**phase, "time": f"2027-01-05T02:00:00Z{HOSTILE}"} for phase in PHASES))
    assert offences(run("run", "web")) == []


def test_no_event_of_the_stream_does(api):
    terminal = Terminal([BUILD / "daemon/cli/upkeep", "events"])
    terminal.wait_for(lambda _: api.readers)
    api.emit(*PHASES)
    api.end_streams()
    terminal.end()
    assert offences(terminal.raw.decode()) == [] and "phase" in terminal.raw.decode()


def test_what_no_utf_8_is_becomes_question_marks(api):
    api.answers["GET", "/v1/agents/web"] = b'{"agents":[{"name":"web","warnings":["\xc3\x28\x9b2J"]}]}'
    assert offences(run("status", "web")) == []


def test_a_configuration_file_cannot_steer_it_either(tmp_path):
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d/web.toml").write_text('["\\u001b[2J\\u009b2J"]\nx = 1\n', encoding="utf-8")
    out = run("config", "check", tmp_path)
    assert "unknown key" in out
    assert offences(out) == []


def test_umlauts_and_wide_characters_stay_what_they_are(api, upkeep):
    api.agents(agent("web", warnings=["Übergröße 漢字 ✓"]))
    assert "Übergröße 漢字 ✓" in upkeep("status").out


@pytest.mark.parametrize("words", [["status"], ["history"], ["schedule", "show"], ["run"], ["resume"]])
@pytest.mark.parametrize("environment, coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"TERM": ""}, False)])
def test_colours_only_on_a_terminal_that_has_them_and_never_with_no_color(api, upkeep, words, environment, coloured):
    api.answers["GET", "/v1/history"] = HISTORY
    api.answers["GET", "/v1/agents/web/schedule"] = {"windows": [], "time_zone": None}
    api.answers["POST", "/v1/agents/web/resume"] = 409, refusal("refused", "no")  # the program's name is red
    api.operation("run", {"event": "operation_ended", "result": "committed", "from": "1", "to": "2"})
    colour = re.compile(r"\x1b\[[0-9;]*m")
    assert bool(colour.search(run(*words, **environment))) == coloured
    answer = upkeep(*words)
    assert "\x1b" not in answer.out + answer.err
