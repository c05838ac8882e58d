# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the whole machine while dpkg works: after the next boot the package is whole, and the operation ends properly."""

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
