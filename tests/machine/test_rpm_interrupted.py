# SPDX-License-Identifier: Apache-2.0
"""packagekitd, and rpm with it, is killed in the middle of a transaction: both versions are in the rpm database, and Upkeep puts that in
order by itself."""

import pytest
from machine.moment import INSTALLERS, kill_at_once
from machine.package import Package


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_killed_between_the_new_version_and_the_old_ones_removal(boot, kind):
    host = boot(f"rpm-interrupted-{kind}", kind)
    host.keep_up()
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()
    assert host.kind.installed("demo-agent") == "1.2.3-1 2.3.4-1"
    assert kill_at_once(host.machine, *INSTALLERS)
    host.let_installation_go_on()

    agent = host.wait("it has ended", lambda agent: agent["last_operation"] and not agent["operation"], seconds=60)
    assert agent["last_operation"]["result"] == "committed", agent["last_operation"]
    assert host.kind.installed("demo-agent") == "2.3.4-1"
    assert host.running() == "2.3.4"


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_killed_on_the_way_back(boot, kind):
    host = boot(f"rpm-interrupted-back-{kind}", kind)
    host.keep_up(soak="1m")
    # the good one's last script waits, and so does the way back to it
    host.publisher.release(Package("2.3.4", behaviour="late:3"))
    host.wait_phase("soaking")
    host.hold_installation()
    host.run("rm -f /run/demo-agent.installing")
    host.wait_phase("reverting")
    host.wait_installing()
    assert kill_at_once(host.machine, *INSTALLERS)
    host.let_installation_go_on()

    host.wait_result("rolled_back", "2.3.4")
    assert host.kind.installed("demo-agent") == "1.2.3-1"
    assert host.running() == "1.2.3"
