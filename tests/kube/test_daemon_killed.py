# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the daemon at each request that changes something, before the server hears of it and after: the next daemon, over the same
journal, brings the same operation to its end: one whose patch never came there has changed nothing, and is begun anew."""

import pytest

REAL = "statefulsets/web(?!.*dryRun)"


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_at_the_patch(space, daemon, faulty, done):
    web = space.workload("statefulset")
    upkeepd = daemon(web, space.account(), port=faulty.port)
    gate = faulty.hold("PATCH", REAL, done)
    upkeepd.release("2.3.4")
    gate.wait()
    operation = upkeepd.now["operation"]["id"]
    upkeepd.kill()
    gate.lose()
    upkeepd.start()
    upkeepd.wait_result("committed", "2.3.4", hurry=True)
    ended = {one["id"]: one["result"] for one in upkeepd.history()}
    assert ended[operation] == ("committed" if done else "failed") and list(ended.values()).count("committed") == 1
    web.wait_running("2.3.4")


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method, path", [("PATCH", REAL), ("DELETE", "/pods/")], ids=["patch back", "pod"])
def test_on_the_way_back(space, daemon, faulty, method, path, done):
    web = space.workload("statefulset")
    upkeepd = daemon(web, space.account(), port=faulty.port)
    patched = faulty.hold("PATCH", REAL, done=True)
    upkeepd.release("3.0.0-badcrash")
    patched.wait()
    gate = faulty.hold(method, path, done)
    patched.open()
    gate.wait()
    operation = upkeepd.now["operation"]["id"]
    upkeepd.kill()
    gate.lose()
    upkeepd.start()
    now = upkeepd.wait_result("rolled_back", "3.0.0-badcrash")
    assert now["last_operation"]["id"] == operation and now["quarantined"] == ["3.0.0-badcrash"]
    web.wait_running("1.2.3")


def test_in_the_soak(space, daemon):
    web = space.workload()
    upkeepd = daemon(web, space.account(), soak="3s", version="2.3.4")
    upkeepd.wait_phase("soaking")
    operation = upkeepd.now["operation"]["id"]
    upkeepd.kill()
    upkeepd.start()
    assert upkeepd.wait_result("committed", "2.3.4")["last_operation"]["id"] == operation
