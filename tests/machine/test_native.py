# SPDX-License-Identifier: Apache-2.0
"""Hosts without PackageKit: a daemon that runs as root, by the drop-in of the package, has systemd run the package manager's own tool."""

import pytest
from machine.moment import INSTALLERS, kill_at_once
from machine.package import Package
from machine.wait import wait_until

KINDS = ["apt", "dnf", "zypp"]
UNIT = "upkeep-native-demo-agent.service"
DROP_IN = "/usr/share/doc/upkeep/examples/native.conf"


def become_root(host):
    """Types the commands that the drop-in's own header names."""
    commands = [line.removeprefix("#     sudo ").replace("sudo ", "") for line in host.read(DROP_IN).splitlines() if line.startswith("#     sudo ")]
    assert len(commands) == 2
    for command in commands:
        host.run(command)
    wait_until("the daemon answers", lambda: host.cli("status", check=False).returncode, lambda code: code == 0)


def keep_up(host, driver="auto", **settings):
    """PackageKit cannot be had; the daemon drives the tool."""
    host.run("systemctl mask --now packagekit")
    become_root(host)
    host.configure(installer=f'driver = "{driver}"\n', **settings)
    host.cli("reload")
    return host.wait("demo-agent is known", lambda agent: agent["installed"] and agent["offered"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_and_a_bad_release_taken_back(boot, kind):
    host = boot(f"native-{kind}", kind)
    keep_up(host)
    about = host.read(f"/proc/{host.unit('upkeepd', 'MainPID')}/status").split("\n")
    assert "Uid:\t0\t0\t0\t0" in about and "CapEff:\t" + "0" * 16 in about, "root without any capability"
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4", seconds=120)
    assert host.installed() == host.running() == "2.3.4"

    host.publisher.release(Package("3.0.0", behaviour="no-start"))
    host.wait_result("rolled_back", "3.0.0", seconds=120)
    assert host.installed() == host.running() == "2.3.4"
    tool = {"apt": "apt-get", "dnf": "dnf", "zypp": "zypper"}[kind]
    told = host.cli("history", "demo-agent", "--operation", host.history()[0]["id"]).stdout
    assert f"{tool}: ended with exit status 0" in told
    # Nothing is left behind, once the last look at what is offered is over.
    left = "systemctl list-units --all --no-legend 'upkeep-native-*'; ls /var/lib/upkeep/native"
    wait_until("nothing is left behind", lambda: host.run(left).stdout, lambda text: text == "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_daemon_is_killed_in_the_middle(boot, kind):
    host = boot(f"native-killed-{kind}", kind)
    keep_up(host, "native")
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()
    before = host.status()["operation"]["id"]
    process = host.unit(UNIT, "MainPID")
    assert process != "0"

    host.kill_daemon()
    assert host.unit(UNIT, "MainPID") == process, "the tool goes on"
    host.let_installation_go_on()
    host.wait_result("committed", "2.3.4", seconds=120)
    assert host.installed() == host.running() == "2.3.4"
    assert [operation["id"] for operation in host.history()] == [before]


def test_without_the_drop_in_it_says_what_to_do(boot):
    host = boot("native-no-root")
    host.configure(installer='driver = "native"\n')
    host.cli("enable", "demo-agent")
    host.cli("reload")
    host.publisher.release(Package("2.3.4"))
    agent = host.wait("the reason is told", lambda agent: "native.conf" in str(agent))
    assert agent["decision"]["action"] == "wait" and "apt-get" in agent["decision"]["text"]
    assert host.installed() == "1.2.3"


@pytest.mark.parametrize("kind", KINDS)
def test_the_tool_is_killed_in_the_middle(boot, kind):
    """Root's helper finishes what it has left, as behind PackageKit."""
    host = boot(f"native-torn-{kind}", kind)
    host.configure()
    host.cli("enable", "demo-agent")
    keep_up(host, "native")
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()
    assert kill_at_once(host.machine, "apt-get", "dpkg", "dnf", "zypper", *INSTALLERS)
    host.let_installation_go_on()
    host.wait_result("committed", "2.3.4", seconds=120)
    assert host.kind.installed("demo-agent") == "2.3.4-1" and host.running() == "2.3.4"
