# SPDX-License-Identifier: Apache-2.0
"""Holds: an administrator's is respected; Upkeep's own keeps other updaters away and does not stand in its own way."""

from machine.package import Package


def test_an_administrators_hold_and_our_own(boot):
    host = boot("held")
    host.configure()
    host.cli("enable", "demo-agent", "--no-hold")
    host.cli("reload")
    host.run("apt-mark hold demo-agent")
    host.publisher.release(Package("2.3.4"))
    assert "apt-mark" in host.wait_reason("held")["decision"]["text"]
    assert host.installed() == "1.2.3"

    host.run("apt-mark unhold demo-agent")
    host.cli("enable", "demo-agent")
    host.wait_result("committed", "2.3.4")
    assert host.run("apt-mark showhold").stdout.split() == ["demo-agent"]

    # Another updater leaves it alone; Upkeep itself goes on.
    host.publisher.repo.offer(Package("2.3.5"))
    host.run("apt-get -qq update && apt-get -qqy upgrade")
    assert host.installed() == "2.3.4"
    host.publisher.channel.publish("2.3.5")
    host.wait_result("committed", "2.3.5")
