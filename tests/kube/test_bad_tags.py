# SPDX-License-Identifier: Apache-2.0
"""Releases that do not run: what is the release's own fault is taken back early and never tried again; what may be the registry's or the
nodes' is said at once, taken back at the deadline, and tried again."""

import itertools

import pytest

from kube.shapes import SHAPES
from machine.wait import wait_until

QUICK = 'progress_deadline = "10s"\n'
KINDS = ("deployment", "ordered", "daemonset")
ROLLED = pytest.mark.parametrize("shape", [SHAPES[name] for name in KINDS], ids=KINDS)


def told(now):
    """What an operator is told of the operation that runs."""
    return f"{(now['operation'] or {}).get('text')} {now['health']} {now['warnings']}"


@ROLLED
def test_image_that_cannot_be_pulled(space, daemon, shape):
    web = shape.make(space)
    upkeepd = daemon(web, space.account(), installer=QUICK)
    upkeepd.release("2.0.0-badpull")
    upkeepd.wait_for(lambda now: now["operation"] and "ImagePullBackOff" in told(now) or "ErrImagePull" in told(now), "the pod's message is shown")
    upkeepd.wait_result("rolled_back", "2.0.0-badpull")
    web.wait_running("1.2.3")
    assert upkeepd.now["quarantined"] == []


@ROLLED
def test_never_ready(space, daemon, shape):
    web = shape.make(space)
    upkeepd = daemon(web, space.account(), installer=QUICK)
    upkeepd.release("2.0.0-badready")
    upkeepd.wait_result("rolled_back", "2.0.0-badready")
    web.wait_running("1.2.3")
    upkeepd.wait_reason("quarantined")


@ROLLED
def test_crashes_in_its_soak(space, daemon, shape):
    """All pods were ready before they began to crash."""
    web = shape.make(space)
    upkeepd = daemon(web, space.account(), soak="1m")
    upkeepd.release("2.0.0-badlater")
    upkeepd.wait_result("rolled_back", "2.0.0-badlater")
    web.wait_running("1.2.3")
    assert upkeepd.now["quarantined"] == ["2.0.0-badlater"]


def test_slow_is_not_bad(space, daemon):
    web = space.workload()
    upkeepd = daemon(web, space.account())
    upkeepd.release("2.0.0-slow")
    upkeepd.wait_result("committed", "2.0.0-slow")
    web.wait_running("2.0.0-slow")


def test_no_room(space, daemon):
    """The scheduler's own message is told; nobody blames the release."""
    web = space.workload(replicas=3, cpu="20", strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    upkeepd = daemon(web, space.account(), installer=QUICK)
    upkeepd.release("2.0.0")
    upkeepd.wait_for(lambda now: "Insufficient cpu" in told(now), "the scheduler's message is shown")
    upkeepd.wait_result("rolled_back", "2.0.0")
    web.wait_running("1.2.3")
    assert upkeepd.now["quarantined"] == []


def test_crashes_while_others_write(space, daemon):
    """Each change of the workload has Upkeep look again; the pods are looked at all the same."""
    web = space.workload(annotations={"n": "0"})
    upkeepd = daemon(web, space.account())
    upkeepd.wait_reason("up_to_date")
    upkeepd.release("2.3.4-badcrash")
    upkeepd.wait_phase("activating")
    written = itertools.count()

    def phase_after_a_change():
        web.annotate(n=str(next(written)))
        return upkeepd.now["phase"]
    wait_until("it is taken back", phase_after_a_change, lambda phase: phase not in ("activating", "applying"), seconds=60, every=0.5)
    upkeepd.wait_result("rolled_back", "2.3.4-badcrash")
