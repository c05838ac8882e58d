# SPDX-License-Identifier: Apache-2.0
"""How the package store is filled: what is kept, never the last of the disk, and what a kill in the middle leaves."""

import pytest
from machine.kept import STORE, kept, no_network
from machine.package import Package
from machine.wait import wait_until

UNIT = "upkeep-store@demo-agent"


def fill(host):
    return host.run(["systemctl", "start", UNIT], check=False).returncode


def said(host):
    return host.run(f"journalctl -u {UNIT} -o cat --no-pager").stdout


def test_the_installed_version_and_its_predecessor(boot):
    host = boot("filling-prune")
    host.keep_up()
    for version in ("2.3.4", "2.3.5"):
        host.publisher.release(Package(version))
        host.wait_result("committed", version)
    wait_until("the oldest is gone", lambda: kept(host), lambda versions: versions == ["2.3.5-1", "2.3.4-1"])
    wait_until("its folder is, too", lambda: host.run(f"find {STORE} -maxdepth 1 -name '[0-9]*'", check=False).stdout.split(),
               lambda folders: len(folders) == 2)
    modes = host.run(f"find {STORE} -not -user root -o -perm /022 -not -type l").stdout
    assert modes == "", "root's alone"

    # Filling again changes nothing and asks no network.
    before = host.run(f"find {STORE} -type f -not -name lock -printf '%p %T@\\n' | sort").stdout
    with no_network(host):
        assert fill(host) == 0
    assert host.run(f"find {STORE} -type f -not -name lock -printf '%p %T@\\n' | sort").stdout == before

    host.cli("disable", "demo-agent")
    left = host.run("ls /etc/apt/sources.list.d /etc/apt/preferences.d /var/lib/upkeep-store").stdout
    assert "upkeep-store" not in left.replace("/var/lib/upkeep-store", "") and "demo-agent" not in left, left
    host.run("apt-get -qq update")


def test_first_sight_with_the_origin_gone(boot):
    host = boot("filling-late")
    offer = Package("2.3.4")
    host.publisher.repo.offer_only(offer)
    host.run("apt-get -qq update")
    agent = host.keep_up()
    assert kept(host) == [] and fill(host) != 0
    host.cli("check")
    agent = host.status()
    assert not agent["can_go_back"]["possible"]
    assert "offers demo-agent 1.2.3-1 any more" in agent["can_go_back"]["text"], agent["can_go_back"]
    assert any("package store does not have demo-agent 1.2.3-1 yet" in warning for warning in agent["warnings"]), agent["warnings"]


def test_never_the_last_tenth_of_the_file_system(boot):
    host = boot("filling-full")
    host.configure()
    host.run("mount -t tmpfs -o size=3m tmpfs /var/lib/upkeep-store && chmod 755 /var/lib/upkeep-store")
    host.cli("enable", "demo-agent")
    assert kept(host) == ["1.2.3-1"], "2.1 MB of 3 MB fit"
    host.publisher.release(Package("2.3.4"))
    host.run("apt-get -qq update && apt-mark unhold demo-agent")
    host.install("demo-agent=2.3.4-1")
    host.run("head -c 700k /dev/zero > /var/lib/upkeep-store/fill")
    assert fill(host) != 0
    words = said(host)
    assert "10 % of the file system" in words and "314 kB" in words and "downloading" not in words.splitlines()[-5:], words
    assert kept(host) == ["1.2.3-1"], "what is there stays"
    host.run("rm /var/lib/upkeep-store/fill")
    assert fill(host) == 0 and kept(host) == ["2.3.4-1", "1.2.3-1"]


@pytest.mark.parametrize("milliseconds", [50, 200, 400, 600, 800, 1000, 1200, 1500])
def test_killed_in_the_middle(boot, milliseconds):
    host = boot(f"filling-killed-{milliseconds}")
    host.keep_up(schedule="never = true")
    host.publisher.repo.offer(Package("2.3.4"))
    host.run("apt-get -qq update && apt-mark unhold demo-agent")
    host.install("demo-agent=2.3.4-1")
    host.run(f"systemctl stop upkeepd; systemctl start --no-block {UNIT}; sleep {milliseconds / 1000}; systemctl kill -s KILL {UNIT}", check=False)
    host.run(f"systemctl reset-failed {UNIT}", check=False)
    assert "1.2.3-1" in kept(host), "the old copy is usable"
    host.run("apt-get -qq update")
    assert "file:/var/lib/upkeep-store" in host.run("apt-cache madison demo-agent").stdout
    assert fill(host) == 0, said(host)
    assert kept(host) == ["2.3.4-1", "1.2.3-1"]
    host.run("apt-get -qq update")
    assert sorted(host.run(f"ls {STORE}").stdout.split()) == sorted(
        ["apt.conf", "apt.sources", "kept", "lock"] + [name for name in host.run(f"ls {STORE}").stdout.split() if name.isdigit()])
