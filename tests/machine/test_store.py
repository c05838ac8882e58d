# SPDX-License-Identifier: Apache-2.0
"""The package store: going back when the repository has dropped the old version, without a network. What it keeps, and how it is filled, is
in test_store_filling.py."""

import contextlib

import pytest
from machine.package import Package
from machine.wait import wait_until

STORE = "/var/lib/upkeep-store/demo-agent"


@contextlib.contextmanager
def no_network(host):
    """The one server is down, for every test machine; they run one after the other."""
    server = host.publisher.site.server
    server.stop()
    try:
        yield
    finally:
        server.start()


def kept(host):
    return [copy["version"] for copy in host.json("store", "show", "demo-agent")["stores"][0]["copies"]]


def drop_old(host, *packages):
    """The repository offers these alone from now on, and this host's apt knows it."""
    host.publisher.repo.offer_only(*packages)
    host.run("apt-get -qq update")


def test_back_without_repository_and_network(boot):
    host = boot("store-back")
    host.keep_up(soak="20s")
    assert kept(host) == ["1.2.3-1"]
    bad = Package("2.3.4", behaviour="late:6")
    drop_old(host, bad)
    agent = host.wait("the way back leads through the store", lambda agent: agent["can_go_back"]["how"] == "store")
    assert "is in the package store since" in agent["can_go_back"]["text"]

    host.publisher.channel.publish("2.3.4")
    host.wait_phase("soaking")
    assert host.installed() == "2.3.4"
    with no_network(host):
        host.wait_result("rolled_back", "2.3.4")
        assert host.installed() == host.running() == "1.2.3"
        refreshed = host.run("journalctl -u packagekit -o cat --no-pager").stdout
    assert kept(host) == ["1.2.3-1"]
    print(refreshed[-500:])
