# SPDX-License-Identifier: Apache-2.0
"""A third party's schedule, built against the installed SDK alone, on a machine that has Upkeep from its package."""

import base64
import datetime
import os
import pathlib

from conftest import TESTS
from sdk_prefix import build_example, install_sdk
from machine.package import Package

PLUGIN = "/usr/lib/upkeep/plugins/schedule-holidays.so"
FILE = "/etc/upkeep/agents.d/demo-agent.toml"
MORE = '\n[[schedule]]\nuse = "holidays"\nfile = "/etc/upkeep/holidays"\n'


def test_the_installed_daemon_loads_it_and_waits_for_the_holiday_to_end(boot, tmp_path):
    build = pathlib.Path(os.environ.get("UPKEEP_BUILD") or TESTS.parent / "build/release")
    module = build_example(install_sdk(build, tmp_path / "sdk"), tmp_path / "third-party")
    host = boot("third-party-plugin")
    host.run(f"base64 -d > {PLUGIN}", input=base64.b64encode(module.read_bytes()).decode())
    today = datetime.datetime.now(datetime.timezone.utc).date()
    tomorrow = today + datetime.timedelta(days=1)
    host.write("/etc/upkeep/holidays", f"{today} today\n{tomorrow} bridge day\n")

    host.configure(more=MORE.replace("file =", "fiel ="))
    line = 1 + host.read(FILE).splitlines().index('fiel = "/etc/upkeep/holidays"')
    wrong = host.cli("config", "check", check=False)
    assert wrong.returncode == 1 and f"demo-agent.toml:{line}: schedule[1].fiel" in wrong.stdout, wrong

    host.keep_up(more=MORE)
    host.publisher.release(Package("2.3.4"))
    decision = host.wait_reason("outside_window")["decision"]
    assert "holiday, /etc/upkeep/holidays" in decision["text"]
    assert decision["until"] == f"{tomorrow + datetime.timedelta(days=1)}T00:00:00Z"
    assert "holiday" in host.cli("status").stdout
    windows = host.json("schedule", "show")["windows"]
    assert windows[0]["start"] == decision["until"] and windows[0]["schedules"] == ["window", "holidays"]
    assert host.installed() == "1.2.3"

    host.write("/etc/upkeep/holidays", f"{tomorrow} not today\n")
    host.cli("run")
    host.wait_result("committed", "2.3.4")
