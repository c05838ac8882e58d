# SPDX-License-Identifier: Apache-2.0
"""What others change in the workload while an operation is under way."""

WORKLOAD = "/deployments/web"


def test_unrelated_edits(space, daemon, faulty):
    """Somebody scales it and writes annotations, also between our read and our patch: both changes stand."""
    web = space.workload()
    gate = faulty.hold("PATCH", WORKLOAD + r"(?!.*dryRun)")
    upkeepd = daemon(web, space.account(), port=faulty.port, soak="3s")
    upkeepd.release("2.3.4")
    gate.wait()
    web.patch({"spec": {"replicas": 3}, "metadata": {"annotations": {"team": "web"}}}, who="kubectl")
    gate.open()
    upkeepd.wait_phase("soaking")
    web.annotate(**{"team": "ops"})
    upkeepd.wait_result("committed", "2.3.4")
    web.wait_running("2.3.4")
    assert web.object["spec"]["replicas"] == 3 and web.annotations["team"] == "ops"


def test_another_version(space, daemon):
    """Somebody rolls out something else during the soak: that is theirs, and nothing is put back."""
    web = space.workload()
    upkeepd = daemon(web, space.account(), soak="1m", more='[policy]\ndowngrade = "never"\n')
    upkeepd.release("2.3.4")
    upkeepd.wait_phase("soaking")
    web.set_tag("2.4.0", who="kubectl")
    upkeepd.wait_for(lambda now: now["last_operation"] and now["last_operation"]["result"] == "overtaken", "it is overtaken")
    web.wait_running("2.4.0")
    assert web.managers() == {"kubectl"}


def test_before_the_patch(space, daemon, faulty):
    """Somebody else was faster with the very same release, between our read and our patch."""
    web = space.workload()
    gate = faulty.hold("PATCH", WORKLOAD + r"(?!.*dryRun)")
    upkeepd = daemon(web, space.account(), port=faulty.port)
    upkeepd.release("2.3.4")
    gate.wait()
    web.set_tag("2.3.4", who="kubectl")
    gate.open()
    upkeepd.wait_reason("up_to_date")
    web.wait_running("2.3.4")


def test_deleted_and_made_again(space, daemon):
    web = space.workload()
    upkeepd = daemon(web, space.account(), soak="1m")
    upkeepd.release("2.3.4")
    upkeepd.wait_phase("soaking")
    web.delete()
    upkeepd.wait_for(lambda now: now["phase"] == "stuck" or now["operation"] is None or "not found" in str(now), "it is missed")
    assert upkeepd.alive
