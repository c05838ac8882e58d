# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the whole machine while dpkg works, forwards or back: after the next boot the package is whole, and the operation ends
properly."""

from machine.package import Package


def test_power_cut_during_the_installation(boot):
    host = boot("power-cut")
    host.keep_up()
    host.hold_installation()        # for this boot only: the file is in /run
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()

    host.machine.power_cut()
    host.machine.up()

    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"
    assert host.run("dpkg --audit").stdout == ""
    assert len(host.history()) == 1


def test_power_cut_while_a_bad_release_is_taken_back(boot):
    host = boot("power-cut-in-revert")
    host.keep_up(soak="1m")
    host.publisher.release(Package("3.0.0", behaviour="late:5"))
    host.wait_phase("soaking")
    host.hold_installation()        # the one that puts 1.2.3 back
    host.wait_installing()
    assert host.status()["phase"] == "reverting"

    host.machine.power_cut()
    host.machine.up()

    host.wait_result("rolled_back", "3.0.0")
    assert host.installed() == host.running() == "1.2.3"
    assert host.run("dpkg --audit").stdout == ""
    assert host.status()["quarantined"] == ["3.0.0"]
