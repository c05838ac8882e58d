# SPDX-License-Identifier: Apache-2.0
"""The journal in a ConfigMap of a real API server: whatever happens to the request that writes an entry, the entry is there once or not at all;
what people make of the ConfigMap is not guessed, and what they keep beside the journal stays."""

import json
import os

import pytest

from kube.faulty import cut_after, cut_before, late, passes, says, twice
from machine.wait import wait_until

STATE = '[state]\nuse = "configmap"\nduration = "4s"\nrenew_deadline = "3s"\nretry = "500ms"\n'
JOURNAL = "/configmaps/upkeep-web"
FAULTS = {"cut before": cut_before, "cut after": cut_after, "twice": twice, "late": late(2), "409": says(409), "410": says(410),
          "429": says(429, Retry_After=1), "500": says(500)}
# An operation writes about eight entries: at which of them the fault strikes.
MATRIX = [(fault, write) for fault in FAULTS for write in range(1, 8)]
SAMPLE = MATRIX if os.environ.get("UPKEEP_LONG") else MATRIX[::6]


@pytest.fixture
def upkeepd(space, daemon, faulty):
    web = space.workload()
    space.state()
    made = daemon(web, space.account(), port=faulty.port, daemon=STATE)
    made.wait_reason("up_to_date")
    return made


def entries(space):
    data = space.client.get("configmaps", space.name, "upkeep-web")["data"]
    return [json.loads(line) for line in data["journal.jsonl"].splitlines()]


def edit(space, change):
    """As with kubectl edit."""
    there = space.client.get("configmaps", space.name, "upkeep-web")
    change(there["data"])
    space.client.replace("configmaps", space.name, there)


@pytest.mark.parametrize("fault, write", SAMPLE, ids=[f"{fault}-{write}".replace(" ", "-") for fault, write in SAMPLE])
def test_entries_are_there_once(space, upkeepd, faulty, fault, write):
    faulty.when("PUT", JOURNAL, *[passes] * (write - 1), FAULTS[fault])
    before = len(faulty.asked("PUT", JOURNAL))
    upkeepd.release("2.3.4")
    upkeepd.wait_result("committed", "2.3.4", seconds=120)
    assert len(faulty.asked("PUT", JOURNAL)) - before >= write, "the fault was never met"
    written = entries(space)
    assert [one["seq"] for one in written] == list(range(written[0]["seq"], written[0]["seq"] + len(written)))
    assert len([one for one in written if one["event"] == "end"]) == 1
    assert len(upkeepd.history()) == 1


def test_others_may_keep_things_beside_it(space, upkeepd):
    edit(space, lambda data: data.update(notes="mine"))
    upkeepd.release("2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
    assert space.client.get("configmaps", space.name, "upkeep-web")["data"]["notes"] == "mine"


def test_garbage_is_not_guessed(space, upkeepd):
    edit(space, lambda data: data.update({"journal.jsonl": "all is well\n" * 2}))
    upkeepd.release("2.3.4")
    now = upkeepd.wait_reason("journal_damaged")
    assert now["operation"] is None
    done = upkeepd.cli("resolve", "web", "--as", "installed")
    assert done.returncode == 0, done.stderr
    upkeepd.wait_result("committed", "2.3.4")
    data = space.client.get("configmaps", space.name, "upkeep-web")["data"]
    aside = [key for key in data if key.startswith("damaged-")]
    assert [data[key] for key in aside] == ["all is well\n" * 2]


def test_one_that_is_missing_is_named_with_the_right_to_make_it(space, daemon):
    web = space.workload()
    space.state()
    space.client.delete("configmaps", space.name, "upkeep-web")
    made = daemon(web, space.account(), daemon=STATE, launch_only=True)
    wait_until("it says what is missing", lambda: made.log,
               lambda log: f"configmap {space.name}/upkeep-web does not exist: create it, or allow its creation" in log, seconds=30)
    space.client.create("configmaps", space.name, {"metadata": {"name": "upkeep-web"}})
    made.wait(made.is_ready)
    made.wait_reason("up_to_date", seconds=60)
