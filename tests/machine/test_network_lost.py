# SPDX-License-Identifier: Apache-2.0
"""The network goes away between an upgrade and its way back, which needs none, or waits for it."""

from machine.kept import kept, no_network
from machine.package import Package
from machine.wait import wait_until


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
