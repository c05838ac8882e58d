# SPDX-License-Identifier: Apache-2.0
"""The API server goes down and comes up again, in each phase of an operation: the same operation ends as it would have."""

import pytest

from machine.wait import wait_until

DRY, REAL = r"/deployments/web.*dryRun=All", r"/deployments/web(?!.*dryRun)"
PHASES = {"preparing": ("PATCH", DRY, False), "before the patch": ("PATCH", REAL, False), "after the patch": ("PATCH", REAL, True),
          "rolling out": ("GET", "/pods|/deployments", False)}


@pytest.mark.parametrize("phase", PHASES)
def test_forwards(cluster, space, daemon, faulty, phase):
    web = space.workload()
    method, path, done = PHASES[phase]
    if phase == "rolling out":
        patched = faulty.hold("PATCH", REAL, done=True)
        upkeepd = daemon(web, space.account(), port=faulty.port, version="2.3.4")
        patched.wait()
        gate = faulty.hold(method, path, done)
        patched.open()
    else:
        gate = faulty.hold(method, path, done)
        upkeepd = daemon(web, space.account(), port=faulty.port, version="2.3.4")
    gate.wait()
    faulty.gone()
    cluster.restart()
    gate.open()
    faulty.back()
    upkeepd.wait_result("committed", "2.3.4", seconds=180, hurry=True)
    web.wait_running("2.3.4")
    assert len({one["id"] for one in upkeepd.history() if one["result"] == "committed"}) == 1


def test_in_the_soak(cluster, space, daemon):
    web = space.workload()
    upkeepd = daemon(web, space.account(), soak="4s", version="2.3.4")
    upkeepd.wait_phase("soaking")
    operation = upkeepd.now["operation"]["id"]
    cluster.restart()
    now = upkeepd.wait_result("committed", "2.3.4", seconds=120)
    assert now["last_operation"]["id"] == operation and now["quarantined"] == []


def test_on_the_way_back(cluster, space, daemon, faulty):
    """The bad release is patched away only once the server is back."""
    web = space.workload("statefulset")
    upkeepd = daemon(web, space.account(), port=faulty.port)
    patched = faulty.hold("PATCH", r"/statefulsets/web(?!.*dryRun)", done=True)
    upkeepd.release("3.0.0-badcrash")
    patched.wait()
    back = faulty.hold("PATCH", r"/statefulsets/web(?!.*dryRun)")
    patched.open()
    back.wait()
    faulty.gone()
    cluster.restart()
    back.open()
    faulty.back()
    upkeepd.wait_result("rolled_back", "3.0.0-badcrash", seconds=180)
    web.wait_running("1.2.3")


def test_changes_are_still_seen(cluster, space, daemon):
    """The watch that broke is begun again, though a server that has just started may refuse it: a mark that is taken away afterwards is seen at once."""
    web = space.workload(annotations={"upkeep.dev/skip": "true"})
    upkeepd = daemon(web, space.account(), poll="24h", version="2.3.4")
    upkeepd.wait_reason("held")
    cluster.restart()
    wait_until("the workload can be read", lambda: web.object)
    web.annotate(**{"upkeep.dev/skip": None})
    upkeepd.wait_result("committed", "2.3.4", seconds=120)
