# SPDX-License-Identifier: Apache-2.0
"""Releases that take the machine down each time they are installed, or each time they run: after a bounded number of boots the version of
before runs and the other one is in quarantine."""

from machine.moment import Journal
from machine.package import Package
from machine.wait import wait_until

MOST_BOOTS = 10
DEADLY = "systemctl poweroff -ff"     # at once, without a sync


def boot_until_calm(host):
    """Boots it as often as it ends by itself; returns how often, once the operation has ended."""
    for boots in range(1, MOST_BOOTS + 1):
        before = Journal(host.machine).last()
        host.machine.up(may_end=True)

        def stands():
            if not host.machine.is_up():
                return "off"
            new = [entry for entry in Journal(host.machine).entries() if entry["seq"] > before]
            return "over" if any(entry["event"] == "end" for entry in new) else ""

        stood = wait_until("the operation ends, or the machine", stands, seconds=90, every=0.02) if host.machine.is_up() else "off"
        if stood == "over":
            return boots
        host.machine.wait_for_end()
    raise AssertionError(f"after {MOST_BOOTS} boots it goes on: {Journal(host.machine).entries()[-3:]}")


def at_rest(host, version):
    host.wait_result("rolled_back", version)
    assert host.installed() == host.running() == "1.2.3"
    assert host.status()["quarantined"] == [version]
    assert host.run("dpkg --audit").stdout == ""


def test_a_package_whose_script_takes_the_machine_down(boot):
    host = boot("deadly-script")
    host.keep_up()
    host.publisher.release(Package("2.3.4", postinst=DEADLY))
    host.machine.wait_for_end()

    print("boots:", boot_until_calm(host))
    at_rest(host, "2.3.4")
