# SPDX-License-Identifier: Apache-2.0
"""Two daemons for one workload: one of them is at work, and where it dies the other one ends what it had begun, from the journal in the
cluster; and two workloads that share a Lease, which change one after the other."""

import pytest

from machine.wait import wait_until

STATE = '[state]\nuse = "configmap"\nidentity = "{}"\nduration = "4s"\nrenew_deadline = "3s"\nretry = "500ms"\n'
DRY, REAL = "statefulsets/web.*dryRun", "statefulsets/web(?!.*dryRun)"
GOOD = {"dry run": ("PATCH", DRY, False), "before the patch": ("PATCH", REAL, False), "after the patch": ("PATCH", REAL, True)}
BAD = {"the patch back": ("PATCH", REAL, True), "the bad pod": ("DELETE", "/pods/", False)}


@pytest.fixture
def pair(space, daemon, faulty):
    """The workload; the daemon at work, which talks through `faulty`; the one that waits."""
    web = space.workload("statefulset")
    space.state()
    account = space.account()
    first = daemon(web, account, port=faulty.port, daemon=STATE.format("first"))
    wait_until("the first one is at work", space.holder, lambda holder: holder.startswith("first"), seconds=20)
    second = daemon(web, account, daemon=STATE.format("second"), launch_only=True)
    return web, first, second


def publish(version, *daemons):
    for one in daemons:
        one.release(version)


def take_over(space, first, second):
    first.kill()
    wait_until("the other one takes over", space.holder, lambda holder: holder.startswith("second"), seconds=30)
    second.wait(second.is_ready)


@pytest.mark.parametrize("phase", GOOD)
def test_leader_dies(space, pair, faulty, phase):
    web, first, second = pair
    gate = faulty.hold(*GOOD[phase])
    publish("2.3.4", first, second)
    gate.wait()
    operation = first.now["operation"]["id"]
    take_over(space, first, second)
    gate.lose()
    second.wait_result("committed", "2.3.4", hurry=True)
    web.wait_running("2.3.4")
    ended = {one["id"]: one["result"] for one in second.history()}
    assert phase != "after the patch" or ended == {operation: "committed"}, ended


@pytest.mark.parametrize("phase", BAD)
def test_leader_dies_on_the_way_back(space, pair, faulty, phase):
    web, first, second = pair
    patched = faulty.hold("PATCH", REAL, done=True)
    publish("3.0.0-badcrash", first, second)
    patched.wait()
    gate = faulty.hold(*BAD[phase])
    patched.open()
    gate.wait()
    operation = first.now["operation"]["id"]
    take_over(space, first, second)
    gate.lose()
    now = second.wait_result("rolled_back", "3.0.0-badcrash")
    web.wait_running("1.2.3")
    assert now["last_operation"]["id"] == operation and now["quarantined"] == ["3.0.0-badcrash"]


def test_leader_dies_in_the_soak(space, pair):
    web, first, second = pair
    first.keep(soak="5s")
    first.reload()
    publish("2.3.4", first, second)
    first.wait_phase("soaking")
    operation = first.now["operation"]["id"]
    take_over(space, first, second)
    assert second.wait_result("committed", "2.3.4")["last_operation"]["id"] == operation
    assert web.tag() == "2.3.4"


def test_stops_in_peace(space, pair):
    """Who is stopped gives the Lease back, and the other one has it at once."""
    web, first, second = pair
    first.terminate()
    wait_until("the other one has it", space.holder, lambda holder: holder.startswith("second"), seconds=3)
    second.wait(second.is_ready)
    publish("2.3.4", second)
    second.wait_result("committed", "2.3.4")


def test_cut_off(space, pair, faulty):
    """Who cannot renew stops in time: when it is back, another has the Lease, and it changes nothing."""
    web, first, second = pair
    faulty.gone()
    wait_until("the other one takes over", space.holder, lambda holder: holder.startswith("second"), seconds=30)
    second.wait(second.is_ready)
    publish("2.3.4", first, second)
    second.wait_result("committed", "2.3.4")
    written = len(faulty.asked())
    faulty.back()
    publish("2.3.5", first, second)
    second.wait_result("committed", "2.3.5")
    assert [one for one in faulty.asked()[written:] if "statefulsets" in one.path or "configmaps" in one.path] == []


def test_one_at_a_time(space, daemon):
    """Two workloads of two daemons, and one Lease between them."""
    names = ("web", "api")
    account = space.account(workloads=names)
    space.state(names)
    window = 'always = true\n[[schedule]]\nuse = "lease"\nname = "upkeep"\n'
    made = [daemon(space.workload(name=name), account, agent=name, window=window, soak="2s", version="2.3.4") for name in names]
    for one in made:
        one.wait_result("committed", "2.3.4", seconds=120)
    times = sorted([one.history()[0] for one in made], key=lambda operation: operation["ended"])
    began = next(phase["at"] for phase in times[1]["phases"] if phase["phase"] == "applying")
    assert times[0]["ended"] <= began, times


def test_server_restart(cluster, pair):
    """The API server is away for longer than the Lease lasts: one of the two ends the operation."""
    web, first, second = pair
    first.keep(soak="5s")
    first.reload()
    publish("2.3.4", first, second)
    first.wait_phase("soaking")
    operation = first.now["operation"]["id"]
    cluster.restart()

    def ended():
        said = [one.ask("GET", "/v1/agents/web").json.get("agents", []) for one in (first, second)]
        return [agent["last_operation"] for agents in said for agent in agents]
    last = wait_until("one has ended it", ended, lambda all: any(one and one["result"] == "committed" for one in all), seconds=120)
    assert operation in [one["id"] for one in last if one] and web.tag() == "2.3.4"
    assert first.alive and second.alive
