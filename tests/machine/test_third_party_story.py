# SPDX-License-Identifier: Apache-2.0
"""An installer and a source of a third party, built against the installed SDK alone, through the whole story of a host."""

import os
import pathlib

import pytest

from conftest import TESTS
from sdk_prefix import build_example, install_sdk
from machine.agent import window
from machine.moment import Journal, kill
from machine.wait import wait_until
from machine.versions import AGENT, DROP_IN, FILE, PREFIX, VersionsAgent

CLOSED, OPEN = window(starts_in=180), window(starts_in=-5)


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    build = pathlib.Path(os.environ.get("UPKEEP_BUILD") or TESTS.parent / "build/release")
    sdk = install_sdk(build, tmp_path_factory.mktemp("sdk"))
    return [build_example(sdk, tmp_path_factory.mktemp(name), name) for name in ("example-source", "example-installer")]


@pytest.fixture
def third_party(boot, modules):
    return lambda name: VersionsAgent(boot(name), modules)


def assert_at(demo, version):
    """The link and the program that runs; a program that was just restarted takes its moment to say so."""
    wait_until(f"demo is at {version}", lambda: (demo.installed(), demo.host.running(AGENT)), lambda seen: seen == (version, version), seconds=10)


def test_story(third_party):
    demo = third_party("third-party-story")
    host = demo.host

    # 1. Nothing to do; who does what is shown, and how one could go back.
    demo.keep_up(schedule=CLOSED)
    agent = host.wait_reason("up_to_date", AGENT)
    assert agent["plugins"] == {"sources": ["tags"], "schedules": ["window"], "installer": "versions"}
    assert agent["source"]["origin"] == "/srv/demo.git" and agent["can_go_back"]["how"] == "store"
    shown = host.cli("status", AGENT).stdout
    assert "source tags, schedule window, installer versions" in shown and "warning" not in shown, shown
    assert not any(line.startswith("warning: demo:") for line in host.cli("config", "check").stdout.splitlines())

    # 2. A release, but the window is closed.
    demo.publish("2.3.4")
    host.wait_reason("outside_window", AGENT)
    assert "an upgrade is available (1.2.3 -> 2.3.4)" in host.cli("dry-run", AGENT).stdout

    # 3. An operator stops everything, and lets it go on.
    host.cli("suspend", AGENT, "--reason", "change freeze")
    demo.configure(schedule=OPEN)
    host.cli("reload")
    assert host.wait_reason("suspended", AGENT)["suspended"]["reason"] == "change freeze"
    assert_at(demo, "1.2.3")

    # 4. The window is open: upgraded, proven by the unit that the installer's `restart` names, committed.
    host.cli("resume", AGENT)
    host.wait_result("committed", "2.3.4", AGENT)
    assert_at(demo, "2.3.4")

    # 5. A critical tag does not wait for the window.
    demo.configure(schedule=CLOSED)
    host.cli("reload")
    demo.publish("2.3.5", critical=True)
    host.wait_result("committed", "2.3.5", AGENT, seconds=120)
    assert_at(demo, "2.3.5")

    # 6. A release that crash-loops is taken back, and not tried again.
    demo.configure(schedule=OPEN)
    host.cli("reload")
    demo.publish("3.0.0", "crash")
    host.wait_result("rolled_back", "3.0.0", AGENT)
    assert host.wait_reason("quarantined", AGENT)["quarantined"] == ["3.0.0"]
    assert_at(demo, "2.3.5")

    # 7. An operator goes back further, to a version that is still unpacked.
    host.cli("rollback", AGENT, "--to", "1.2.3")
    assert_at(demo, "1.2.3")
    assert [(o["result"], o["reason"]) for o in host.history(AGENT)] == [
        ("committed", "window_open"), ("committed", "critical"), ("rolled_back", "window_open"), ("committed", "rollback")]


def test_killed_while_it_unpacks(third_party):
    demo = third_party("third-party-killed")
    host = demo.host
    demo.keep_up()
    since = Journal(host.machine, AGENT).last()
    demo.publish("2.3.4", ballast=48)
    demo.freeze_unpacking(since)
    assert host.status(AGENT)["phase"] == "applying" and host.run(f"ls -A {PREFIX}/versions").stdout.split() == [".new", "1.2.3"]

    host.kill_daemon()
    # Half of a version is none, and what unpacked it went with the daemon.
    assert demo.signal_tar() == 0
    assert_at(demo, "1.2.3")
    first = host.wait("the operation ends", lambda agent: agent["last_operation"] and not agent["operation"], AGENT)["last_operation"]
    if first["result"] == "failed":     # nothing was changed: the next attempt gets there
        host.cli("force", AGENT, "--no-wait")
    host.wait_result("committed", "2.3.4", AGENT)
    assert_at(demo, "2.3.4")
    assert host.run(f"ls -A {PREFIX}/versions").stdout.split() == ["1.2.3", "2.3.4"]


def test_killed_while_it_goes_back(third_party):
    demo = third_party("third-party-killed-back")
    host = demo.host
    demo.keep_up(soak="1m")
    journal = Journal(host.machine, AGENT)
    since = journal.last()
    demo.publish("3.0.0", "crash")
    journal.wait("reverting", since)
    assert kill(host.machine, "upkeepd") == 1
    host.wait_result("rolled_back", "3.0.0", AGENT)
    assert_at(demo, "1.2.3")
    assert host.status(AGENT)["quarantined"] == ["3.0.0"]


def test_each_missing_right_and_wrong_key_is_named_before_anything_is_touched(third_party):
    demo = third_party("third-party-rights")
    host = demo.host

    def refused(says):
        host.cli("check", AGENT)
        agent = host.wait(f"refused: {says}", lambda agent: agent["decision"]["reason"] == "refused" and says in agent["decision"]["text"], AGENT)
        assert_at(demo, "1.2.3")
        assert agent["last_operation"]["result"] == "refused"

    for wrong, path in (("repositry", "source"), ("prefx", "installer")):
        demo.configure()
        text = host.read(FILE)
        right = {"source": "repository", "installer": "prefix"}[path]
        host.write(FILE, text.replace(f"{right} =", f"{wrong} ="))
        line = 1 + [text.split(" ")[0] for text in host.read(FILE).splitlines()].index(wrong)
        done = host.cli("config", "check", check=False)
        assert done.returncode == 1 and f"{FILE}:{line}: {path}.{wrong}: " in done.stdout and f"did you mean `{right}`" in done.stdout, done

    demo.publish("2.3.4")
    demo.configure()
    assert "demo: the daemon may not upgrade it yet: sudo upkeep enable demo" in host.cli("config", "check").stdout
    host.cli("reload")
    refused("`sudo upkeep enable demo` allows restarting demo.service")

    rule = host.cli("enable", AGENT).stdout
    assert 'unit = "demo.service"' in rule and "packagekit" not in rule and "holds" not in rule
    host.run("systemctl restart upkeepd")
    refused(f"upkeepd may not write to {PREFIX}: give the folder to the user upkeep, and name it in a drop-in")

    demo.allow()
    host.wait_result("committed", "2.3.4", AGENT)
    assert_at(demo, "2.3.4")
    # The rule is for this unit and these verbs, and for nothing of PackageKit's.
    def may(command):
        done = host.run(command, user="upkeep", check=False)
        assert done.returncode == 0 or "authentication" in done.stdout + done.stderr, done
        return done.returncode == 0
    assert may("systemctl restart demo.service")
    assert not may("systemctl stop demo.service") and not may("systemctl restart demo-agent.service")
    assert not may("systemctl start upkeep-repair@demo.service") and not may("pkcon -py install 'demo-agent;1.2.3-1;all;'")
    # What the daemon wrote it cannot run; the unit can.
    pid = host.unit("upkeepd", "MainPID")
    denied = host.run(f"nsenter -t {pid} -m {PREFIX}/current/bin/demo", check=False)
    assert denied.returncode != 0 and "Permission denied" in denied.stderr, denied
    host.run(f"rm {DROP_IN}")
