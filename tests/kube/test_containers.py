# SPDX-License-Identifier: Apache-2.0
"""Which container and which image is meant."""

import pytest

from kube.workload import REPOSITORY

TWO = {"web": f"{REPOSITORY}:1.2.3", "helper": "registry.test/other/helper:7.0.0"}


def test_the_one_named_like_the_workload(space, daemon):
    web = space.workload(containers=dict(TWO))
    daemon(web, space.account(), version="2.3.4").wait_result("committed", "2.3.4")
    assert web.images() == {**TWO, "web": f"{REPOSITORY}:2.3.4"}


def test_named_and_moved(space, daemon):
    """`container` names it, `image` is another place for it, `also` moves with it."""
    web = space.workload(containers={"main": "old.test/web:1.2.3", "side": f"{REPOSITORY}-side:1.2.3", "helper": TWO["helper"]}, wait=False)
    web.wait_running("1.2.3")
    upkeepd = daemon(web, space.account(), version="2.3.4", installer=f'container = "main"\nimage = "{REPOSITORY}"\nalso = ["side"]\n')
    upkeepd.wait_result("committed", "2.3.4")
    assert web.images() == {"main": f"{REPOSITORY}:2.3.4", "side": f"{REPOSITORY}-side:2.3.4", "helper": TWO["helper"]}


def test_both_go_back(space, daemon):
    images = {"web": f"{REPOSITORY}:1.2.3", "side": f"{REPOSITORY}-side:1.2.3"}
    web = space.workload(containers=dict(images))
    upkeepd = daemon(web, space.account(), version="3.0.0-badcrash", installer='also = ["side"]\n')
    upkeepd.wait_result("rolled_back", "3.0.0-badcrash")
    assert web.images() == images
    web.wait_running("1.2.3")


@pytest.mark.parametrize("tag", ["latest", "nightly-7"])
def test_a_tag_that_is_no_version(space, daemon, tag):
    """It differs from every release, and is gone back to as it was."""
    web = space.workload(tag=tag)
    upkeepd = daemon(web, space.account(), version="3.0.0-badcrash")
    upkeepd.wait_result("rolled_back", "3.0.0-badcrash")
    web.wait_running(tag)
    upkeepd.release("3.0.1")
    upkeepd.wait_result("committed", "3.0.1")


def test_no_replicas(space, daemon):
    """Nothing proves its health, and that is said; the image is another all the same."""
    web = space.workload(replicas=0, wait=False)
    upkeepd = daemon(web, space.account(), version="2.3.4")
    now = upkeepd.wait_result("committed", "2.3.4")
    assert web.tag() == "2.3.4" and "no pods" in str(now)
