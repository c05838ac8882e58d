# SPDX-License-Identifier: Apache-2.0
"""A workload that its owner has marked is left alone, and the mark's end is seen at once, not at the next poll."""

import pytest

SKIP, OLD_SKIP = "upkeep.dev/skip", "teleport.dev/skipreconcile"


@pytest.mark.parametrize("key", [SKIP, OLD_SKIP])
def test_skip(space, daemon, key):
    web = space.workload(annotations={key: "true"})
    upkeepd = daemon(web, space.account(), poll="24h", version="2.3.4")
    now = upkeepd.wait_reason("held")
    assert key in now["decision"]["text"] and web.tag() == "1.2.3"
    web.annotate(**{key: None})
    upkeepd.wait_result("committed", "2.3.4", seconds=60)


def test_skip_that_says_no(space, daemon):
    web = space.workload(annotations={SKIP: "false", OLD_SKIP: "0"})
    upkeepd = daemon(web, space.account(), version="2.3.4")
    upkeepd.wait_result("committed", "2.3.4")


def test_skip_in_the_pods_is_none(space, daemon):
    """Only the workload's own annotations count."""
    web = space.workload(wait=False, annotations={})
    web.patch({"spec": {"template": {"metadata": {"annotations": {SKIP: "true"}}}}})
    web.wait_running("1.2.3")
    upkeepd = daemon(web, space.account(), version="2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
