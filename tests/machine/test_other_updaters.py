# SPDX-License-Identifier: Apache-2.0
"""Another updater on the host: said before it does anything while no hold keeps it away, and seen when it has."""

from machine.agent import NEVER
from machine.package import Package

# What the package unattended-upgrades leaves behind once it is switched on; the machine's repositories do not have the package itself.
PROGRAM = "/usr/bin/unattended-upgrade"
SWITCH = "/etc/apt/apt.conf.d/20auto-upgrades"


def test_unattended_upgrades_is_warned_about_until_a_hold_is_set(boot):
    host = boot("other-updaters")
    host.configure(schedule=NEVER)     # what others do here is not put right at once
    host.cli("enable", "demo-agent", "--no-hold")
    host.cli("reload")
    agent = host.wait("it is known", lambda agent: agent["installed"] and agent["offered"])
    assert not any("unattended" in text for text in agent["warnings"]), agent["warnings"]

    host.write(PROGRAM, "#!/bin/sh\napt-get -qq update && apt-get -qqy -o DPkg::Lock::Timeout=60 upgrade\n")
    host.run(["chmod", "755", PROGRAM])
    host.write(SWITCH, 'APT::Periodic::Unattended-Upgrade "1";\n')
    host.cli("check", "demo-agent")
    agent = host.status()
    warning = next((text for text in agent["warnings"] if "unattended-upgrades" in text), "")
    assert "sudo upkeep enable demo-agent" in warning, agent["warnings"]

    # It does what was said, and that is noticed.
    host.publisher.repo.offer(Package("1.2.4"))
    host.run(PROGRAM)
    agent = host.wait("the change is seen", lambda agent: any("changed by others" in text for text in agent["warnings"]))
    assert any("1.2.3-1 -> 1.2.4-1" in text for text in agent["warnings"]), agent["warnings"]

    # The remedy works.
    host.cli("enable", "demo-agent")
    agent = host.wait("no warning any more", lambda agent: not any("unattended" in text for text in agent["warnings"]))
    host.publisher.repo.offer(Package("1.2.5"))
    host.run(PROGRAM)
    assert host.installed() == "1.2.4"
