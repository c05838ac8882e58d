# SPDX-License-Identifier: Apache-2.0
"""An upgrade by Upkeep, from the entry "applying" to the entry "activating" (which says: installed, and verified), beside a bare client
that makes the same calls; on the same booted machine, in turns, each time to the next version of the same package. Once for each package
manager that PackageKit drives."""

import json
import os

from machine.package import Package

from .booted import Booted, phases
from .figure import Figure

AGENT = "demo-agent"


def measure(build, rounds, **_):
    for kind in ("apt", "dnf", "zypp"):
        yield from _measure(build, rounds, kind)


def _measure(build, rounds, kind):
    with Booted(build, kind) as booted:
        host = booted.host
        host.configure(AGENT)
        host.cli("enable", AGENT, "--no-hold")
        host.cli("reload")
        host.wait_reason("up_to_date")
        same = _Rounds(host, major=2)
        for _ in range(rounds + 1):     # the first one warms PackageKit up, and does not count
            same.upkeep()
            same.bare()
        held = _Rounds(host, major=3)
        if kind == "apt":     # elsewhere nothing has to be put back
            host.cli("enable", AGENT)
            for _ in range(rounds):
                held.upkeep()
    where = "" if kind == "apt" else f" with {kind}"
    yield Figure(f"upgrade{where}, from apply to verified", "s", same.verified[1:], same.bare_verified[1:], most_ratio=1.05)
    yield Figure(f"upgrade{where}, from apply to restarted", "s", same.restarted[1:], same.bare_restarted[1:])
    if held.verified:
        yield Figure("upgrade with Upkeep's own hold, which it puts back", "s", held.verified, same.bare_verified[1:rounds + 1])


class _Rounds:
    """Upgrades, each to the next version of the same package."""

    def __init__(self, host, major):
        self._host, self._major, self._number = host, major, 0
        self.verified, self.restarted, self.bare_verified, self.bare_restarted = [], [], [], []

    def _publish(self):
        version = f"{self._major}.0.{self._number}"
        self._number += 1
        self._host.publisher.release(Package(version))
        os.sync()
        return version

    def upkeep(self):
        version = self._publish()
        self._host.wait_result("committed", version)
        at = phases(self._host)
        self.verified.append(at["activating"] - at["applying"])
        self.restarted.append(at["soaking"] - at["applying"])

    def bare(self):
        host = self._host
        host.cli("suspend", "--reason", "somebody else's turn")
        version = self._publish()
        if host.kind.name == "apt":
            host.read_lists()
            words = [f"{AGENT};{version}-1;all;"]
        else:
            host.run("pkcon refresh force")
            folder = {"dnf": "/var/cache/PackageKit/13/metadata/demo-13-x86_64/packages", "zypp": "/var/cache/zypp/packages/demo"}
            words = ["--rpm", f"{folder[host.kind.name]}/{AGENT}-{version}-1.noarch.rpm", f"{AGENT};{version}-1;noarch;demo"]
        done = host.run(["/usr/local/bin/bare-upgrade", *words, f"{AGENT}.service"], user="upkeep")
        seconds = json.loads(done.stdout)
        self.bare_verified.append(seconds["verified"])
        self.bare_restarted.append(seconds["restarted"])
        assert host.installed() == host.running() == version
        host.cli("resume")
        host.wait_reason("up_to_date")
