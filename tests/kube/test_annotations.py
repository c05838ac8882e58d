# SPDX-License-Identifier: Apache-2.0
"""Who has nothing but kubectl asks by annotations: a stop for as long as one stands there, an upgrade once."""

from kube.account import rules

SUSPEND, FORCE = "upkeep.dev/suspend", "upkeep.dev/force"


def test_suspend(space, daemon):
    web = space.workload(annotations={SUSPEND: "change freeze"})
    upkeepd = daemon(web, space.account(), poll="24h", version="2.3.4")
    now = upkeepd.wait_reason("suspended")
    assert "change freeze" in now["decision"]["text"] and "helm" in str(now["suspended"]), now
    assert web.tag() == "1.2.3"
    web.annotate(**{SUSPEND: None})
    upkeepd.wait_result("committed", "2.3.4", seconds=60)


def test_force(space, daemon):
    """It is taken once, and taken away; who wrote it is on record, as claimed."""
    web = space.workload()
    upkeepd = daemon(web, space.account(), window="never = true", version="2.3.4")
    upkeepd.wait_reason("outside_window")
    web.annotate(who="kubectl-annotate", **{FORCE: "2.3.4"})
    upkeepd.wait_result("committed", "2.3.4")
    upkeepd.wait_for(lambda now: FORCE not in web.annotations, "the wish is taken away")
    assert "kubectl-annotate" in str(upkeepd.history()[0]["actor"])
    upkeepd.release("2.3.5")
    upkeepd.wait_reason("outside_window")
    assert web.tag() == "2.3.4"


def test_force_where_nothing_may_be_patched(space, daemon):
    """As a role made for an older updater has it: the wish is taken away by replacing the object, and never taken twice."""
    web = space.workload()
    upkeepd = daemon(web, space.account(allowed=rules(write=("get", "watch", "update"))), window="never = true", version="2.3.4")
    upkeepd.wait_reason("outside_window")
    web.annotate(who="kubectl-annotate", **{FORCE: "2.3.4"})
    upkeepd.wait_result("committed", "2.3.4")
    upkeepd.wait_for(lambda now: FORCE not in web.annotations, "the wish is taken away")
    web.set_tag("1.2.3", who="kubectl-edit")
    web.annotate(who="kubectl-annotate", team="x")
    upkeepd.wait_for(lambda now: now["installed"].endswith("1.2.3") and now["decision"]["reason"] == "outside_window", "it waits")
    assert len(upkeepd.history()) == 1


def test_force_of_another_version(space, daemon):
    """What the channel does not say is not installed, and the wish does not stay."""
    web = space.workload()
    upkeepd = daemon(web, space.account(), window="never = true", version="2.3.4")
    upkeepd.wait_reason("outside_window")
    web.annotate(**{FORCE: "9.9.9"})
    upkeepd.wait_for(lambda now: FORCE not in web.annotations, "the wish is taken away")
    assert web.tag() == "1.2.3" and upkeepd.history() == []
