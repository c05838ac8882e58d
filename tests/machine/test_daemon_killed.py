# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the daemon in the middle of an upgrade: the next daemon finishes the same operation."""

import pytest
from machine.package import Package


@pytest.mark.parametrize("kind", ["apt", "dnf", "zypp"])
def test_killed_while_the_package_is_installed(boot, kind):
    host = boot(f"killed-in-apply-{kind}", kind)
    host.keep_up()
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()
    before = host.status()["operation"]["id"]

    host.kill_daemon()
    assert host.status()["operation"]["id"] == before
    host.let_installation_go_on()

    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"
    assert [o["id"] for o in host.history()] == [before]


def test_killed_during_the_soak(boot):
    host = boot("killed-in-soak")
    host.keep_up(soak="6s")
    host.publisher.release(Package("2.3.4"))
    host.wait_phase("soaking")
    process = host.unit("demo-agent", "MainPID")

    host.kill_daemon()

    host.wait_result("committed", "2.3.4")
    assert host.unit("demo-agent", "MainPID") == process, "the agent was restarted once more"
    assert len(host.history()) == 1


def test_killed_while_a_bad_release_soaks(boot):
    host = boot("killed-before-revert")
    host.keep_up(soak="1m")
    host.publisher.release(Package("3.0.0", behaviour="late:3"))
    host.wait_phase("soaking")

    host.kill_daemon()

    host.wait_result("rolled_back", "3.0.0")
    assert host.installed() == host.running() == "1.2.3"
    assert host.status()["quarantined"] == ["3.0.0"]
