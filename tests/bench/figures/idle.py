# SPDX-License-Identifier: Apache-2.0
"""An idle daemon with one agent (https, window, apt) that has polled once, on a booted machine; beside it a bare program there."""

import os
import time

from machine.agent import window
from machine.wait import wait_until

from .booted import Booted
from .figure import Figure

QUIET = 180     # seconds
CA_FILE = "/etc/upkeep/demo-ca.crt"


def measure(build, rounds, **_):
    with Booted(build) as booted:
        host = booted.host
        host.configure(schedule=window(starts_in=180), soak="2m", poll="1h")
        host.cli("enable", "demo-agent")
        host.run("systemctl stop upkeepd")
        url = f"{host.publisher.channels_url}/stable/version"
        resident, dirty, bare_resident, bare_dirty = [], [], [], []
        for _ in range(rounds):
            os.sync()     # a page of a program that was just installed counts as dirty until it is on the disk
            host.run("systemctl restart upkeepd")
            host.run(f"systemctl stop bare-idle; systemctl reset-failed bare-idle; systemd-run -q --unit bare-idle --uid upkeep "
                     f"/usr/local/bin/bare-idle {url} {CA_FILE}", check=False)
            _polled_once(host)
            upkeep, bare = booted.process("upkeepd"), booted.process("bare-idle")
            for process, rss, own in ((upkeep, resident, dirty), (bare, bare_resident, bare_dirty)):
                memory = process.memory()
                rss.append(memory[0])
                own.append(memory[1])
        before, began = upkeep.wakeups(), time.monotonic()
        cpu = upkeep.cpu()
        time.sleep(QUIET)
        minutes = (time.monotonic() - began) / 60
        woken, used = (upkeep.wakeups() - before) / minutes, (upkeep.cpu() - cpu) / minutes
    yield Figure("idle with one agent: resident memory", "MB", resident, bare_resident, most_ratio=1.2)
    yield Figure("idle with one agent: private dirty memory", "MB", dirty, bare_dirty, most_ratio=1.4)
    yield Figure("idle with one agent: wake-ups", "/min", [woken], most=1)
    yield Figure("idle with one agent: processor time", "ms/min", [1e3 * used])


def _polled_once(host):
    """Its first poll comes within half a minute of its start; seen in its log, because asking it would cost it memory."""
    look = "journalctl -q -o cat _PID=$(systemctl show -P MainPID upkeepd) | grep -c reason=up_to_date"
    wait_until("the daemon has polled and decided", lambda: int(host.run(look, check=False).stdout.split()[0]), seconds=60, every=1)
    time.sleep(3)
