# SPDX-License-Identifier: Apache-2.0
"""Pods that an ordered rollout would wait for in vain are deleted: those of an old revision that have been unhealthy for five minutes."""

from machine.wait import wait_until


def test_old_pod_is_deleted(space, daemon):
    """It blocks the rollout of a good release to an ordered StatefulSet."""
    web = space.workload("statefulset", tag="1.0.0-badready", wait=False, replicas=2)
    wait_until("the first pod is there, unready", lambda: [one for pod in web.pods() for one in pod["status"].get("containerStatuses", [])
                                                        if "running" in one["state"]], seconds=30)
    old = web.pods()[0]
    space.age_conditions(old, minutes=6)
    upkeepd = daemon(web, space.account(), version="2.3.4", more='[policy]\nunhealthy_may_upgrade = true\n')
    upkeepd.wait_result("committed", "2.3.4")
    web.wait_running("2.3.4")
    assert old["metadata"]["uid"] not in [pod["metadata"]["uid"] for pod in web.pods()]
