# SPDX-License-Identifier: Apache-2.0
"""Workloads that cannot be rolled out, and what is asked of them in vain: said in words, and nothing is changed."""

import pytest

from kube.account import rules
from kube.workload import REPOSITORY


@pytest.mark.parametrize("kind, spec, words", [
    ("deployment", {"paused": True}, "paused"),
    ("statefulset", {"updateStrategy": {"type": "OnDelete"}}, "OnDelete"),
    ("daemonset", {"updateStrategy": {"type": "OnDelete"}}, "OnDelete")])
def test_no_rollout(space, daemon, kind, spec, words):
    web = space.workload(kind, wait=False, **spec)
    upkeepd = daemon(web, space.account(), version="2.3.4")
    upkeepd.wait_for(lambda now: words in str(now), "it says why")
    assert web.tag() == "1.2.3"


def test_admission_refuses(space, daemon):
    """What an admission policy says is shown, before anything is changed."""
    web = space.workload()
    space.refuse("tags", "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':9.9.9'))", "9.9.9 is not approved")
    space.wait_refused(web, "9.9.9")
    account = space.account()
    upkeepd = daemon(web, account, version="9.9.9")
    upkeepd.wait_for(lambda now: "9.9.9 is not approved" in str(now), "the policy's own words are shown")
    assert web.tag() == "1.2.3"
    assert all("dryRun" in one["requestURI"] for one in account.requests() if one["verb"] == "patch")


def test_several_containers(space, daemon):
    """None is named like the workload: it has to be said which."""
    web = space.workload(containers={"one": f"{REPOSITORY}:1.2.3", "two": f"{REPOSITORY}-two:1.2.3"}, wait=False)
    upkeepd = daemon(web, space.account(), version="2.3.4")
    now = upkeepd.wait_for(lambda now: "container" in now["decision"]["text"] + str(now["warnings"]), "it asks which container")
    assert "one" in str(now) and "two" in str(now) and web.tag("one") == "1.2.3"


def test_missing_right(space, daemon):
    """The message names verb and resource, as whoever writes the role needs them."""
    web = space.workload(wait=False)
    upkeepd = daemon(web, space.account(allowed=rules(write=["get", "watch"])), version="2.3.4")
    now = upkeepd.wait_for(lambda now: "patch" in str(now) and "deployments" in str(now), "it names the right")
    assert web.tag() == "1.2.3" and now["quarantined"] == []


def test_no_such_workload(space, daemon):
    web = space.workload(wait=False)
    account = space.account()
    web.delete()
    upkeepd = daemon(web, account, version="2.3.4")
    upkeepd.wait_for(lambda now: "does not exist" in str(now), "it says that there is none")
    assert upkeepd.alive
