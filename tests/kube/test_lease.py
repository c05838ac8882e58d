# SPDX-License-Identifier: Apache-2.0
"""schedule/lease on a real API server: another's Lease is waited for by the time since it was seen alive here, whatever its own times say; and
whoever cannot renew its own changes nothing more."""

import pytest

from kube.faulty import cut_before
from machine.wait import wait_until

LEASED = 'always = true\n[[schedule]]\nuse = "lease"\nduration = "4s"\nrenew_deadline = "3s"\nretry = "500ms"\n'
LEASE = "/leases/upkeep-web"


@pytest.fixture
def web(space):
    made = space.workload()
    space.state()
    return made


def give(space, holder, seconds, renewed="2035-01-01T00:00:00.000000Z"):
    there = space.client.get("leases", space.name, "upkeep-web")
    there["spec"] = {"holderIdentity": holder, "leaseDurationSeconds": seconds, "acquireTime": renewed, "renewTime": renewed}
    space.client.replace("leases", space.name, there)


def test_held_from_the_gate_to_the_end(space, web, daemon):
    upkeepd = daemon(web, space.account(), window=LEASED, soak="3s", version="2.3.4")
    upkeepd.wait_phase("soaking")
    assert space.holder("upkeep-web").endswith("/web/" + upkeepd.now["operation"]["id"])
    upkeepd.wait_result("committed", "2.3.4")
    wait_until("it is nobody's", lambda: space.holder("upkeep-web"), lambda holder: holder == "", seconds=5)


def test_a_living_holder_is_waited_for(space, web, daemon):
    give(space, "somebody/else/op-1", 3600)
    upkeepd = daemon(web, space.account(), window=LEASED, version="2.3.4")
    now = upkeepd.wait_for(lambda now: "upkeep-web is held by" in now["decision"]["text"], "it waits")
    assert '"somebody/else/op-1" since "2035-01-01T00:00:00.000000Z"' in now["decision"]["text"]
    assert upkeepd.history() == []
    give(space, "", 1)
    upkeepd.wait_result("committed", "2.3.4")


def test_a_dead_holder_is_waited_for_as_long_as_it_asked(space, web, daemon):
    give(space, "somebody/else/op-1", 3)
    upkeepd = daemon(web, space.account(), window=LEASED, version="2.3.4")
    upkeepd.wait_for(lambda now: "upkeep-web is held by" in now["decision"]["text"], "it waits")
    upkeepd.wait_result("committed", "2.3.4")
    assert space.client.get("leases", space.name, "upkeep-web")["spec"]["leaseTransitions"] == 1


def test_a_bad_version_is_taken_back_only_with_it(space, web, daemon, faulty):
    """Its Lease cannot be renewed from the patch on: it stands still, and the patch back waits."""
    patched = faulty.hold("PATCH", r"/deployments/web(?!.*dryRun)", done=True)
    upkeepd = daemon(web, space.account(), port=faulty.port, window=LEASED, version="3.0.0-badcrash")
    patched.wait()
    faulty.when("PUT|GET", LEASE, *[cut_before] * 1000)
    patched.open()
    upkeepd.wait_for(lambda now: "not admitted by lease" in ((now["operation"] or {}).get("text") or ""), "it waits for its Lease")
    assert len(faulty.asked("PATCH", r"/deployments/web(?!.*dryRun)")) == 1, "nothing was patched back"
    faulty.forget()
    upkeepd.wait_result("rolled_back", "3.0.0-badcrash", seconds=120)
    web.wait_running("1.2.3")


def test_one_that_is_lost_in_the_soak_is_taken_again(space, web, daemon, faulty):
    """First for want of an API server, then because another has it; it is a warning, and no reason to go back."""
    upkeepd = daemon(web, space.account(), port=faulty.port, window=LEASED, soak="600s", version="2.3.4")
    upkeepd.wait_phase("soaking")
    held = space.holder("upkeep-web")
    faulty.when("PUT|GET", LEASE, *[cut_before] * 1000)
    upkeepd.wait_for(lambda now: "not admitted by lease" in str(now["warnings"]), "it says that it has none")
    faulty.forget()
    upkeepd.wait_for(lambda now: "upkeep-web" not in str(now["warnings"]), "it has it again")
    assert space.holder("upkeep-web") == held
    give(space, "pod-b/api/op-9", 3600)
    upkeepd.wait_for(lambda now: 'upkeep-web is held by "pod-b/api/op-9"' in str(now["warnings"]), "it says who has it")
    assert upkeepd.now["phase"] == "soaking"
    give(space, "", 1)
    wait_until("it is taken again", lambda: space.holder("upkeep-web"), lambda holder: holder == held, seconds=10)
    upkeepd.cli("rollback", "--no-wait")
    upkeepd.wait_result("rolled_back", "2.3.4")
    web.wait_running("1.2.3")


def test_one_that_is_missing_is_named_with_the_right_to_make_it(space, web, daemon):
    space.client.delete("leases", space.name, "upkeep-web")
    upkeepd = daemon(web, space.account(), window=LEASED, version="2.3.4")
    upkeepd.wait_for(lambda now: f"lease {space.name}/upkeep-web does not exist: create it, or allow its creation" in now["decision"]["text"],
                     "it says what is missing")
    space.client.create("leases", space.name, {"metadata": {"name": "upkeep-web"}})
    upkeepd.wait_result("committed", "2.3.4", seconds=180)
