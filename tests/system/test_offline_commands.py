# SPDX-License-Identifier: Apache-2.0
"""Commands that answer without a daemon: explain, schedule show --config, config check, and enable's refusal."""

import json
import os
import subprocess

import pytest
from conftest import BUILD

AGENT = """\
[source]
use = "file"
path = "/srv/channels"
channel = "current"

[[schedule]]
use = "window"
days = ["Mon", "Wed"]
start = "02:00"
length = "1h"
time_zone = "Europe/Berlin"

[installer]
use = "apt"
package = "demo-agent"
restart = "demo-agent.service"
"""
MONDAY_INSIDE = "2027-01-04T01:30:00Z"   # 02:30 in Berlin
MONDAY_BEFORE = "2027-01-04T00:30:00Z"


@pytest.fixture
def agent(tmp_path):
    """agent(): the file above; agent(old, new): with a change."""
    def agent(old="", new="", name="demo.toml"):
        file = tmp_path / name
        file.write_text(AGENT.replace(old, new) if old else AGENT)
        return file
    return agent


@pytest.fixture
def explain(upkeep, agent):
    def explain(*words, installed="1.2.3", version="2.0.0", at=MONDAY_INSIDE, file=None):
        answer = upkeep("explain", "--config", file or agent(), "--installed", installed, "--version", version, "--at", at, *words, "--json")
        assert answer.status == 0, answer.err
        return answer.json["decision"]
    return explain


def test_explain_says_upgrade_in_the_window(explain):
    decision = explain(version="1.3.0")
    assert (decision["action"], decision["reason"]) == ("upgrade", "window_open")
    assert set(decision) == {"action", "reason", "text", "until"}


def test_explain_says_when_the_window_opens(explain):
    decision = explain(version="1.3.0", at=MONDAY_BEFORE)
    assert (decision["action"], decision["reason"], decision["until"]) == ("wait", "outside_window", "2027-01-04T01:00:00Z")


def test_explain_takes_what_a_signed_channel_says(upkeep, agent, tmp_path):
    document = {"channel": "stable", "version": "1.3.0", "critical": False, "serial": 1, "issued": "2026-01-01T00:00:00Z",
                "expires": "2030-01-01T00:00:00Z", "rollout": [{"starts": "2026-01-01T00:00:00Z", "percent": 10},
                                                               {"starts": "2029-01-01T00:00:00Z", "percent": 100}]}
    (tmp_path / "release.json").write_text(json.dumps(document))
    asked = ["explain", "--config", agent(), "--installed", "1.2.3", "--document", tmp_path / "release.json", "--at", MONDAY_INSIDE, "--json"]
    assert upkeep(*asked).json["decision"]["reason"] == "window_open"
    later = upkeep(*asked, "--share", "42").json["decision"]
    assert (later["reason"], later["until"]) == ("rollout_share", "2029-01-01T00:00:00Z")
    assert "place is 42.0 %" in later["text"]
    assert upkeep(*asked, "--version", "1.3.0").status == 2, "one or the other"
    assert upkeep("explain", "--config", agent(), "--installed", "1.2.3").status == 2
    (tmp_path / "release.json").write_text("{")
    wrong = upkeep(*asked)
    assert wrong.status == 2 and "it is no JSON: byte 2" in wrong.json["error"]["message"]


@pytest.mark.parametrize("installed, version, words, reason", [
    ("1.2.3", "1.2.3", (), "up_to_date"),
    ("1.2.3-1", "1.2.3", (), "up_to_date"),
    ("1:1.2.3-1+b2", "v1.2.3", (), "up_to_date"),
    ("1.2.3", "none", (), "no_release"),
    ("none", "1.2.3", (), "not_installed"),
    ("2.0.0", "1.9.9", (), "downgrade"),
    ("1.2.3", "1.3.0", ("--critical",), "critical"),
    ("1.2.3", "1.3.0", ("--unhealthy",), "outside_window"),
])
def test_explain_knows_every_rule(explain, installed, version, words, reason):
    assert explain(*words, installed=installed, version=version, at=MONDAY_BEFORE)["reason"] == reason


def test_explain_follows_the_policy_of_the_file(explain, agent):
    policy = '[policy]\nmajor_skip = 0\nunhealthy_may_upgrade = true\n[installer]'
    file = agent("[installer]", policy)
    assert explain(version="2.0.0", file=file)["reason"] == "major_skip"
    assert explain("--unhealthy", version="1.3.0", at=MONDAY_BEFORE, file=file)["reason"] == "unhealthy"


def test_explain_for_people_is_a_sentence(upkeep, agent):
    answer = upkeep("explain", "--config", agent(), "--installed", "1.2.3", "--version", "1.3.0", "--at", MONDAY_BEFORE)
    assert answer.status == 0
    assert answer.out.startswith("wait (outside_window): ")
    assert "until 2027-01-04T01:00:00Z" in answer.out


@pytest.mark.parametrize("words, name", [
    (("--installed", "1.2.3", "--version", "latest"), "--version"),
    (("--installed", "1.2.3; rm", "--version", "1.0.0"), "--installed"),
    (("--installed", "1.2.3", "--version", "1.0.0", "--at", "tomorrow"), "--at"),
])
def test_a_wrong_value_is_wrong_usage_and_named(upkeep, agent, words, name):
    answer = upkeep("explain", "--config", agent(), *words)
    assert answer.status == 2
    assert name in answer.err
    assert answer.out == ""


def test_a_missing_option_is_wrong_usage(upkeep, agent):
    assert upkeep("explain", "--config", agent()).status == 2
    assert upkeep("channel", "show").status == 2
    assert upkeep("enable").status == 2


def test_explain_names_what_is_wrong_with_the_file(upkeep, agent):
    file = agent("package =", "pakcage =")
    answer = upkeep("explain", "--config", file, "--installed", "1.2.3", "--version", "1.0.0", "--json")
    code, message = answer.error
    assert code == "invalid"
    assert f"{file}:15: installer.pakcage: unknown key; did you mean `package`?" in message
    assert message.split("\n")[0] in answer.err


def show(upkeep, file, *words):
    answer = upkeep("schedule", "show", "--config", file, "--from", "2027-01-01T00:00:00Z", "--until", "2027-01-08T00:00:00Z", *words)
    assert answer.status == 0, answer.err
    return answer


def test_schedule_show_lists_the_stretches_of_a_file(upkeep, agent):
    assert show(upkeep, agent(), "--json").json == {"windows": [
        {"start": "2027-01-04T01:00:00Z", "end": "2027-01-04T02:00:00Z", "schedules": ["window"]},
        {"start": "2027-01-06T01:00:00Z", "end": "2027-01-06T02:00:00Z", "schedules": ["window"]},
    ], "time_zone": "Europe/Berlin"}


def test_schedule_show_means_all_schedules_at_once(upkeep, agent):
    second = '[[schedule]]\nuse = "window"\nstart = "01:30"\nlength = "1h"\n[installer]'   # UTC, so it overlaps the second half
    windows = show(upkeep, agent("[installer]", second), "--json").json["windows"]
    assert [(w["start"], w["end"]) for w in windows] == [
        ("2027-01-04T01:30:00Z", "2027-01-04T02:00:00Z"), ("2027-01-06T01:30:00Z", "2027-01-06T02:00:00Z")]


def test_schedule_show_has_no_end_for_always(upkeep, agent):
    always = agent('days = ["Mon", "Wed"]\nstart = "02:00"\nlength = "1h"\n', "always = true\n")
    windows = show(upkeep, always, "--json").json["windows"]
    assert len(windows) == 1 and windows[0]["end"] is None


def test_schedule_show_for_people(upkeep, agent):
    assert show(upkeep, agent()).out.splitlines()[0] == "2027-01-04T01:00:00Z  to  2027-01-04T02:00:00Z  (window)"
    never = agent('days = ["Mon", "Wed"]\nstart = "02:00"\nlength = "1h"\n', "never = true\n")
    assert show(upkeep, never).out == "no schedule is open in that time\n"


def test_schedule_show_wants_from_before_until(upkeep, agent):
    answer = upkeep("schedule", "show", "--config", agent(), "--from", "2027-01-02T00:00:00Z", "--until", "2027-01-01T00:00:00Z")
    assert answer.status == 2
    assert "--until must be later than --from" in answer.err


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "etc/agents.d").mkdir(parents=True)
    (tmp_path / "etc/agents.d/demo.toml").write_text(AGENT)
    return tmp_path / "etc"


def test_config_check_of_a_good_folder(upkeep, folder):
    answer = upkeep("config", "check", folder, "--json")
    assert (answer.status, answer.json) == (0, {"ok": True, "errors": [], "warnings": [], "notes": []})
    assert upkeep("config", "check", folder).out == "the configuration is good; agents: demo\n"


def test_config_check_names_file_line_and_the_right_key(upkeep, folder):
    (folder / "upkeep.toml").write_text('[log]\nlevel = "loud"\n')
    (folder / "agents.d/other.toml").write_text(AGENT.replace("demo-agent", "other").replace("length", "lenght"))
    (folder / "agents.d/torn.toml").write_text("[source\n")
    answer = upkeep("config", "check", folder, "--json")
    assert answer.status == 1
    errors = {(os.path.relpath(e["file"], folder), e["line"]): e["message"] for e in answer.json["errors"]}
    assert answer.json["ok"] is False
    assert errors["upkeep.toml", 2] == 'log.level: "loud" is not a choice; known are: debug, info, warn, error'
    assert errors["agents.d/other.toml", 10] == "schedule[0].lenght: unknown key; did you mean `length`?"
    assert ("agents.d/torn.toml", 1) in errors
    people = upkeep("config", "check", folder)
    assert people.status == 1
    assert f"{folder}/agents.d/other.toml:10: schedule[0].lenght: unknown key; did you mean `length`?" in people.out.splitlines()


def test_config_check_of_one_agent(upkeep, folder):
    assert upkeep("config", "check", folder / "agents.d/demo.toml", "--json").json["ok"] is True
    assert upkeep("config", "check", folder / "upkeep.toml", "--json").json["ok"] is True   # that is the folder


def test_config_check_of_what_is_not_there(upkeep, tmp_path):
    answer = upkeep("config", "check", tmp_path / "gone.toml", "--json")
    assert answer.status == 1
    assert [e["file"] for e in answer.json["errors"]] == [str(tmp_path / "gone.toml")]


def test_a_plugin_that_is_missing_is_named_with_those_that_are_there(upkeep, folder):
    (folder / "agents.d/demo.toml").write_text(AGENT.replace('"window"', '"moon"'))
    answer = upkeep("config", "check", folder, "--json")
    assert answer.json["errors"][0]["line"] == 7
    assert 'there is no schedule plugin "moon" in ' in answer.json["errors"][0]["message"]
    assert "there are: channel, lease, window" in answer.json["errors"][0]["message"]


def test_upkeep_toml_says_where_plugins_are(upkeep, folder, tmp_path):
    (folder / "upkeep.toml").write_text(f'[daemon]\nplugins = "{tmp_path}/plugins"\n')
    answer = upkeep("config", "check", folder, "--json", UPKEEP_PLUGINS="")
    assert f"in {tmp_path}/plugins; there are: none" in answer.json["errors"][0]["message"]


def test_enable_is_for_root():
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run([BUILD / "daemon/cli/upkeep", "enable", "demo"], capture_output=True, text=True, **nobody)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "upkeep: only root may do this: sudo upkeep enable demo\n"
    done = subprocess.run([BUILD / "daemon/cli/upkeep", "enable", "demo", "--json"], capture_output=True, text=True, **nobody)
    assert (done.returncode, json.loads(done.stdout)) == (1, {"error": {"code": "denied", "message": "only root may do this: sudo upkeep enable demo"}})


def test_channel_show_takes_a_folder_with_a_slash_at_its_end(upkeep, tmp_path):
    (tmp_path / "current").mkdir()
    (tmp_path / "current/version").write_text("1.2.3")
    (tmp_path / "current/critical").write_text("no")
    assert upkeep("channel", "show", f"{tmp_path}/current/").out == "1.2.3\n"
