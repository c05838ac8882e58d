# SPDX-License-Identifier: Apache-2.0
"""Upkeep's own .rpm on a host of rpm's: installed, run, upgraded to itself and erased, under a real systemd."""

import base64

from machine.deb import rpm_for_debian_13
from machine.package import Package

FILE = "/root/upkeep.rpm"
# The rpm database of a Debian machine knows neither a shell nor libraries.
GUEST = "--nodeps"


def test_installed_used_and_erased(boot):
    host = boot("rpm-package", "dnf")
    host.run("dpkg --purge upkeep && rm -rf /etc/upkeep/agents.d && ! test -e /usr/sbin/upkeepd")
    host.run(f"base64 -d > {FILE}", input=base64.b64encode(rpm_for_debian_13().read_bytes()).decode())
    host.run(f"rpm -i {GUEST} {FILE}")
    assert host.run("rpm -V --nodeps --nouser --nogroup upkeep", check=False).stdout == ""
    assert host.run("getent passwd upkeep").stdout and host.run("getent group upkeep-admin").stdout
    assert host.unit("upkeepd", "ActiveState") == "inactive", "an rpm package starts nothing by itself"

    host.run("systemctl enable --now upkeepd")
    host.keep_up()
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")

    # A new version of Upkeep restarts the daemon, which knows what it knew, and keeps what an administrator has written.
    host.run("echo '# mine' >> /etc/upkeep/upkeep.toml")
    before = host.unit("upkeepd", "MainPID")
    host.run(f"rpm -U --force {GUEST} {FILE}")
    host.wait("it answers", lambda agent: agent["installed"] == "2.3.4-1" and host.unit("upkeepd", "MainPID") != before)
    assert "# mine" in host.read("/etc/upkeep/upkeep.toml")

    host.run(f"rpm -e {GUEST} upkeep")
    assert host.unit("upkeepd", "ActiveState") == "inactive"
    assert host.run("ls /usr/sbin/upkeepd /usr/lib/upkeep", check=False).stdout == ""
    assert host.run("test -e /etc/upkeep/agents.d/demo-agent.toml && test -e /var/lib/upkeep/agents/demo-agent/journal.jsonl", check=False).returncode == 0
