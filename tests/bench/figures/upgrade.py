# SPDX-License-Identifier: Apache-2.0
"""An upgrade by Upkeep, from the entry "applying" to the entry "activating" (which says: installed, and verified), beside a bare client
that simulates, installs and resolves; on the same booted machine, in turns, each time to the next version of the same package."""

import datetime
import json
import os

from machine.package import Package

from .booted import Booted
from .figure import Figure

AGENT = "demo-agent"


def measure(build, rounds, **_):
    verified, restarted, bare_verified, bare_restarted = [], [], [], []
    with Booted(build) as booted:
        host = booted.host
        host.keep_up()
        for number in range(rounds + 1):     # the first one warms PackageKit up, and does not count
            os.sync()
            version = f"2.0.{2 * number}"
            host.publisher.release(Package(version))
            host.wait_result("committed", version)
            at = {phase["phase"]: _seconds(phase["at"]) for phase in host.history()[-1]["phases"]}
            verified.append(at["activating"] - at["applying"])
            restarted.append(at["soaking"] - at["applying"])

            host.cli("suspend", "--reason", "somebody else's turn")
            version = f"2.0.{2 * number + 1}"
            host.publisher.release(Package(version))
            host.run("apt-get -qq update")
            os.sync()
            done = host.run(["/usr/local/bin/bare-upgrade", f"{AGENT};{version}-1;all;", f"{AGENT}.service"], user="upkeep")
            seconds = json.loads(done.stdout)
            bare_verified.append(seconds["verified"])
            bare_restarted.append(seconds["restarted"])
            assert host.installed() == host.running() == version
            host.cli("resume")
            host.wait_reason("up_to_date")
    yield Figure("upgrade, from apply to verified", "s", verified[1:], bare_verified[1:], most_ratio=1.05)
    yield Figure("upgrade, from apply to restarted", "s", restarted[1:], bare_restarted[1:])


def _seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
