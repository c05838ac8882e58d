# SPDX-License-Identifier: Apache-2.0
"""The wall clock jumps over a window: nothing starts, and the next window is the one of the next day.

All machines have the host's clock, and a time namespace cannot move the wall clock. So only the daemon's own view of it is moved, by
libfaketime; its timers run on. That a jump also wakes what sleeps is shown by the engine's tests.
"""

from machine.agent import window
from machine.package import Package

DROP_IN = """[Service]
Environment=LD_PRELOAD=libfaketime.so.1 LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/faketime
Environment=FAKETIME_TIMESTAMP_FILE=/etc/faketimerc FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DISABLE_SHM=1
"""


def jump(host, hours):
    host.write("/etc/faketimerc.new", f"+{hours}h\n")
    host.run("mv /etc/faketimerc.new /etc/faketimerc")


def test_over_a_window_and_into_the_next(boot):
    host = boot("clock-jump")
    jump(host, 0)
    host.write("/etc/systemd/system/upkeepd.service.d/faketime.conf", DROP_IN)
    host.run("systemctl daemon-reload && systemctl restart upkeepd")
    host.keep_up(schedule=window(starts_in=180))
    host.publisher.release(Package("2.3.4"))
    first = host.wait_reason("outside_window")["decision"]["until"]

    jump(host, 6)
    agent = host.wait("the next window is another one", lambda agent: agent["decision"]["until"] > first)
    assert agent["decision"]["reason"] == "outside_window"
    assert agent["installed"] == "1.2.3-1" and host.history() == []

    jump(host, 27)      # a day and three hours: the next day's window has just opened
    host.wait_result("committed", "2.3.4")
