# SPDX-License-Identifier: Apache-2.0
"""Configuration files after a way back: byte by byte as they were, edited or not; every other difference, and what else the plan changed,
stands in the operation's record."""

import pytest
from machine.package import Package

FILE = "/etc/demo-agent.conf"
OWN, NEW = "greeting = from 1.2.3\n", "greeting = from 2.3.4\n"


def record(host, topic):
    return [line for entry in host.history()[-1]["record"] if entry["topic"] == topic for line in entry["lines"]]


# The last one is dpkg's blind spot: what the administrator wrote is what the new version ships, so dpkg takes it for never edited.
@pytest.mark.parametrize("text", [OWN, "greeting = mine\n", NEW], ids=["untouched", "edited", "edited-to-the-new"])
def test_as_it_was(boot, text):
    host = boot("conffiles-" + str(abs(hash(text)) % 1000))
    host.keep_up(soak="20s")
    host.write(FILE, text, mode="640")
    host.publisher.release(Package("2.3.4", behaviour="no-start"))
    host.wait_result("rolled_back", "2.3.4")
    assert host.read(FILE) == text
    assert host.run(["stat", "-c", "%a %U", FILE]).stdout == "640 root\n"
    assert host.installed() == host.running() == "1.2.3"
    differences = record(host, "differences")
    assert any("put back as it was before" in line for line in differences) == (text == NEW), differences


def test_what_else_changed_is_recorded(boot):
    host = boot("conffiles-others")
    host.publisher.repo.offer(Package("1.0.0", name="libdemo"))
    host.run("apt-get -qq update")
    host.install("libdemo")
    host.keep_up()
    host.write(FILE, "greeting = mine\n")
    host.publisher.repo.offer(Package("1.1.0", name="libdemo"))
    host.publisher.release(Package("2.3.4", depends="libdemo (>= 1.1.0)", behaviour="no-start"))
    host.wait_result("rolled_back", "2.3.4")
    assert record(host, "also_changed") == ["libdemo 1.0.0-1 -> 1.1.0-1"]
    assert host.read(FILE) == "greeting = mine\n"
    assert any("dpkg-dist" in line for line in record(host, "differences")), record(host, "differences")
    said = record(host, "package_manager")
    assert any("installed demo-agent;2.3.4-1" in line for line in said) and any("exit 1" in line for line in said), said
