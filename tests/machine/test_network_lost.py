# SPDX-License-Identifier: Apache-2.0
"""The network goes away when an upgrade has begun: nothing is changed for want of a download, and the way back needs none, or waits for it."""

from machine.kept import kept, no_network
from machine.moment import Journal
from machine.package import Package
from machine.wait import wait_until

WAITS = """[hooks]
before_apply = ["/bin/sh", "-c", ": > /var/lib/upkeep/waits; while [ -e /run/demo-agent.wait ]; do sleep 0.1; done"]
"""


def test_between_prepare_and_apply(boot):
    host = boot("lost-before-apply")
    host.keep_up(more=WAITS)
    host.hold_installation()     # the hook waits for the same file
    since = Journal(host.machine).last()
    host.publisher.release(Package("2.3.4"))
    wait_until("the hook runs", lambda: host.run("test -e /var/lib/upkeep/waits", check=False).returncode, lambda status: status == 0)
    with no_network(host):
        host.let_installation_go_on()
        host.wait_result("failed", "2.3.4")
        assert host.installed() == host.running() == "1.2.3"
        assert host.status()["quarantined"] == [] and "applying" in str([e for e in Journal(host.machine).entries() if e["seq"] > since])
    host.cli("force", "--no-wait")
    host.wait_result("committed", "2.3.4")


def bad_one_without_network(host, version):
    host.publisher.repo.offer_only(Package(version, behaviour="late:4"))     # the former one is not offered any more
    host.publisher.channel.publish(version)
    host.wait_phase("soaking")
    host.run("apt-get clean")


def test_between_apply_and_revert_the_store_serves(boot):
    host = boot("lost-before-revert")
    host.keep_up(soak="1m")
    wait_until("1.2.3 is in the store", lambda: kept(host), lambda versions: versions == ["1.2.3-1"])
    bad_one_without_network(host, "3.0.0")
    with no_network(host):
        host.wait_result("rolled_back", "3.0.0")
        assert host.installed() == host.running() == "1.2.3"


def test_without_a_store_the_way_back_waits_for_the_network(boot):
    host = boot("lost-without-store")
    host.configure(soak="1m")
    host.cli("enable", "demo-agent", "--no-store")
    host.cli("reload")
    host.wait_reason("up_to_date")
    host.publisher.release(Package("3.0.0", behaviour="late:4"))
    host.wait_phase("soaking")
    host.run("apt-get clean")
    with no_network(host):
        host.wait("going back fails", lambda agent: "trying again" in agent["operation"]["text"], seconds=60)
        assert host.status()["phase"] == "reverting"
    host.wait_result("rolled_back", "3.0.0")
    assert host.installed() == host.running() == "1.2.3"
