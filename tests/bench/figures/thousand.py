# SPDX-License-Identifier: Apache-2.0
"""A thousand agents in one daemon: a folder as channel, each its own, and an installer that pretends."""

import time

from machine.wait import wait_until

from .daemon import Bus, Daemon
from .figure import Figure

AGENTS = 1000
QUIET = 60     # seconds in which nobody has anything to do

AGENT = """[source]
use = "file"
path = "{folder}"
channel = "{name}"
poll = "1h"

[[schedule]]
use = "window"
days = ["Tue", "Thu"]
start = "02:00"
length = "1h"

[installer]
use = "pretend"
version = "1.2.3-1"
"""


def measure(build, rounds, folder, **_):
    channels, plugins = folder / "channels", [build / "bench-plugins/installer-pretend.so"]
    agents = {}
    for number in range(AGENTS):
        name = f"agent-{number:04}"
        (channels / name).mkdir(parents=True)
        (channels / name / "version").write_text("1.2.3\n")
        (channels / name / "critical").write_text("no\n")
        agents[name] = AGENT.format(folder=channels, name=name)
    bus = Bus(folder)
    one = Daemon(build, folder / "one", bus, dict([next(iter(agents.items()))]), plugins)
    all_of_them = Daemon(build, folder / "all", bus, agents, plugins)
    try:
        one.start()
        first = all_of_them.start(seconds=120)
        _wait_until_known(all_of_them, AGENTS)
        _wait_until_known(one, 1)
        resident, dirty = all_of_them.used.memory()
        resident_one, dirty_one = one.used.memory()
        cpu, wakeups, began = all_of_them.used.cpu(), all_of_them.used.wakeups(), time.monotonic()
        time.sleep(QUIET)
        minutes = (time.monotonic() - began) / 60
        idle_cpu = (all_of_them.used.cpu() - cpu) / minutes
        idle_wakeups = (all_of_them.used.wakeups() - wakeups) / minutes
        latency = {path: [_latency(all_of_them, path) for _ in range(rounds)] for path in ("/v1/agents", "/v1/agents/agent-0500", "/metrics")}
        all_of_them.stop()
        again = all_of_them.start(seconds=120)     # now with a thousand journals
    finally:
        one.stop()
        all_of_them.stop()
        bus.stop()
    yield Figure("1 000 agents: resident memory", "MB", [resident], [resident_one])
    yield Figure("1 000 agents: private dirty memory", "MB", [dirty], [dirty_one])
    yield Figure("1 000 agents: memory of one agent", "KB", [1024 * (dirty - dirty_one) / (AGENTS - 1)])
    yield Figure("1 000 agents: processor time from start to all decided", "ms", [1e3 * cpu])
    yield Figure("1 000 agents: the same, of one agent", "ms", [1e3 * cpu / AGENTS])
    yield Figure("1 000 agents: processor time while idle", "ms/min", [1e3 * idle_cpu])
    yield Figure("1 000 agents: wake-ups while idle", "/min", [idle_wakeups])
    yield Figure("1 000 agents: start to READY=1, without journals", "ms", [1e3 * first])
    yield Figure("1 000 agents: start to READY=1, with journals", "ms", [1e3 * again])
    yield Figure("1 000 agents: GET /v1/agents", "ms", latency["/v1/agents"])
    yield Figure("1 000 agents: GET /v1/agents/NAME", "ms", latency["/v1/agents/agent-0500"])
    yield Figure("1 000 agents: GET /metrics", "ms", latency["/metrics"])


def _latency(daemon, path):
    """In ms."""
    answer = daemon.ask("GET", path)
    assert answer.status == 200, f"{path}: {answer.text[:200]}"
    return 1e3 * answer.seconds


def _wait_until_known(daemon, count):
    """Each agent has polled once (within half a minute) and decided that it is up to date; read from the log, so that asking costs nothing."""
    wait_until(f"{count} agents are up to date", lambda: daemon.log.count("reason=up_to_date"), lambda known: known >= count,
               seconds=120, every=0.5)
    time.sleep(2)
