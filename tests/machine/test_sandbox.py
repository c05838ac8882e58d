# SPDX-License-Identifier: Apache-2.0
"""What systemd takes away from the daemon and from the root units, and that it is really gone.

All tests of this layer run under the filter of system calls with a denied call ending the process (see prepared.py), so that test_story.py
and the tests of crashes, bad releases and power cuts prove that nothing that the daemon does is denied.
"""

import json
import re
import signal

from machine.intruder import Intruder
from machine.wait import wait_until

NO_CAPABILITY = "0" * 16
UNITS = {"upkeepd.service": 2.0, "upkeep-hold@demo-agent.service": 1.5, "upkeep-conffiles@demo-agent.service": 1.8,
         "upkeep-store@demo-agent.service": 3.0}


def status_of(text):
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def daemon_status(host):
    return status_of(host.read(f"/proc/{host.unit('upkeepd', 'MainPID')}/status"))


def test_exposure(boot):
    host = boot("exposure")
    for unit, most in UNITS.items():
        report = host.run(["systemd-analyze", "security", "--no-pager", unit]).stdout
        exposure = float(report.partition("Overall exposure level for ")[2].split(": ")[1].split()[0])
        print(f"systemd-analyze security {unit}: {exposure}")
        assert 0 < exposure <= most, report


def test_every_open_end_has_its_reason_in_the_unit(boot):
    host = boot("open-ends")
    rows = json.loads(host.run("systemd-analyze security --json=short upkeepd.service").stdout)
    reasons = host.read("/lib/systemd/system/upkeepd.service").partition("# Left open on purpose")[2]
    assert len(rows) > 50 and reasons
    for row in rows:
        if row["set"] is False:
            names = row["name"].replace("SystemCallFilter=~", "").split("=")[0].split("/")
            assert any(name in reasons for name in names), f"{row['name']} is open, and the unit does not say why"


def test_no_capability_no_new_privileges_and_a_filter(boot):
    host = boot("no-capability")
    status = daemon_status(host)
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {NO_CAPABILITY}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert set(status["Uid"].split()) == {host.run("id -u upkeep").stdout.strip()}


def test_the_filter_is_in_force(boot):
    host = boot("filter")
    intruder = Intruder(host)
    # The twin has the daemon's filters, the only difference being what a denied call gets.
    twin, daemon = status_of(intruder.run("cat /proc/self/status").stdout), daemon_status(host)
    assert twin["Seccomp_filters"] == daemon["Seccomp_filters"] and int(daemon["Seccomp_filters"]) > 5
    assert host.unit("upkeepd", "SystemCallErrorNumber") == "2147483646", "not strict: a denied call would go unnoticed in all tests"

    mount = "perl -e '$what = q(tmpfs); $where = q(/tmp); exit(syscall(165, $what, $where, $what, 0, 0) == 0 ? 0 : $! == 1 ? 7 : 8)'"
    assert intruder.run(mount).returncode == 7, "7: EPERM"
    intruder.sandbox("SystemCallErrorNumber=kill")
    assert intruder.run(mount).returncode == 128 + signal.SIGSYS
    assert intruder.run("true").returncode == 0, "the strict twin can run at all"


def test_no_core_dumps(boot):
    host = boot("no-core-dumps")
    host.keep_up()
    for number in (signal.SIGSEGV, signal.SIGABRT):
        process = host.unit("upkeepd", "MainPID")
        limits = host.read(f"/proc/{process}/limits")
        assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)
        # The kernel gives what belongs to a process that it would not dump to root. (Where it would dump to is global: not a test's to set.)
        assert host.run(["stat", "-c", "%u", f"/proc/{process}/environ"]).stdout == "0\n"
        host.run(f"kill -{int(number)} {process}")
        wait_until("systemd starts it again", lambda: host.unit("upkeepd", "MainPID"), lambda now: now not in ("0", process))
        wait_until("the new one is through its first lines, which forbid the dumps", lambda: host.cli("status", check=False).returncode,
                   lambda status: status == 0)
        said = host.run("journalctl -u upkeepd -o cat --no-pager").stdout
        assert f"code=killed, status={int(number)}" in said and "code=dumped" not in said
    assert host.run("find / -xdev -name 'core*' -type f -size +100k -newer /etc/upkeep/agents.d/demo-agent.toml").stdout == ""
    host.wait_reason("up_to_date")
