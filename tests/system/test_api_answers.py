# SPDX-License-Identifier: Apache-2.0
"""The running daemon says what conf/api/openapi.yaml says, no more and no less: every address, every verb, in good and bad
requests, and every event."""

import re

import pytest
from conftest import BUILD
from lively import lively

# Its own event comes with a signal of systemd; only a workload has an object that can wish: tests/kube.
NOT_SEEN_HERE = {"health", "wish_taken", "wish_refused"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    daemon = lively(tmp_path_factory.mktemp("lively"), BUILD)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def stream(running):
    return running.events()


@pytest.fixture
def ask(running, description):
    def ask(method, path, body=None, status=200, **who):
        answer = running.ask(method, path, body, **who)
        document = description.judge(method, path, answer)
        if status is not None:
            assert answer.status == status, answer.bytes
        return document
    return ask


def test_status_in_every_state(running, stream, ask):
    for name in ("absent", "closed", "frozen", "shell", "silent", "tried", "web"):  # their first polls come at a random moment
        ask("POST", f"/v1/agents/{name}/check")
    reasons = {
        "absent": "not_installed", "broken": "config_error", "closed": "outside_window", "damaged": "journal_damaged", "frozen": "suspended",
        "jammed": "stuck", "orphan": "orphaned", "orphan-2": "orphaned", "silent": "no_release", "stuck": "stuck",
        "tried": "outside_window", "web": "up_to_date"}

    def come_to_rest():
        agents = ask("GET", "/v1/agents")["agents"]
        tried = [one["preflight"] for one in agents if one["decision"]["reason"] == "outside_window"]
        known = {one["name"]: one["decision"]["reason"] for one in agents if one["name"] != "shell"}
        return known == reasons and all(one and one["state"] != "checking" for one in tried)

    running.wait(come_to_rest)
    agents = {one["name"]: one for one in ask("GET", "/v1/agents")["agents"]}

    def listed(name):
        return [one for one in ask("GET", "/v1/agents")["agents"] if one["name"] == name]

    for name in agents:     # again, when a dry run's result came between the two requests
        running.wait(lambda name=name: ask("GET", f"/v1/agents/{name}")["agents"] == listed(name))
    frozen = agents["frozen"]
    assert frozen["suspended"] == {"actor": "ada (uid 1000)", "reason": "freeze", "until": "2099-01-01T00:00:00Z", "place": None}
    assert (frozen["pinned"], frozen["quarantined"], frozen["last_operation"]["result"]) == ("1.0.0", ["2.0.0"], "committed")
    assert agents["stuck"]["operation"]["phase"] == "stuck"
    assert agents["stuck"]["stuck"]["now"] and agents["stuck"]["stuck"]["commands"][-1]["command"] == "upkeep resolve stuck --as failed"
    assert agents["web"]["stuck"] is None
    assert agents["silent"]["source"]["last_error"]["code"] == "invalid"
    assert agents["web"]["health"]["probes"][0]["baseline"] is False


def test_history_of_one_and_of_all(ask):
    one = ask("GET", "/v1/agents/frozen/history")["operations"]
    assert (one[-1]["id"], one[-1]["result"]) == ("op-0", "rolled_back")
    assert [(op["id"], op["result"], [at["phase"] for at in op["phases"]]) for op in one[:-1]] == [
        (name, "committed", ["preparing", "applying", "activating", "soaking", "committed"]) for name in ("op-2", "op-1")]
    assert ask("GET", "/v1/agents/frozen/history?operation=op-2")["operations"] == one[:1]
    ask("GET", "/v1/agents/frozen/history?operation=op-3", status=404)
    for bad in ("operation=op-", "operation=", "operation=op-1&operation=op-2", "id=op-1"):
        ask("GET", f"/v1/agents/frozen/history?{bad}", status=400)
    everything = ask("GET", "/v1/history")["operations"]
    assert {"frozen", "stuck", "orphan"} <= {op["agent"] for op in everything}
    assert ask("GET", "/v1/agents/web/history") == {"operations": []}
    assert ask("GET", "/v1/agents/damaged/history") == {"operations": []}


def test_schedule_version_metrics_and_health(running, ask, description):
    assert ask("GET", "/v1/agents/closed/schedule") == {"windows": [], "time_zone": None}
    (always,) = ask("GET", "/v1/agents/web/schedule?from=2027-01-01T00:00:00Z&until=2027-01-02T00:00:00%2B01:00")["windows"]
    assert always["schedules"] == ["window"]
    for bad in ("from=now", "from=2027-01-02T00:00:00Z&until=2027-01-01T00:00:00Z", "to=2027-01-02T00:00:00Z", "from=2027-01-01T00:00:00Z&from=x"):
        ask("GET", f"/v1/agents/web/schedule?{bad}", status=400)
    assert {"source", "schedule", "installer", "state"} == {plugin["kind"] for plugin in ask("GET", "/v1/version")["plugins"]}
    assert "damaged: the journal is damaged" in ask("GET", "/healthz", status=503)
    assert ask("GET", "/readyz") == "ready\n"
    exposed = set(re.findall(r"^# TYPE (\S+) ", ask("GET", "/metrics"), re.M))
    listed = set(re.findall(r"^\| `((?:upkeep|process)_\w+)` \|", description.document["paths"]["/metrics"]["get"]["description"], re.M))
    assert exposed and exposed <= listed, f"metrics that are not described: {exposed - listed}"


def test_every_verb_on_every_agent_answers_as_described(running, ask, description):
    """Whatever stands in the way: an orphan, damage, a wrong configuration. Verbs that change an agent for good come later."""
    bodies = {"suspend": {"reason": "r", "for": "1h"}, "pin": {"version": "1.0.0"}, "unquarantine": {"version": "2.0.0"}}
    verbs = [path.rpartition("/")[2] for method, path, _ in description.operations() if method == "POST" and "{agent}" in path]
    for name in ("absent", "broken", "damaged", "frozen", "jammed", "orphan", "silent", "stuck", "tried", "nobody"):
        for verb in verbs:
            if verb in ("forget", "resolve"):
                continue
            ask("POST", f"/v1/agents/{name}/{verb}", bodies.get(verb), status=404 if name == "nobody" else None)
    assert ask("POST", "/v1/agents/web/check")["messages"][0] == "no upgrades available (1.0.0 == 1.0.0)"
    (item,) = ask("POST", "/v1/agents/closed/dry-run")["plan"]
    assert item == {"package": "play", "from": "1.0.0-1", "to": "2.0.0-1"}
    assert ask("POST", "/v1/agents/closed/run")["started"] is False


@pytest.mark.parametrize("verb, body, says", [
    ("suspend", None, '"reason" is missing'), ("suspend", {}, '"reason" is missing'), ("suspend", {"reason": ""}, '"reason" is empty'),
    ("suspend", {"reason": 3}, '"reason" must be a string, not number'), ("suspend", {"reason": "r", "for": "soon"}, '"for"'),
    ("suspend", {"reason": "r", "until": "2001-01-01T00:00:00Z"}, "not in the future"), ("suspend", "[]", "must be a JSON object, not array"),
    ("suspend", {"reason": "r", "for": "1h", "until": "2099-01-01T00:00:00Z"}, "exclude each other"), ("suspend", '{"reason"', "no JSON"),
    ("suspend", '{"reason":"a","reason":"b"}', '"reason" is given twice'), ("run", {"version": "1.0.0"}, 'unknown field "version"'),
    ("force", {"allow_downgrade": "yes"}, "must be true or false"), ("pin", {"version": "newest"}, "version"),
    ("resolve", {"as": "lost"}, '"as" must be "installed" or "failed"'), ("check", b"\xff\xfe", "no JSON"),
    ("rollback", {"to": ["1.0.0"]}, '"to" must be a string, not array'), ("unquarantine", '{"version":"1.0.0"}{}', "no JSON"),
])
def test_a_bad_request_is_refused_by_name(ask, verb, body, says):
    assert says in ask("POST", f"/v1/agents/closed/{verb}", body, status=400)["error"]["message"]


def test_other_refusals(ask, running):
    ask("GET", "/v1/agents?agent=web", status=400)
    ask("GET", "/v1/nothing", status=404)
    ask("GET", "/v1/agents/nobody", status=404)
    ask("POST", "/v1/agents/closed/unquarantine", {"version": "7.0.0"}, status=404)
    ask("POST", "/v1/agents/closed/suspend", {"reason": "x" * 70_000}, status=413)
    ask("POST", "/v1/agents/damaged/pin", {"version": "1.0.0"}, status=503)
    ask("POST", "/v1/agents/closed/force", {"version": "8.0.0"}, status=409)
    for method, path, allow in [("GET", "/v1/agents/web/run", "POST"), ("POST", "/v1/agents", "GET, HEAD"), ("DELETE", "/v1/reload", "POST"),
                                ("PUT", "/metrics", "GET, HEAD"), ("OPTIONS", "/v1/events", "GET, HEAD"), ("HEAD", "/v1/reload", "POST")]:
        ask(method, path, status=405)
        assert running.ask(method, path).headers["Allow"] == allow
    for path in ("/v1/agents", "/v1/version", "/healthz", "/v1/events"):
        ask("HEAD", path, status=None)


def test_a_whole_upgrade_as_status_events_and_history_tell_it(running, stream, ask):
    running.file("web", "hold-apply").touch()
    running.release("2.0.0", "web")
    started = ask("POST", "/v1/agents/web/run")
    assert started["started"]
    running.wait(lambda: (running.status("web")["operation"] or {}).get("text") == "playing")
    operation = ask("GET", "/v1/agents/web")["agents"][0]["operation"]
    assert (operation["id"], operation["phase"], operation["percent"]) == (started["operation"], "applying", None)
    for verb in ("run", "force", "dry-run", "rollback"):
        assert ask("POST", f"/v1/agents/web/{verb}", status=409)["error"]["code"] == "in_operation"
    assert ask("GET", "/v1/agents/web/history")["operations"][0]["result"] is None
    running.file("web", "hold-apply").unlink()
    running.wait(lambda: stream.seen("operation_ended", agent="web", result="committed"))
    assert [one["phase"] for one in stream.documents if one["event"] == "phase" and one["operation"] == started["operation"]] == [
        "preparing", "applying", "activating", "soaking", "committed"]
    assert stream.seen("progress", agent="web", percent=50)
    last = ask("GET", "/v1/agents/web")["agents"][0]["last_operation"]
    assert (last["result"], last["to"]) == ("committed", "2.0.0-1")


def test_a_bad_release_and_an_operators_way_back(running, stream, ask):
    sick = running.folder / "sick"
    sick.touch()
    running.release("3.0.0", "web")
    # What fails before the operation does not count: it has to fail afterwards.
    sick.unlink()
    running.file("web", "hold-apply").touch()
    ask("POST", "/v1/agents/web/run")
    running.wait(lambda: (running.status("web")["operation"] or {}).get("phase") == "applying")
    sick.touch()
    running.file("web", "hold-apply").unlink()
    running.wait(lambda: stream.seen("operation_ended", agent="web", result="rolled_back"))
    sick.unlink()
    assert stream.seen("quarantined", agent="web", version="3.0.0")
    assert ask("GET", "/v1/agents/web")["agents"][0]["quarantined"] == ["3.0.0"]
    running.release("2.0.0", "web")
    assert ask("POST", "/v1/agents/web/check")["decision"]["reason"] == "up_to_date"
    assert ask("POST", "/v1/agents/web/unquarantine", {"version": "3.0.0"})["done"]
    assert ask("POST", "/v1/agents/web/pin", {"version": "2.0.0"})["done"]
    assert ask("POST", "/v1/agents/web/unpin")["done"]
    assert ask("POST", "/v1/agents/web/rollback")["started"]
    running.wait(lambda: running.status("web")["installed"] == "1.0.0-1" and not running.status("web")["operation"])
    assert ask("GET", "/v1/agents/web")["agents"][0]["quarantined"] == ["2.0.0"]


def test_leaving_what_is_stuck_damaged_or_orphaned(running, stream, ask):
    ask("POST", "/v1/agents/web/resolve", {"as": "installed"}, status=409)
    ask("POST", "/v1/agents/web/forget", status=409)
    assert ask("POST", "/v1/agents/stuck/resolve", {"as": "failed"})["done"]
    running.wait(lambda: stream.seen("quarantined", agent="stuck", version="2.0.0"))
    assert ask("POST", "/v1/agents/jammed/resolve", {"as": "installed"})["done"]
    assert ask("POST", "/v1/agents/damaged/resolve", {"as": "installed"})["done"]
    assert ask("POST", "/v1/agents/orphan/forget")["done"]
    running.wait(lambda: running.ask("GET", "/v1/agents/orphan").status == 404)
    assert ask("POST", "/v1/agents/frozen/resume")["done"]


def test_what_others_change_and_what_the_configuration_says(running, stream, ask):
    running.install("closed", "1.5.0-1")
    assert ask("POST", "/v1/agents/closed/check")["installed"] == "1.5.0-1"
    running.wait(lambda: stream.seen("changed_outside", agent="closed", to="1.5.0-1"))
    assert ask("POST", "/v1/reload")["ok"] is False, "one agent's file is broken"
    (running.folder / "agents.d/broken.toml").unlink()
    assert ask("POST", "/v1/reload") == {"ok": True, "errors": []}
    ask("POST", "/v1/reload", {"now": True}, status=400)
    running.play("closed-2", channel="closed", window="never")
    assert ask("POST", "/v1/reload")["ok"]
    assert running.wait(lambda: running.status("closed-2")["decision"]["reason"] == "outside_window")


def test_every_event_is_described_and_every_described_event_was_seen(running, stream, description):
    running.process.terminate()
    assert stream.ended.wait(20)
    events = [description.judge_event(line) for line in stream.lines]
    described = description.document["components"]["schemas"]["EventName"]["enum"]
    assert [one["properties"]["event"]["enum"] for one in description.event_schemas()] == [[name] for name in described]
    # `started` comes before anybody can listen.
    assert {one["event"] for one in events} == set(described) - NOT_SEEN_HERE - {"started"}


def test_every_address_was_asked_well_and_badly(description):
    """Of this file's other tests."""
    for method, path, _ in description.operations():
        if path == "/v1/events" and method == "GET":
            continue  # read above as a stream
        statuses = description.seen.get((method, path), set())
        assert 200 in statuses or path == "/healthz", f"{method} {path} never succeeded: {statuses}"
        if method == "POST":
            assert statuses & {400, 404, 409, 503}, f"{method} {path} was never refused"
