# SPDX-License-Identifier: Apache-2.0
"""What scripts may rely on: exit statuses, and where the text goes."""

import socket
import threading

import pytest
from fake_api import agent, refusal

REMOTE = ["status", "history", "events", "version", "run", "force", "rollback", "check", "dry-run", "resume", "unpin", "forget", "reload"]


@pytest.mark.parametrize("command", REMOTE)
def test_without_a_daemon_it_is_4_and_says_what_to_look_at(upkeep, tmp_path, command):
    answer = upkeep("--socket", tmp_path / "none.sock", command)
    assert answer.status == 4
    assert f"no daemon answers at {tmp_path}/none.sock: No such file or directory; is upkeepd running?" in answer.err


def test_a_daemon_that_died_is_no_daemon(upkeep, api):
    api.stop()
    answer = upkeep("status")
    assert answer.status == 4
    assert "Connection refused" in answer.err
    api.path += "2"
    api.start()


def test_a_daemon_that_breaks_off_is_no_daemon(upkeep, tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        listener.settimeout(10)

        def hang_up():
            with listener.accept()[0] as connection:
                connection.recv(4096)
        threading.Thread(target=hang_up, daemon=True).start()
        answer = upkeep("--socket", tmp_path / "s", "status")
    assert answer.status == 4
    assert "broke off" in answer.err


@pytest.mark.parametrize("words", [
    [], ["dance"], ["status", "a", "b"], ["suspend"], ["suspend", "--reason", "r", "--for", "1h", "--until", "2027-01-05T00:00:00Z"], ["pin"],
    ["unquarantine"], ["resolve"], ["resolve", "--as", "fine"], ["run", "--wait", "soon"], ["run", "--wait", "5m", "--no-wait"], ["run", "--wait", "1m1h"],
    ["schedule"], ["schedule", "show", "web", "--config", "x"], ["check", "web", "--all"], ["status", "--colour"]])
def test_wrong_usage_is_2(api, upkeep, words):
    answer = upkeep(*words)
    assert answer.status == 2, answer.err
    assert answer.err
    assert api.posts() == []


def test_help_is_0_and_has_examples(upkeep):
    for words in (["--help"], ["run", "--help"], ["schedule", "show", "--help"], ["suspend", "--help"]):
        answer = upkeep(*words)
        assert answer.status == 0
        assert "Examples:\n" in answer.out


@pytest.mark.parametrize("status, code, exit_status", [(403, "forbidden", 1), (404, "not_found", 1), (409, "in_operation", 1), (409, "refused", 1),
                                                       (503, "unavailable", 1), (500, "internal", 1), (400, "invalid", 2)])
def test_what_the_daemon_refuses_is_1_and_what_it_does_not_understand_is_2(api, upkeep, status, code, exit_status):
    api.answers["POST", "/v1/agents/web/resume"] = status, refusal(code, "because of that")
    answer = upkeep("resume")
    assert (answer.status, answer.out, answer.err) == (exit_status, "", "upkeep: because of that\n")


def test_with_json_a_failure_is_a_document_too(api, upkeep):
    api.answers["POST", "/v1/agents/web/resume"] = 403, refusal("forbidden", "join the group upkeep-admin")
    answer = upkeep("resume", "--json")
    assert answer.json == refusal("forbidden", "join the group upkeep-admin")
    assert answer.err == "upkeep: join the group upkeep-admin\n"
    assert upkeep("--socket", "/none", "status", "--json").json["error"]["code"] == "no_daemon"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"', b"\xff"])
def test_an_answer_that_is_none_is_1(api, upkeep, body):
    api.answers["GET", "/v1/agents"] = 200, body
    answer = upkeep("status")
    assert answer.status == 1
    assert "no JSON object" in answer.err
    api.answers["GET", "/v1/agents"] = 500, body
    assert "HTTP status 500" in upkeep("status").err


def test_the_agent_may_be_left_out_when_there_is_one(api, upkeep):
    api.answers["POST", "/v1/agents/web/resume"] = {"agent": "web", "done": True, "text": "operations may start again"}
    assert upkeep("resume").out == "operations may start again\n"
    assert upkeep("resume", "web").out == "operations may start again\n"


def test_with_several_agents_one_must_be_named(api, upkeep):
    api.agents(agent("db"), agent("web"))
    answer = upkeep("resume")
    assert answer.status == 2
    assert "name one: db, web" in answer.err
    api.agents()
    assert upkeep("resume").status == 1


def test_all_means_all_and_one_failure_is_a_failure(api, upkeep):
    api.agents(agent("db"), agent("web"))
    api.answers["POST", "/v1/agents/db/suspend"] = 503, refusal("unavailable", "disk full")
    api.answers["POST", "/v1/agents/web/suspend"] = {"agent": "web", "done": True, "text": "suspended"}
    answer = upkeep("suspend", "--all", "--reason", "freeze")
    assert (answer.status, answer.out, answer.err) == (1, "web: suspended\n", "upkeep: db: disk full\n")
    assert upkeep("suspend", "--all", "--reason", "freeze", "--json").json == {
        "results": [{"agent": "db", **refusal("unavailable", "disk full")}, {"agent": "web", "done": True, "text": "suspended"}]}


def test_a_name_cannot_lead_to_another_address(api, upkeep):
    assert upkeep("status", "../v1/version").status == 1
    assert api.requests == [("GET", "/v1/agents/..%2Fv1%2Fversion", None)]
