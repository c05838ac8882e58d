# SPDX-License-Identifier: Apache-2.0
"""A crash between the installation and the restart: the old process, which still runs, must not be taken for the new version."""

from machine.package import Package
from machine.wait import wait_until


def test_crash_between_apply_and_restart(boot):
    host = boot("old-process")
    host.keep_up()
    old = host.unit("demo-agent", "MainPID")
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()

    # The daemon is frozen, so that it cannot hear of the end of the installation, and dies without having restarted anything.
    host.run(["systemctl", "kill", "-s", "STOP", "--kill-who=main", "upkeepd"])
    host.let_installation_go_on()
    wait_until("2.3.4 is installed", host.installed, lambda version: version == "2.3.4")
    assert host.running() == "1.2.3" and host.unit("demo-agent", "MainPID") == old
    host.kill_daemon()

    host.wait_result("committed", "2.3.4")
    assert host.running() == "2.3.4"
    assert host.unit("demo-agent", "MainPID") != old
