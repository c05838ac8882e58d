# SPDX-License-Identifier: Apache-2.0
"""Somebody else installs another version in the middle of an operation: it ends as overtaken, and nothing of theirs is taken back."""

from machine.package import Package

NEVER_DOWN = '[policy]\ndowngrade = "never"\n'


def test_somebody_else_installs_during_the_soak(boot):
    host = boot("overtaken")
    host.publisher.repo.offer(Package("2.3.5"))
    host.keep_up(soak="5m", more=NEVER_DOWN)
    host.publisher.release(Package("2.3.4"))
    host.wait_phase("soaking")

    host.install("demo-agent=2.3.5-1")

    host.wait_result("overtaken", "2.3.4")
    assert host.installed() == "2.3.5"
    assert host.wait_reason("downgrade")["quarantined"] == []
