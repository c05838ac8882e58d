# SPDX-License-Identifier: Apache-2.0
"""The wall clock jumps over a window: nothing starts, and the next window is the one of the next day.

All machines have the host's clock, and a time namespace cannot move the wall clock. So only the daemon's own view of it is moved, by
support/machine/wall_clock.c; its timers run on. That a jump also wakes what sleeps is shown by the engine's tests.
"""

import base64
import pathlib
import subprocess

import machine
from machine.agent import window
from machine.package import Package

SHIM = pathlib.Path(machine.__file__).parent / "wall_clock.c"
DROP_IN = "[Service]\nEnvironment=LD_PRELOAD=/usr/lib/wall_clock.so\n"


def jump(host, hours):
    host.write("/etc/wall-clock.new", f"{hours * 3600}\n")
    host.run("mv /etc/wall-clock.new /etc/wall-clock")


def preload_clock(host, folder):
    library = folder / "wall_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SHIM, "-ldl"], check=True)
    host.run("base64 -d > /usr/lib/wall_clock.so", input=base64.b64encode(library.read_bytes()).decode())
    host.write("/etc/systemd/system/upkeepd.service.d/wall-clock.conf", DROP_IN)
    host.run("systemctl daemon-reload && systemctl restart upkeepd")


def test_over_a_window_and_into_the_next(boot, tmp_path):
    host = boot("clock-jump")
    jump(host, 0)
    preload_clock(host, tmp_path)
    host.keep_up(schedule=window(starts_in=180))
    host.publisher.release(Package("2.3.4"))
    first = host.wait_reason("outside_window")["decision"]["until"]

    jump(host, 6)
    agent = host.wait("the next window is another one", lambda agent: agent["decision"]["until"] > first)
    assert agent["decision"]["reason"] == "outside_window"
    assert agent["installed"] == "1.2.3-1" and host.history() == []

    jump(host, 27)      # a day and three hours: the next day's window has just opened
    host.wait_result("committed", "2.3.4")
