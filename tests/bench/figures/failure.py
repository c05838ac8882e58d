# SPDX-License-Identifier: Apache-2.0
"""What a failure costs: the verdict about a crash-looping release and the way back from it, in how many places the tests let something die,
and what the journal, which all of that hangs on, adds to a good upgrade."""

import datetime
import importlib.util
import pathlib
import subprocess
import xml.etree.ElementTree

from machine.package import Package
from machine.wait import wait_until

from .booted import Booted, phases
from .figure import Figure

AGENT = "demo-agent"
TESTS = pathlib.Path(__file__).resolve().parents[2]
MACHINE_POINTS = {"the daemon": ("DAEMON", 40), "the machine": ("MACHINE", 10), "packagekitd": ("PACKAGEKITD", 10)}


def measure(build, rounds, folder, **_):
    with Booted(build) as booted:
        host = booted.host
        host.keep_up(soak="2s")
        host.wait_reason("up_to_date")
        yield from _journalling(host, rounds)
        host.configure(soak="10m")     # which no verdict may wait for
        host.cli("reload")
        yield from _verdicts(host, rounds)
    yield from _points_of_the_engine(build, folder)
    yield from _points_on_machines()


def _journalling(host, rounds):
    """Of one and the same upgrade: the time that all its appends took, and from its beginning to the soak, which only waits."""
    share, many, each = [], [], []
    for number in range(rounds + 1):
        version = f"2.{number}.0"
        _store_is_filled(host)
        before = _appends(host)
        host.publisher.release(Package(version))
        host.wait_result("committed", version)
        count, seconds = (now - then for now, then in zip(_appends(host), before))
        at = phases(host)
        if number:     # the first one warms PackageKit up, and does not count
            share.append(100 * seconds / (at["soaking"] - at["preparing"]))
            many.append(count)
            each.append(1e3 * seconds / count)
    yield Figure("journalling: its share of an upgrade's time", "%", share, most=2)
    yield Figure("journalling: appends of an upgrade", "", many)
    yield Figure("journalling: one append, on the disk", "ms", each)


def _store_is_filled(host):
    """While root reads the lists for the package store, apt's lock is taken, and an upgrade that meets it waits for a minute."""
    look = "upkeep store show; systemctl is-active upkeep-store@demo-agent"
    version = host.installed()
    wait_until("the store is filled", lambda: host.run(look, check=False).stdout,
               lambda said: f"{version}-1" in said and said.endswith("inactive\n"))


def _appends(host):
    """How many there were since the daemon's start, and the seconds they took."""
    page = host.run("curl -sS --unix-socket /run/upkeep/control.sock http://localhost/metrics").stdout
    values = dict(line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("upkeep_journal_append_duration_seconds"))
    return [float(values[f"upkeep_journal_append_duration_seconds_{name}"]) for name in ("count", "sum")]


def _verdicts(host, rounds):
    good, verdict, back = host.installed(), [], []
    for number in range(rounds):
        version = f"3.{number}.0"
        _store_is_filled(host)
        host.publisher.release(Package(version, behaviour="crash", restart="always\nRestartSec=1s"))
        host.wait_result("rolled_back", version)
        assert host.installed() == host.running() == good
        at = phases(host)
        verdict.append(at["reverting"] - at["activating"])
        back.append(_active_since(host) - at["activating"])
    yield Figure("crash loop: from its restart to the verdict", "s", verdict, most=15)
    yield Figure("crash loop: from its restart to the old version running", "s", back, most=30)


def _points_of_the_engine(build, folder):
    result = folder / "points.xml"
    subprocess.run([build / "tests/upkeep-engine-tests", "--gtest_brief=1", "--gtest_filter=Of/CrashMatrix.*", f"--gtest_output=xml:{result}"],
                   check=True, stdout=subprocess.DEVNULL)
    suite = xml.etree.ElementTree.parse(result).getroot().find("testsuite[@name='Of/CrashMatrix']")
    points = {kind: int(suite.get(kind)) for kind in ("kill_points", "append_points", "verb_points", "recovery_points")}
    yield Figure("points of failure, engine: all", "", [points["kill_points"]], least=500)
    yield Figure("points of failure, engine: at appends", "", [points["append_points"]])
    yield Figure("points of failure, engine: at installer's verbs", "", [points["verb_points"]])
    yield Figure("points of failure, engine: second ones, in a recovery (a sample)", "", [points["recovery_points"]], least=500)


def _points_on_machines():
    spec = importlib.util.spec_from_file_location("kill_anywhere", TESTS / "machine/test_kill_anywhere.py")
    matrix = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(matrix)
    for victim, (moments, least) in MACHINE_POINTS.items():
        yield Figure(f"points of failure, machines: SIGKILL of {victim}", "", [len(set(getattr(matrix, moments)))], least=least)


def _active_since(host):
    """When systemd saw the unit become active for the last time."""
    text = host.run(["systemctl", "show", "--timestamp=us+utc", "-P", "ActiveEnterTimestamp", f"{AGENT}.service"]).stdout.strip()
    return datetime.datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=datetime.timezone.utc).timestamp()
