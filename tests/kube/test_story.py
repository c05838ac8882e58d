# SPDX-License-Identifier: Apache-2.0
"""The story of one workload: up to date, held back by its window and by its operator, rolled out, and taken back from a bad release."""

import pytest

from kube.shapes import SHAPES
from kube.workload import REPOSITORY

CLOSED, OPEN = "never = true", "always = true"


def unchanged(workload):
    """What of the workload's spec no operation may touch: all but the image."""
    spec = workload.object["spec"]
    for container in spec["template"]["spec"]["containers"]:
        del container["image"]
    return spec


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_story(space, daemon, shape):
    web = shape.make(space, annotations={"team": "web"})
    before = unchanged(web)

    # 1. Nothing to do.
    upkeepd = daemon(web, space.account(), window=CLOSED)
    now = upkeepd.wait_reason("up_to_date")
    assert now["installed"] == f"{REPOSITORY}:1.2.3" and now["can_go_back"]["how"] == "image", now
    assert "no upgrades available (1.2.3 == 1.2.3)" in upkeepd.cli("dry-run").stdout

    # 2. A release, but the window is closed; a dry run asks the server and changes nothing.
    generation = web.object["metadata"]["generation"]
    upkeepd.release("2.3.4")
    now = upkeepd.wait_reason("outside_window")
    said = upkeepd.cli("dry-run").stdout
    assert "an upgrade is available (1.2.3 -> 2.3.4)" in said, said
    assert web.object["metadata"]["generation"] == generation and web.tag() == "1.2.3"

    # 3. An operator stops everything, and lets it go on.
    upkeepd.cli("suspend", "--reason", "change freeze")
    upkeepd.keep(window=OPEN)
    upkeepd.reload()
    refused = upkeepd.cli("run")
    assert "change freeze" in refused.stdout + refused.stderr and web.tag() == "1.2.3"
    upkeepd.cli("resume")

    # 4. The window is open: rolled out, proven, committed. Only the image is another, and it is ours.
    now = upkeepd.wait_result("committed", "2.3.4")
    shape.wait_running(web, "2.3.4", former="1.2.3")
    assert unchanged(web) == before and web.managers() == {"upkeep"}
    assert web.annotations["upkeep.dev/version"].startswith("2.3.4 ") and web.annotations["team"] == "web"
    assert web.annotations["upkeep.dev/operation"] == now["last_operation"]["id"]

    # 5. A release that crash-loops is taken back, also where its pods block the rollout, and not tried again.
    upkeepd.release("3.0.0-badcrash")
    upkeepd.wait_result("rolled_back", "3.0.0-badcrash")
    shape.wait_running(web, "2.3.4", former="1.2.3")
    now = upkeepd.wait_reason("quarantined")
    assert now["quarantined"] == ["3.0.0-badcrash"] and unchanged(web) == before

    # 6. The next one is taken, and all of it can be read afterwards.
    upkeepd.release("3.0.1")
    upkeepd.wait_result("committed", "3.0.1")
    shape.wait_running(web, "3.0.1", former="1.2.3")
    assert [one["result"] for one in upkeepd.history()] == ["committed", "rolled_back", "committed"]
