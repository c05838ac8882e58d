# SPDX-License-Identifier: Apache-2.0
"""A thousand Deployments of a real API server as a thousand agents of one daemon, and a critical release for all of them.

KWOK plays their pods; the controllers, the scheduler and the API server are real, and share the processors with the daemon.
"""

import collections
import datetime
import time

from daemon_process import DaemonProcess, without_proxies
from kube.control_plane import ControlPlane
from kube.kube_daemon import AGENT
from kube.space import Space
from machine.wait import wait_until

from .figure import Figure
from .process import Process

WORKLOADS = 1000
QUIET = 60     # seconds in which nobody has anything to do


def measure(build, folder, **_):
    names = [f"web-{number:04}" for number in range(WORKLOADS)]
    plane = ControlPlane(folder / "plane").start()
    try:
        space = Space(plane, "bench", folder)
        workloads = [space.workload(name=name, replicas=1, wait=False) for name in names]
        wait_until("the workloads run", lambda: _ready(space), lambda ready: ready == WORKLOADS, seconds=900, every=2)
        account = space.account(workloads=names)
        one = _Daemon(folder / "one", build, account, workloads[:1], at_once=20)
        try:
            one.begin()
            alone = one.used.memory()
        finally:
            one.stop()
        daemon = _Daemon(folder / "all", build, account, workloads, at_once=20)
        try:
            daemon.begin()
            together = daemon.used.memory()
            asked, cpu, woken, began = len(account.requests()), daemon.used.cpu(), daemon.used.wakeups(), time.monotonic()
            time.sleep(QUIET)
            minutes = (time.monotonic() - began) / 60
            idle = [(now - before) / minutes for now, before in
                    ((len(account.requests()), asked), (1e3 * daemon.used.cpu(), 1e3 * cpu), (daemon.used.wakeups(), woken))]
            waves = [list(_wave(daemon, account, space, at_once, version)) for at_once, version in ((20, "2.3.4"), (200, "2.3.5"))]
        finally:
            daemon.stop()
    finally:
        plane.stop()
    yield Figure("1 000 workloads: resident memory", "MB", [together[0]], [alone[0]])
    yield Figure("1 000 workloads: private dirty memory", "MB", [together[1]], [alone[1]])
    yield Figure("1 000 workloads: memory of one agent", "KB", [1024 * (together[1] - alone[1]) / (WORKLOADS - 1)])
    yield Figure("1 000 workloads: processor time from start to all decided, of one agent", "ms", [1e3 * daemon.first / WORKLOADS])
    yield Figure("1 000 workloads: requests while idle, of one agent", "/h", [60 * idle[0] / WORKLOADS])
    yield Figure("1 000 workloads: processor time while idle", "ms/min", [idle[1]])
    yield Figure("1 000 workloads: wake-ups while idle", "/min", [idle[2]])
    for wave in waves:
        yield from wave


class _Daemon(DaemonProcess):
    """One agent a workload, all of them at the same channel, with a window that never opens."""

    def __init__(self, folder, build, account, workloads, at_once):
        super().__init__(folder, build, more=_settings(at_once), control='read_group = "root"\nadmin_group = "root"\n',
                         environment={**without_proxies(), **account.environment()})
        self._count = len(workloads)
        for one in workloads:
            self.configure(one.name, AGENT.format(channel=self.folder / "channel", workload=one.shown, window="never = true", soak="1s", poll="10s",
                                                  installer="", verify="resolve = false", more=""))
        self.release("1.2.3")

    def begin(self):
        """Until all have decided; `first`: the processor time that this took."""
        seen = self.log.count("reason=up_to_date") if self._log.exists() else 0
        self.launch()
        self.used = Process(self.process.pid)
        wait_until("all are up to date", lambda: self.log.count("reason=up_to_date") - seen, lambda known: known >= self._count, seconds=600, every=1)
        time.sleep(5)
        self.first = self.used.cpu()

    def set_at_once(self, many):
        text = (self.folder / "upkeep.toml").read_text()
        before = text.partition("workloads_at_once")[0]
        (self.folder / "upkeep.toml").write_text(before + _settings(many) + text.partition("[control]")[1] + text.partition("[control]")[2])


def _settings(at_once):
    return f"workloads_at_once = {at_once}\n"


def _wave(daemon, account, space, at_once, version):
    """A critical release for all. From the first patch to the last one, and until the last has proven itself; a second look before that takes
    30 to 60 s."""
    daemon.stop()
    daemon.set_at_once(at_once)
    daemon.begin()
    asked, cpu, ended = len(account.requests()), daemon.used.cpu(), daemon.log.count("result=committed")
    daemon.release(version, critical="yes")
    wait_until("all have the release", lambda: daemon.log.count("result=committed") - ended, lambda done: done == WORKLOADS, seconds=3600, every=2)
    cpu = daemon.used.cpu() - cpu
    time.sleep(2)
    requests = account.requests(asked)
    patches = [one for one in requests if one["verb"] == "patch" and "dryRun" not in one["requestURI"]]
    times = [datetime.datetime.fromisoformat(one["requestReceivedTimestamp"].replace("Z", "+00:00")) for one in patches]
    images = {one["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2] for one in space.client.get("deployments", space.name)}
    assert images == {version} and len(patches) >= WORKLOADS, (images, len(patches))
    verbs = collections.Counter(one["verb"] for one in requests)
    name = f"1 000 workloads, {at_once} at a time: critical release"
    yield Figure(f"{name}, first patch to last", "s", [(max(times) - min(times)).total_seconds()])
    yield Figure(f"{name}, processor time of one agent", "ms", [1e3 * cpu / WORKLOADS])
    yield Figure(f"{name}, requests of one agent", "", [len(requests) / WORKLOADS])
    for verb, count in verbs.most_common(5):
        yield Figure(f"{name}, of these {verb}", "", [count / WORKLOADS])


def _ready(space):
    return sum(one.get("status", {}).get("readyReplicas", 0) for one in space.client.get("deployments", space.name))
