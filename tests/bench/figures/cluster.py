# SPDX-License-Identifier: Apache-2.0
"""An idle daemon as the container image has it, with one workload of a real API server; beside it a bare program that made one request there."""

import os
import subprocess
import time

from kube.client import path_of
from kube.control_plane import ControlPlane
from kube.kube_daemon import KubeDaemon
from kube.space import Space
from machine.wait import wait_until

from .figure import Figure
from .process import Process

QUIET = 900     # seconds: a watch lasts five minutes to ten


def measure(build, rounds, folder, **_):
    plane = ControlPlane(folder / "plane").start()
    try:
        space = Space(plane, "bench", folder)
        workload, account = space.workload(), space.account()
        url = plane.url + path_of("deployments", space.name, workload.name)
        resident, dirty, bare_resident, bare_dirty = [], [], [], []
        os.sync()     # a page of a file that was just written counts as dirty until it is on the disk
        for number in range(rounds):
            (folder / str(number)).mkdir()
            daemon = KubeDaemon(folder / str(number), workload, account, build=build.parent / "kube", window="never = true", poll="1h")
            daemon.launch()
            bare = subprocess.Popen([build / "tests/bench/upkeep-bench-bare-pod", url, plane.authority.crt, account.folder / "token"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                # Read from the log, for asking it would cost it memory.
                wait_until("the daemon has decided", lambda: daemon.log.count("reason=up_to_date"), seconds=60, every=0.2)
                time.sleep(3)
                upkeep = Process(daemon.process.pid)
                for process, rss, own in ((upkeep, resident, dirty), (Process(bare.pid), bare_resident, bare_dirty)):
                    memory = process.memory()
                    rss.append(memory[0])
                    own.append(memory[1])
                if number == rounds - 1:
                    asked, woken, cpu, began = len(account.requests()), upkeep.wakeups(), upkeep.cpu(), time.monotonic()
                    time.sleep(QUIET)
                    minutes = (time.monotonic() - began) / 60
                    requests, woken, cpu = len(account.requests()) - asked, upkeep.wakeups() - woken, upkeep.cpu() - cpu
            finally:
                daemon.stop()
                bare.kill()
                bare.wait()
    finally:
        plane.stop()
    yield Figure("idle with one workload: resident memory", "MB", resident, bare_resident, most_ratio=1.2)
    yield Figure("idle with one workload: private dirty memory", "MB", dirty, bare_dirty, most_ratio=1.4)
    yield Figure("idle with one workload: wake-ups", "/min", [woken / minutes])
    yield Figure("idle with one workload: processor time", "ms/min", [1e3 * cpu / minutes])
    yield Figure("idle with one workload: requests to the API server", "/h", [requests * 60 / minutes])
