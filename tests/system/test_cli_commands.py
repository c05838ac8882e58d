# SPDX-License-Identifier: Apache-2.0
"""What each command asks the daemon, and how its answer reads."""

import subprocess

import pytest
from conftest import BUILD
from fake_api import agent, refusal

DONE = {"agent": "web", "done": True, "text": "done so"}


@pytest.mark.parametrize("words, path, body", [
    (["suspend", "--reason", "a b", "--for", "2h"], "suspend", {"reason": "a b", "for": "2h"}),
    (["suspend", "web", "--reason", "r", "--until", "2027-01-05T00:00:00Z"], "suspend", {"reason": "r", "until": "2027-01-05T00:00:00Z"}),
    (["resume"], "resume", {}),
    (["pin", "2.3.4"], "pin", {"version": "2.3.4"}),
    (["pin", "web", "1.0.0", "--allow-downgrade"], "pin", {"version": "1.0.0", "allow_downgrade": True}),
    (["unpin"], "unpin", {}),
    (["unquarantine", "3.0.0"], "unquarantine", {"version": "3.0.0"}),
    (["resolve", "--as", "failed"], "resolve", {"as": "failed"}),
    (["forget", "web"], "forget", {}),
])
def test_it_asks_for_just_that(api, upkeep, words, path, body):
    api.answers["POST", f"/v1/agents/web/{path}"] = DONE
    answer = upkeep(*words)
    assert (answer.status, answer.out, answer.err) == (0, "done so\n", "")
    assert api.posts() == [(f"/v1/agents/web/{path}", body)]
    assert upkeep("--json", *words).json == DONE


@pytest.mark.parametrize("words, path, body", [
    (["run"], "run", {}), (["rollback", "--to", "1.0.0"], "rollback", {"to": "1.0.0"}), (["force", "2.3.4"], "force", {"version": "2.3.4"}),
    (["force", "web"], "force", {}), (["force", "web", "2.3.4"], "force", {"version": "2.3.4"}),
    (["force", "--allow-downgrade", "--allow-major", "--quarantined", "--no-way-back"], "force",
     {"allow_downgrade": True, "allow_major": True, "quarantined": True, "no_way_back": True}),
])
def test_operations_are_asked_for_in_the_same_way(api, upkeep, words, path, body):
    api.operation(path)
    answer = upkeep(*words, "--no-wait")
    assert (answer.status, answer.out) == (0, "operation op-1 began; `upkeep status web` shows it\n")
    assert api.posts() == [(f"/v1/agents/web/{path}", body)]


def test_dry_run_says_the_line_that_older_tools_look_for_then_the_plan(api, upkeep):
    api.answers["POST", "/v1/agents/web/dry-run"] = {
        "agent": "web", "messages": ["an upgrade is available (1.2.3 -> 2.3.4)", "it would start at 02:00"],
        "plan": [{"package": "web", "from": "1.2.3-1", "to": "2.3.4-1"}, {"package": "libweb", "from": None, "to": "2.0-1"},
                 {"package": "old", "from": "1", "to": None}]}
    assert upkeep("dry-run").out.splitlines() == ["an upgrade is available (1.2.3 -> 2.3.4)", "  web 1.2.3-1 -> 2.3.4-1", "  libweb (new) 2.0-1",
                                                  "  old 1 removed", "it would start at 02:00"]


def test_dry_run_says_that_there_is_nothing_to_do_on_a_line_of_its_own(api, upkeep):
    api.answers["POST", "/v1/agents/web/dry-run"] = {"agent": "web", "messages": ["the channel could not be read: timeout",
                                                                                  "no upgrades available (1.2.3 == 1.2.3)"], "plan": None}
    assert upkeep("dry-run").out.splitlines() == ["no upgrades available (1.2.3 == 1.2.3)", "the channel could not be read: timeout"]


def test_history_shows_each_operation_with_its_phases(api, upkeep):
    document = {"operations": [{
        "id": "op-9", "agent": "web", "from": "2.3.5", "to": "3.0.0", "result": "rolled_back", "reason": "window_open", "actor": None,
        "started": "2027-01-05T02:00:00Z", "ended": "2027-01-05T02:03:00Z", "detail": "unit web.service: crash loop", "times": 2,
        "phases": [{"phase": "preparing", "at": "2027-01-05T02:00:00Z", "detail": ""}, {"phase": "reverting", "at": "2027-01-05T02:02:00Z", "detail": "why"}]}]}
    api.answers["GET", "/v1/agents/web/history"] = api.answers["GET", "/v1/history"] = document
    out = upkeep("history").out
    assert "web  2.3.5 -> 3.0.0  rolled_back  [window_open]  2 times\n" in out
    assert "    02:00:00 preparing\n    02:02:00 reverting: why\n    unit web.service: crash loop\n" in out
    assert upkeep("history", "web").out == out
    assert upkeep("history", "--json").json == document


def test_no_history_is_said(api, upkeep):
    api.answers["GET", "/v1/history"] = {"operations": []}
    assert upkeep("history").out == "no operations yet\n"


def events(api, *words):
    """Runs `upkeep events` and returns it once it reads."""
    program = subprocess.Popen([BUILD / "daemon/cli/upkeep", "events", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not api.readers:
        assert program.poll() is None
    return program


def test_events_are_lines_as_they_happen(api):
    program = events(api, "web")
    api.emit({"event": "health", "agent": "db"}, {"event": "phase", "phase": "applying", "detail": "a\nb"})
    assert program.stdout.readline() == "2027-01-05T02:00:00Z  web  phase  detail=a b  phase=applying\n"
    api.end_streams()
    assert program.wait(timeout=10) == 4
    assert "ended the stream" in program.communicate()[1]


def test_events_for_scripts_are_the_daemons_own(api):
    program = events(api, "--json")
    api.emit({"event": "stopping", "agent": ""})
    assert program.stdout.readline() == '{"agent":"","event":"stopping","time":"2027-01-05T02:00:00Z"}\n'
    program.kill()
    program.communicate()


def test_a_reader_that_was_too_slow_is_told(api):
    program = events(api)
    api.emit(refusal("too_slow", "this reader is more than 1000 events behind"))
    out, err = program.communicate(timeout=10)
    assert (program.returncode, out) == (1, "")
    assert "1000 events behind" in err


def test_schedule_show_asks_for_the_times_and_lists_the_windows(api, upkeep):
    api.answers["GET", "/v1/agents/web/schedule"] = {"windows": [{"start": "2027-01-06T02:00:00Z", "end": None, "schedules": ["window", "lease"]}]}
    api.answers["GET", "/v1/agents/web/schedule?from=2027-02-01T00%3A00%3A00%2B01%3A00&until=2027-03-01T00%3A00%3A00Z"] = {"windows": []}
    assert "2027-01-06T02:00:00Z" in upkeep("schedule", "show").out
    assert upkeep("schedule", "show", "web", "--from", "2027-02-01T00:00:00+01:00", "--until", "2027-03-01T00:00:00Z", "--json").json == {"windows": []}


def test_reload_lists_what_is_wrong_with_the_new_configuration(api, upkeep):
    api.answers["POST", "/v1/reload"] = {"ok": True, "errors": []}
    assert upkeep("reload").out == "the new configuration is in force\n"
    api.answers["POST", "/v1/reload"] = {"ok": False, "errors": [{"file": "/etc/upkeep/agents.d/web.toml", "line": 3, "message": "unknown key"}]}
    answer = upkeep("reload")
    assert answer.status == 1
    assert "/etc/upkeep/agents.d/web.toml:3: unknown key\n" in answer.err
    assert "the old one stays" in answer.err


def test_version_shows_both_programs_and_the_plugins(api, upkeep):
    api.answers["GET", "/v1/version"] = {"version": "9.8.7", "plugins": [{"kind": "source", "name": "https", "version": "9.8.7", "file": "", "summary": "s"}]}
    out = upkeep("version").out
    assert "upkeepd 9.8.7\n  source https 9.8.7  s\n" in out
    assert upkeep("version", "--json").json["client"] in out


def test_check_for_all(api, upkeep):
    api.agents(agent("db"), agent("web"))
    for name in ("db", "web"):
        api.answers["POST", f"/v1/agents/{name}/check"] = {"agent": name, "messages": ["no upgrades available (1.2.3 == 1.2.3)"], "plan": None}
    assert upkeep("check", "--all").out == "db: no upgrades available (1.2.3 == 1.2.3)\nweb: no upgrades available (1.2.3 == 1.2.3)\n"
