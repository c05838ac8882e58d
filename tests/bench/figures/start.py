# SPDX-License-Identifier: Apache-2.0
"""From the start of the process to READY=1, as a service manager sees it; beside it a bare program from its start to "idle"."""

import subprocess
import time

from servers import Authority, Nginx

from .daemon import AGENT, Bus, Daemon
from .figure import Figure
from .process import Process

STARTS = 20


def measure(build, rounds, folder, **_):
    (folder / "ca").mkdir()
    (folder / "nginx").mkdir()
    authority = Authority(folder / "ca", "bench-ca")
    nginx = Nginx(folder / "nginx", authority.issue("server"))
    bus = Bus(folder)
    daemon = Daemon(build, folder / "daemon", bus, {"shell": AGENT.format(url=nginx.url, poll="1h", ca_file=authority.crt)})
    bare_argv = [build / "tests/bench/upkeep-bench-bare-idle", nginx.publish() + "/version", authority.crt]
    ready, cpu, bare, bare_cpu = [], [], [], []
    try:
        for _ in range(max(rounds, STARTS)):
            ready.append(1e3 * daemon.start())
            cpu.append(1e3 * daemon.used.cpu())
            daemon.stop()
            took, used = _start_bare(bare_argv, bus)
            bare.append(1e3 * took)
            bare_cpu.append(1e3 * used)
    finally:
        daemon.stop()
        bus.stop()
        nginx.stop()
    yield Figure("start of the process to READY=1", "ms", ready, bare, most=50)
    yield Figure("processor time of that start", "ms", cpu, bare_cpu)


def _start_bare(argv, bus):
    """Seconds until it idles, with its bus connection and its request behind it, and seconds on a processor."""
    began = time.monotonic()
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                             env={"DBUS_SYSTEM_BUS_ADDRESS": bus.address})
    with child:
        assert child.stdout.readline() == "idle\n", "the bare program does not get to idle"
        took = time.monotonic() - began
        used = Process(child.pid).cpu()
        child.kill()
    return took, used
