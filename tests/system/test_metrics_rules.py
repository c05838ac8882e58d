# SPDX-License-Identifier: Apache-2.0
"""Alert rules and dashboards: promtool reads every expression, every alert has a test, and every metric they name exists."""

import json
import re

import pytest
import yaml
from conftest import TESTS
from promtool import promtool

CONF = TESTS.parent / "conf"
RULES = CONF / "prometheus/upkeep.rules.yml"
DASHBOARDS = sorted((CONF / "grafana").glob("*.json"))
ALL = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in ALL if "alert" in rule]
CASES = [case for file in sorted((CONF / "prometheus/tests").glob("*.test.yml")) for group in yaml.safe_load(file.read_text())["tests"]
         for case in group.get("alert_rule_test", [])]
# Grafana's variables, as something that may stand there.
VARIABLES = {"$__rate_interval": "5m", "$__range": "1d", "$job": "upkeep", "$agent": ".*", "$instance": "a:9464"}


def expressions(dashboard):
    found = [(panel["title"], target["expr"]) for panel in json.loads(dashboard.read_text())["panels"] for target in panel.get("targets", [])]
    assert len(found) > 10, dashboard
    return found


def named(expression):
    """The metrics in an expression, histograms without their endings."""
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"(?<![\w:])(?:upkeep|process)_\w+(?![\w:])", expression)}


def test_promtool_accepts_the_rules():
    status, said = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
    assert status == 0, said
    assert f"{len(ALL)} rules found" in said


@pytest.mark.parametrize("file", sorted((CONF / "prometheus/tests").glob("*.test.yml")), ids=lambda file: file.name)
def test_the_rules_do_what_their_tests_say(file):
    status, said = promtool("test", "rules", file)
    assert status == 0, said


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_is_tested_firing_and_not(rule):
    expected = [case["exp_alerts"] for case in CASES if case["alertname"] == rule["alert"]]
    assert any(expected), "no test sees it fire"
    assert not all(expected), "no test sees it silent"


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_says_how_bad_it_is_and_what_to_type(rule):
    assert rule["labels"]["severity"] in ("info", "warning", "critical")
    assert rule["annotations"]["summary"]
    assert re.search(r"`(sudo )?(upkeep|systemctl|journalctl|timedatectl|df|curl)\b[^`]*`", rule["annotations"]["description"])


@pytest.mark.parametrize("rule", [rule for rule in ALL if "record" in rule], ids=lambda rule: rule["record"])
def test_every_recording_rule_is_tested(rule):
    tests = "".join(file.read_text() for file in (CONF / "prometheus/tests").glob("*.test.yml"))
    assert re.search(rf"expr: '?(round\()?{re.escape(rule['record'])}\b", tests)


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda file: file.name)
def test_promtool_accepts_every_expression_of_a_dashboard(dashboard, tmp_path):
    rules = []
    for number, (_, expression) in enumerate(expressions(dashboard)):
        for variable, value in VARIABLES.items():
            expression = expression.replace(variable, value)
        assert "$" not in expression, expression
        rules.append({"record": f"panel:{number}", "expr": expression})
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    status, said = promtool("check", "rules", file)
    assert status == 0, said


def test_promtool_would_refuse_a_panel_that_is_wrong(tmp_path):
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": [{"record": "panel:0", "expr": "sum by (upkeep_agents"}]}]}))
    assert promtool("check", "rules", file)[0] != 0


def test_every_metric_that_rules_and_dashboards_name_exists():
    described = set(re.findall(r"\| `((?:upkeep|process)_\w+)` \|", (CONF / "api/openapi.yaml").read_text()))
    recorded = {rule["record"] for rule in ALL if "record" in rule}
    texts = [rule["expr"] for rule in ALL] + [expression for dashboard in DASHBOARDS for _, expression in expressions(dashboard)]
    assert len(described) > 30
    for text in texts:
        assert named(text) <= described, (text, named(text) - described)
        assert set(re.findall(r"\w+:upkeep_\w+:\w+", text)) <= recorded, text


def test_dashboards_are_the_fleet_and_one_agent():
    boards = {json.loads(file.read_text())["uid"]: json.loads(file.read_text()) for file in DASHBOARDS}
    assert set(boards) == {"upkeep-fleet", "upkeep-agent"}
    for board in boards.values():
        ids = [panel["id"] for panel in board["panels"]]
        assert len(ids) == len(set(ids))
        assert all(panel["datasource"]["uid"] == "${datasource}" for panel in board["panels"] if panel["type"] != "row")
