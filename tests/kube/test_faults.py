# SPDX-License-Identifier: Apache-2.0
"""Each request that changes something, in turn, meets each way in which a network or an API server fails: the operation ends as it would have,
nothing is done twice, and nothing is left behind."""

import os
import threading

import pytest

from kube.faulty import WRITES, cut_after, cut_before, late, says, twice
from machine.wait import wait_until

FAULTS = {"cut before": cut_before, "cut after": cut_after, "twice": twice, "late": late(3), "409": says(409), "410": says(410),
          "429": says(429, Retry_After=2), "500": says(500), "503": says(503)}
# of a release that runs, and of one that crashes: on an ordered StatefulSet the way back deletes a pod
GOOD, BAD = ["dry run", "patch"], ["back", "pod"]
MATRIX = [(step, fault) for step in (*GOOD, *BAD) for fault in FAULTS]
SAMPLE = MATRIX if os.environ.get("UPKEEP_LONG") else MATRIX[::3]
PATHS = {"dry run": ("PATCH", "statefulsets/web.*dryRun"), "patch": ("PATCH", "statefulsets/web(?!.*dryRun)"),
         "back": ("PATCH", "statefulsets/web(?!.*dryRun)"), "pod": ("DELETE", "/pods/")}


@pytest.mark.parametrize("step, fault", SAMPLE, ids=[f"{step}-{fault}".replace(" ", "-") for step, fault in SAMPLE])
def test_fault(space, daemon, faulty, step, fault):
    web = space.workload("statefulset")
    upkeepd = daemon(web, space.account(), port=faulty.port)
    upkeepd.wait_reason("up_to_date")
    version, result, end = ("2.3.4", "committed", "2.3.4") if step in GOOD else ("3.0.0-badcrash", "rolled_back", "1.2.3")
    method, path = PATHS[step]
    if step == "back":
        held = faulty.hold(method, path, done=True)
        upkeepd.release(version)
        held.wait()
        faulty.when(method, path, FAULTS[fault])
        held.open()
    else:
        faulty.when(method, path, FAULTS[fault])
        upkeepd.release(version)
    upkeepd.wait_result(result, version, seconds=180, hurry=True)
    web.wait_running(end)
    hit = faulty.asked(WRITES, path)
    assert hit, "the fault was never met"
    assert {one["result"] for one in upkeepd.history()} <= {result, "failed"}


@pytest.mark.parametrize("step", ["dry run", "patch"])
def test_gone_for_a_while(space, daemon, faulty, step):
    """Nobody answers, from the middle of a step on."""
    web = space.workload()
    upkeepd = daemon(web, space.account(), port=faulty.port)
    upkeepd.wait_reason("up_to_date")
    gate = faulty.hold("PATCH", "dryRun" if step == "dry run" else r"/web(?!.*dryRun)", done=True)
    upkeepd.release("2.3.4")
    gate.wait()
    faulty.gone()
    gate.open()
    upkeepd.wait_for(lambda now: "web" in now["name"], "it answers all the same")
    faulty.back()
    upkeepd.wait_result("committed", "2.3.4", seconds=180, hurry=True)
    web.wait_running("2.3.4")


def test_a_patch_that_arrives_after_it_was_given_up(space, daemon, faulty):
    """A proxy hands it on when its client has long gone: then it must not bring a version that nobody watches."""
    web = space.workload()
    upkeepd = daemon(web, space.account(), port=faulty.port)
    upkeepd.wait_reason("up_to_date")
    given_up, landed = threading.Event(), []

    def arrives_late(exchange):
        exchange.wait(given_up)
        landed.append(exchange.ask())

    faulty.when("PATCH", r"/web(?!.*dryRun)", arrives_late)
    upkeepd.release("2.3.4-badcrash")
    upkeepd.wait_for(lambda now: now["last_operation"], "it is given up", seconds=60)
    given_up.set()
    wait_until("it has arrived", lambda: landed)
    assert b" 409 " in landed[0][:20]
    assert web.tag() == "1.2.3" and upkeepd.now["quarantined"] == []
