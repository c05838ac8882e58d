# SPDX-License-Identifier: Apache-2.0
"""A critical release does not wait for the window, in a cluster neither."""


def test_critical_outside_the_window(space, daemon):
    web = space.workload()
    upkeepd = daemon(web, space.account(), window="never = true")
    upkeepd.release("2.3.4", critical="yes")
    upkeepd.wait_result("committed", "2.3.4", seconds=120)     # it counts after a second read, half a minute to a minute later
    web.wait_running("2.3.4")
    assert upkeepd.history()[0]["reason"] == "critical"
