# SPDX-License-Identifier: Apache-2.0
"""The service and the package: ready without agents, gone within two seconds when asked, finished work after a stop, everything kept
over an upgrade of the package, nothing left after a purge."""

import time

from machine.package import Package
from machine.prepared import STRICT_FILES


def test_stops_at_once_in_the_middle_of_an_upgrade_and_goes_on_later(boot):
    host = boot("stop")
    host.keep_up()
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()

    started = time.monotonic()
    host.run("systemctl stop upkeepd")
    assert time.monotonic() - started < 2
    assert host.unit("upkeepd", "Result") == "success"
    host.let_installation_go_on()
    host.run("systemctl start upkeepd")

    host.wait_result("committed", "2.3.4")
    assert len(host.history()) == 1


def test_a_running_service_without_agents(boot):
    host = boot("no-agents")
    assert host.unit("upkeepd", "ActiveState") == "active" and host.unit("upkeepd", "User") == "upkeep"
    assert host.json("status") == {"agents": []}
    for group in ("upkeep", "upkeep-admin"):
        host.run(["getent", "group", group])
    stranger = host.run("upkeep status", user="nobody", check=False)
    assert stranger.returncode == 1 and "members of group upkeep or upkeep-admin may read" in stranger.stdout + stranger.stderr, "in neither group: not even reading"


def test_upgrading_the_package_keeps_everything_and_runs_the_new_daemon(boot):
    host = boot("package-upgrade")
    host.keep_up()
    host.cli("suspend", "--reason", "to be remembered")
    process, rule = host.unit("upkeepd", "MainPID"), host.read("/etc/polkit-1/rules.d/50-upkeep-demo-agent.rules")
    host.run("DEBIAN_FRONTEND=noninteractive dpkg -i /root/upkeep_*.deb")

    assert host.unit("upkeepd", "MainPID") not in ("0", process) and host.unit("upkeepd", "ActiveState") == "active"
    assert host.wait_reason("suspended")["suspended"]["reason"] == "to be remembered"
    assert host.read("/etc/polkit-1/rules.d/50-upkeep-demo-agent.rules") == rule
    assert host.run("apt-mark showhold").stdout == "demo-agent\n"
    assert host.run("find /etc /lib/systemd /var/lib/upkeep* -name '*.dpkg-*'").stdout == "" and host.run("dpkg --verify upkeep").stdout == ""


def test_purging_the_package_leaves_nothing(boot):
    host = boot("purge")
    host.keep_up()
    host.run("apt-get -qqy -o Dpkg::Use-Pty=0 purge upkeep")
    left = host.run("find / -xdev -name '*upkeep*' -not -path '/proc/*' -not -path '/root/*' -not -path '/var/log/*'").stdout.split()
    strict = [part for file in STRICT_FILES for part in (file.rpartition("/")[0], file)]    # these tests' own
    assert sorted(set(left) - set(strict)) == ["/etc/upkeep"], "only the administrator's own files may stay"
    assert host.run("systemctl is-active demo-agent").stdout == "active\n"
