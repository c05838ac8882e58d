# SPDX-License-Identifier: Apache-2.0
"""Images by digest, and only those that a configured key has signed with cosign, in each of its forms."""

import pytest


def trusting(*keys):
    return "plain_http = true\n" + (f"keys = {[str(key) for key in keys]}\n" if keys else "")


def begin(space, daemon, registry, *keys):
    """A workload whose image is of this registry, and the daemon with these keys."""
    registry.push("1.2.3")
    web = space.workload(containers={"web": f"{registry.repository}:1.2.3"})
    return web, daemon(web, space.account(), verify=trusting(*keys))


def test_by_digest(space, daemon, registry):
    here = registry()
    web, upkeepd = begin(space, daemon, here)
    digest = here.push("2.3.4")
    upkeepd.release("2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
    assert web.image() == f"{here.repository}:2.3.4@{digest}"
    web.wait_running("2.3.4")


@pytest.mark.parametrize("bundle, referrers", [(False, True), (True, True), (True, False)], ids=["classic", "bundle", "bundle without referrers"])
def test_signed(space, daemon, registry, bundle, referrers):
    """Refused while nobody, or a stranger, has signed it; deployed once one of the keys has."""
    here = registry(referrers)
    mine, stranger = here.key("mine"), here.key("stranger")
    web, upkeepd = begin(space, daemon, here, here.key("other"), mine)
    digest = here.push("2.3.4")
    here.sign(digest, stranger, bundle)
    upkeepd.release("2.3.4")
    now = upkeepd.wait_for(lambda now: "signature" in str(now), "it says what is missing")
    assert web.tag() == "1.2.3" and now["quarantined"] == []
    here.sign(digest, mine, bundle)
    upkeepd.cli("force")    # a refused one is tried again by itself after a quarter of an hour
    upkeepd.wait_result("committed", "2.3.4", seconds=120)
    assert web.image() == f"{here.repository}:2.3.4@{digest}"
