# SPDX-License-Identifier: Apache-2.0
"""The service and the package: ready without agents, gone within two seconds when asked, finished work after a stop, nothing left after a
purge."""

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
    assert stranger.returncode == 1 and "groups upkeep nobody" in stranger.stdout + stranger.stderr, "who is in neither group may not even read"


def test_purging_the_package_leaves_nothing(boot):
    host = boot("purge")
    host.keep_up()
    host.run("apt-get -qqy -o Dpkg::Use-Pty=0 purge upkeep")
    left = host.run("find / -xdev -name '*upkeep*' -not -path '/proc/*' -not -path '/root/*' -not -path '/var/log/*'").stdout.split()
    strict = [part for file in STRICT_FILES for part in (file.rpartition("/")[0], file)]    # these tests' own
    assert sorted(set(left) - set(strict)) == ["/etc/upkeep"], "only the administrator's own files may stay"
    assert host.run("systemctl is-active demo-agent").stdout == "active\n"
