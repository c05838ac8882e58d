# SPDX-License-Identifier: Apache-2.0
"""What an administrator of an rpm host has locked stays as it is, although PackageKit would not care; and somebody else who works with
rpm's database is waited for."""

import pytest
from machine.package import Package
from machine.wait import wait_until

HOLDS = {
    "versionlock": ("dnf", "dnf -q versionlock add demo-agent", "dnf -q versionlock delete demo-agent", "version lock"),
    "exclude-of-all": ("dnf", "echo excludepkgs=demo-agent >> /etc/dnf/dnf.conf", "sed -i /excludepkgs/d /etc/dnf/dnf.conf", "dnf.conf"),
    "exclude-of-one": ("dnf", "echo excludepkgs=demo-* >> /etc/yum.repos.d/demo.repo", "sed -i /excludepkgs/d /etc/yum.repos.d/demo.repo",
                       "demo.repo"),
    "addlock": ("zypp", "zypper -qn addlock demo-agent", "zypper -qn removelock demo-agent", "zypper's lock"),
}


@pytest.mark.parametrize("how", HOLDS)
def test_an_administrators_lock(boot, how):
    kind, lock, unlock, word = HOLDS[how]
    host = boot(f"rpm-held-{how}", kind)
    host.configure()
    host.cli("enable", "demo-agent", "--no-hold")
    host.cli("reload")
    host.wait("it is known", lambda agent: agent["installed"] and agent["offered"])
    host.run(lock)
    host.publisher.release(Package("2.3.4"))
    agent = host.wait_reason("held")
    assert word in agent["decision"]["text"], agent["decision"]
    assert host.installed() == "1.2.3"

    # packagekitd keeps what it has read of such files for as long as it lives. It ends before: the lock's end is seen at once.
    host.run(f"systemctl stop packagekit; {unlock}")
    host.cli("check")
    host.wait_result("committed", "2.3.4")


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_another_package_manager_at_work_is_waited_for(boot, kind):
    host = boot(f"rpm-locked-{kind}", kind)
    other = Package("1.0.0", name="other-agent")
    host.publisher.repo.offer(other)
    host.read_lists()
    host.keep_up()
    host.hold_installation("other-agent")
    tool = {"dnf": "dnf -qy install other-agent", "zypp": "zypper -qn install other-agent"}[kind]
    host.run(f"systemd-run -q --unit=others {tool}")
    host.wait_installing("other-agent")

    host.publisher.release(Package("2.3.4"))
    host.wait("somebody else is waited for", lambda agent: agent["operation"] or agent["decision"]["reason"] in ("busy", "retry_later"))
    assert host.installed() == "1.2.3"
    host.let_installation_go_on("other-agent")
    wait_until("the other one is done", lambda: host.installed("other-agent"), lambda version: version == "1.0.0")
    host.wait_result("committed", "2.3.4", seconds=150)
    assert host.status()["quarantined"] == []
