# SPDX-License-Identifier: Apache-2.0
"""What the daemon's user may do: nothing before `upkeep enable`, then one package and one unit, and nothing again after `upkeep
disable`."""

from machine.package import Package


def may(host, command):
    done = host.run(command, user="upkeep", check=False)
    refusals = ("Failed to obtain authentication", "Interactive authentication required")
    assert done.returncode == 0 or any(text in done.stdout + done.stderr for text in refusals), done
    return done.returncode == 0


def test_one_package_and_one_unit(boot):
    host = boot("rights")
    host.publisher.repo.offer(Package("2.3.4"), Package("1.0.0", name="other-agent"))
    host.run("apt-get -qq update")
    ours, others = "pkcon -py install 'demo-agent;2.3.4-1;all;'", "pkcon -py install 'other-agent;1.0.0-1;all;'"
    assert not may(host, ours) and not may(host, "systemctl restart demo-agent.service")

    host.configure()
    host.cli("enable", "demo-agent")
    assert may(host, ours) and may(host, "systemctl restart demo-agent.service")
    assert not may(host, others)
    assert not may(host, "pkcon -py install 'demo-agent;1.2.3-1;all;' 'other-agent;1.0.0-1;all;'")
    assert not may(host, "pkcon -py remove 'demo-agent;2.3.4-1;all;'")
    assert not may(host, "systemctl restart dbus.service")
    assert not may(host, "systemctl stop demo-agent.service")
    assert not may(host, "systemctl start upkeep-repair@other-agent.service")
    assert may(host, "systemctl start upkeep-store@demo-agent.service")
    assert not may(host, "systemctl start upkeep-store@other-agent.service")

    host.cli("disable", "demo-agent")
    assert not may(host, ours) and not may(host, "systemctl restart demo-agent.service")


def test_without_enable_the_operation_is_refused_and_says_what_to_do(boot):
    host = boot("not-enabled")
    host.configure()
    host.cli("reload")
    host.publisher.release(Package("2.3.4"))
    agent = host.wait_reason("refused")
    assert "sudo upkeep enable demo-agent" in agent["decision"]["text"]
    assert host.installed() == host.running() == "1.2.3"
