# SPDX-License-Identifier: Apache-2.0
"""What becomes of a workload is told as events of it, which `kubectl describe` shows."""

from kube.account import rules
from machine.wait import wait_until

OURS = "upkeep.dev/upkeepd"


def test_events(space, daemon):
    web = space.workload()
    upkeepd = daemon(web, space.account())
    upkeepd.release("2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
    upkeepd.release("3.0.0-badcrash")
    upkeepd.wait_result("rolled_back", "3.0.0-badcrash")
    told = wait_until("all four are there", lambda: space.events(OURS), lambda all: len(all) >= 4)
    assert [one["reason"] for one in told] == ["UpgradeStarted", "UpgradeCommitted", "UpgradeStarted", "UpgradeRolledBack"]
    assert {one["regarding"]["uid"] for one in told} == {web.object["metadata"]["uid"]}
    assert [one["type"] for one in told] == ["Normal"] * 3 + ["Warning"]
    assert "2.3.4" in told[1]["note"] and "3.0.0-badcrash" in told[3]["note"]


def test_no_right_to_tell(space, daemon):
    """An event that cannot be written never holds up an upgrade."""
    web = space.workload()
    allowed = [rule for rule in rules() if "events" not in rule["resources"]]
    upkeepd = daemon(web, space.account(allowed=allowed), version="2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
    assert space.events(OURS) == []
