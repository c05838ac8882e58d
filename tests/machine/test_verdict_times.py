# SPDX-License-Identifier: Apache-2.0
"""A crash-looping release with a soak of ten minutes: the verdict comes at most 15 s after its restart, the old version runs at most 30 s
after it, however fast systemd starts the unit again, or not at all."""

import datetime

import pytest

from machine.moment import Journal, phase_of
from machine.package import Package

SHAPES = {"100ms": "always\nRestartSec=100ms", "1s": "always\nRestartSec=1s", "5s": "always\nRestartSec=5s", "no-restart": "no"}


def seconds(entry):
    return datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()


@pytest.mark.parametrize("behaviour", ["crash", "late:2"])
def test_the_verdict_does_not_wait_for_the_soak(boot, behaviour):
    host = boot("verdict-" + behaviour.replace(":", "-"))
    host.keep_up(soak="10m")
    for number, (shape, restart) in enumerate(SHAPES.items()):
        since = Journal(host.machine).last()
        version = f"3.{number}.0"
        host.publisher.release(Package(version, behaviour=behaviour, restart=restart))
        host.wait_result("rolled_back", version)
        assert host.installed() == host.running() == "1.2.3"
        at = {phase_of(entry): seconds(entry) for entry in Journal(host.machine).entries() if entry["seq"] > since}
        assert at["reverting"] - at["activating"] <= 15, (shape, at)
        assert at["rolled_back"] - at["activating"] <= 30, (shape, at)
