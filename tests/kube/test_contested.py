# SPDX-License-Identifier: Apache-2.0
"""Somebody who keeps putting the old image back is named, and not fought."""

from machine.wait import wait_until


def test_contested(space, daemon):
    web = space.workload()
    account = space.account()
    upkeepd = daemon(web, account)
    upkeepd.release("2.3.4")
    upkeepd.wait_result("committed", "2.3.4")

    # Once may be a mistake: the release is rolled out again.
    web.set_tag("1.2.3", who="argocd-controller")
    wait_until("it was rolled out again", lambda: [one["result"] for one in upkeepd.history()], lambda all: all == ["committed"] * 2, seconds=60)
    assert web.tag() == "2.3.4"

    web.set_tag("1.2.3", who="argocd-controller")
    now = upkeepd.wait_reason("contested")
    assert "argocd-controller" in now["decision"]["text"], now["decision"]
    web.wait_running("1.2.3")
    assert web.managers() == {"argocd-controller"}
    written = [one for one in account.requests() if one["verb"] in ("patch", "update") and "dryRun" not in one["requestURI"]]
    assert len(written) == 2, [one["requestURI"] for one in written]

    # The next release is another matter.
    upkeepd.release("2.3.5")
    upkeepd.wait_result("committed", "2.3.5")
