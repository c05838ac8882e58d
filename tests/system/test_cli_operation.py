# SPDX-License-Identifier: Apache-2.0
"""`upkeep history --operation`, and how `upkeep status` shows an agent that is stuck."""

import pytest
from fake_api import agent, refusal

ONE = {
    "id": "20270105T020000Z-0000abcd", "agent": "web", "from": "2.3.5-1", "to": "3.0.0-1", "result": "rolled_back", "reason": "window_open",
    "actor": "ann (uid 1000)", "started": "2027-01-05T02:00:00Z", "ended": "2027-01-05T02:03:05Z", "detail": "unhealthy: unit web.service: crash loop",
    "times": 1,
    "phases": [{"phase": "preparing", "at": "2027-01-05T02:00:00Z", "detail": "", "seconds": 0.25},
               {"phase": "applying", "at": "2027-01-05T02:00:00.25Z", "detail": "web 2.3.5-1 -> 3.0.0-1", "seconds": 95.0},
               {"phase": "rolled_back", "at": "2027-01-05T02:03:05Z", "detail": "back", "seconds": None}],
    "record": [{"topic": "hook", "at": "2027-01-05T02:00:00Z", "lines": ["before_apply: /usr/local/sbin/drain: exit status 0, after 2s", "drained"]},
               {"topic": "package_manager", "at": "2027-01-05T02:01:00Z", "lines": ["dpkg: warning"]},
               {"topic": "also_changed", "at": "2027-01-05T02:01:00Z", "lines": ["libweb 1.0-1 -> 1.1-1"]},
               {"topic": "probe", "at": "2027-01-05T02:01:36Z", "lines": ["unit web.service is failing", "crash loop"]},
               {"topic": "unit_log", "at": "2027-01-05T02:01:36Z", "lines": ["web.service, its last lines since the restart:", "… \x1b[31mpanic"]},
               {"topic": "differences", "at": "2027-01-05T02:03:00Z", "lines": ["/etc/web.conf"]}]}
PAGE = """web  2.3.5-1 -> 3.0.0-1  rolled_back  [window_open]
  operation    20270105T020000Z-0000abcd
  asked for by ann (uid 1000)
"""


def test_one_operation_is_a_page(api, upkeep):
    api.answers["GET", "/v1/agents/web/history?operation=20270105"] = {"operations": [ONE]}
    out = upkeep("history", "web", "--operation", "20270105").out
    assert out.startswith(PAGE)
    assert "  ended        2027-01-05T02:03:05Z, after 3m 5s\n  because      unhealthy: unit web.service: crash loop\n" in out
    assert "  02:00:00  preparing    250ms" in out
    assert "  02:00:00  applying     1m 35s   web 2.3.5-1 -> 3.0.0-1\n" in out
    for heading, line in [("hook", "drained"), ("the package manager said", "dpkg: warning"), ("changed beside it", "libweb 1.0-1 -> 1.1-1"),
                          ("the probe that failed", "crash loop"), ("not as it was before", "/etc/web.conf")]:
        assert f"\n  {heading}, 02:0" in out and f"\n    {line}\n" in out
    assert "\x1b" not in out
    assert upkeep("history", "web", "--operation", "20270105", "--json").json == {"operations": [ONE]}


def test_the_agent_may_be_left_out_and_what_is_not_there_is_said(api, upkeep):
    api.agents(agent("web"))
    api.answers["GET", "/v1/agents/web/history?operation=x"] = 404, refusal("not_found", 'web has no operation "x" in its history')
    answer = upkeep("history", "--operation", "x")
    assert (answer.status, answer.out) == (1, "") and 'no operation "x"' in answer.err


@pytest.mark.parametrize("words, wanted", [
    (["history", "web", "--operation", ""], ["op-1", "op-2"]), (["history", "web", "--operation", "op-2"], ["op-2"]),
    (["history", "web", "--operation=op-1"], ["--operation=op-1"]),
])
def test_ids_are_completed(api, upkeep, words, wanted):
    operations = [{"id": "op-1", "from": "1", "to": "2", "result": "committed"}, {"id": "op-2", "from": "2", "to": "3", "result": None}]
    api.answers["GET", "/v1/agents/web/history"] = api.answers["GET", "/v1/history"] = {"operations": operations}
    lines = upkeep("complete-words", "--", *words).out.splitlines()
    assert [line.partition("\t")[0] for line in lines] == wanted


def test_stuck_is_shown_in_full(api, upkeep):
    stuck = {"tried": ["going back to 1.2.3-1 was tried 31 times from A to B", "31 times: the mirror is broken"],
             "now": ["3.0.0-1 is installed", "web.service is failed (failed)"],
             "commands": [{"command": "sudo dpkg --configure -a", "text": "repairs what was interrupted half-way"},
                          {"command": "upkeep resolve web --as failed", "text": "when another version works"}]}
    api.agents(agent("web", phase="stuck", stuck=stuck))
    lines = upkeep("status").out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  tried"))
    assert [line[14:] for line in lines[at:at + 8]] == [*stuck["tried"], *stuck["now"], "sudo dpkg --configure -a", "  repairs what was interrupted half-way",
                                                        "upkeep resolve web --as failed", "  when another version works"]
    assert lines[at + 2].startswith("  now  ") and lines[at + 4].startswith("  do  ")
