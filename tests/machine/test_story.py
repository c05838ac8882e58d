# SPDX-License-Identifier: Apache-2.0
"""The story of one host: up to date, held back by its window and by its operator, upgraded, urgently upgraded, and taken back from a bad
release."""

import pytest
from machine.agent import window
from machine.package import Package

CLOSED, OPEN = window(starts_in=180), window(starts_in=-5)


@pytest.mark.parametrize("kind", ["apt", "dnf", "zypp"])
def test_story(boot, kind):
    host = boot(f"story-{kind}", kind)
    publisher = host.publisher

    # 1. Nothing to do.
    host.keep_up(schedule=CLOSED)
    agent = host.wait_reason("up_to_date")
    assert agent["installed"] == "1.2.3-1"
    assert agent["can_go_back"]["possible"], agent["can_go_back"]
    assert "no upgrades available (1.2.3 == 1.2.3)" in host.cli("dry-run").stdout

    # 2. A release, but the window is closed.
    publisher.release(Package("2.3.4"))
    agent = host.wait_reason("outside_window")
    assert agent["offered"] == {"version": "2.3.4", "critical": False}
    assert agent["decision"]["action"] == "wait" and agent["decision"]["until"]
    assert "an upgrade is available (1.2.3 -> 2.3.4)" in host.cli("dry-run").stdout

    # 3. An operator stops everything, and lets it go on.
    host.cli("suspend", "--reason", "change freeze")
    assert host.wait_reason("suspended")["suspended"]["reason"] == "change freeze"
    host.configure(schedule=OPEN)
    host.cli("reload")
    refused = host.cli("run")
    assert "change freeze" in refused.stdout + refused.stderr
    assert host.installed() == "1.2.3"

    # 4. The window is open: upgraded, proven, committed.
    host.cli("resume")
    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"
    assert "no upgrades available (2.3.4 == 2.3.4)" in host.cli("dry-run").stdout

    # 5. A critical release does not wait for the window. (It counts after a second read, half a minute to a minute later.)
    host.configure(schedule=CLOSED)
    host.cli("reload")
    publisher.release(Package("2.3.5"), critical=True)
    host.wait_result("committed", "2.3.5", seconds=120)
    assert host.installed() == host.running() == "2.3.5"

    # 6. A release that crash-loops is taken back, and not tried again.
    host.configure(schedule=OPEN)
    host.cli("reload")
    publisher.release(Package("3.0.0", behaviour="crash"))
    host.wait_result("rolled_back", "3.0.0")
    agent = host.wait_reason("quarantined")
    assert agent["quarantined"] == ["3.0.0"] and agent["offered"]["version"] == "3.0.0"
    assert host.installed() == host.running() == "2.3.5"

    # 7. All of it can be read afterwards.
    operations = host.history()
    assert [(o["result"], o["reason"]) for o in operations] == [
        ("committed", "window_open"), ("committed", "critical"), ("rolled_back", "window_open")]
    assert all(o["ended"] > o["started"] and o["phases"] for o in operations)
