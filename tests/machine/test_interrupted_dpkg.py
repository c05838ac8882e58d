# SPDX-License-Identifier: Apache-2.0
"""dpkg dies in the middle of an upgrade, with everybody who worked with it: the package is left half-installed, unpacked or half-configured,
and dpkg's journal is not empty. It is repaired once, and the operation goes on as after any restart; nobody takes it for a lock of others.
And the other way round: while somebody else's package manager lives and works, nothing is repaired."""

import contextlib
import os
import pathlib
import signal

import pytest

from machine.package import Package

WAITS = ": > /run/demo-agent.installing\nwhile [ -e /run/demo-agent.wait ]; do sleep 0.05; done\nrm -f /run/demo-agent.installing"
REPAIR = "upkeep-repair@demo-agent.service"
STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"     # systemd's message about a unit that it starts


def state(host, name="demo-agent"):
    return host.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name]).stdout


def pending(host):
    """Entries of dpkg's journal."""
    return host.run("ls /var/lib/dpkg/updates | grep -cx '[0-9]*'", check=False).stdout.strip() != "0"


def repairs(host):
    """How often the repairing unit was started, and PackageKit's own repair run."""
    units = host.run(f"journalctl -q -o cat MESSAGE_ID={STARTING} UNIT={REPAIR}", check=False).stdout.splitlines()
    systems = host.run("journalctl -q -o cat -u packagekit | grep -c 'repair-system transaction .* finished'", check=False).stdout
    return len(units), int(systems)


def named(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:     # gone meanwhile
        return ""


def kill_all(host, *programs):
    """All of them at once, and the scripts that dpkg runs. First they are stopped: a dpkg that outlives its script by a moment tidies up."""
    doomed = [pid for pid in host.machine.processes()
              if named(pid) in programs or named(pid).startswith(("preinst", "postinst", "demo-agent.p", "other-agent.p"))]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def interrupt(host, expected, *programs, held="demo-agent"):
    """Everybody dies while a script of package `held` waits; dpkg's state is then as expected. What comes later does not wait."""
    host.wait_installing(held)
    kill_all(host, "dpkg", *programs)
    assert state(host) == expected and pending(host), (state(host), pending(host))
    host.let_installation_go_on(held)


def whole(host):
    assert host.run("dpkg --audit").stdout == "" and not pending(host)


EVERYBODY = ("packagekitd", "upkeepd")
DPKG_ALONE = ()


@pytest.mark.parametrize("left, programs", [("half-installed", EVERYBODY), ("unpacked", EVERYBODY), ("half-configured", EVERYBODY),
                                            ("half-configured", DPKG_ALONE)])
def test_repaired_once(boot, left, programs):
    host = boot(f"left-{left}-{len(programs)}")
    host.keep_up()
    held = "other-agent" if left == "unpacked" else "demo-agent"     # what it depends on is configured first
    host.hold_installation(held)
    if left == "unpacked":
        host.publisher.repo.offer(Package("1.0.0", name="other-agent"))
    host.publisher.release(Package("2.3.4", preinst=WAITS if left == "half-installed" else "",
                                   depends="other-agent" if left == "unpacked" else ""))
    interrupt(host, left, *programs, held=held)

    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"
    whole(host)
    assert len(host.history()) == 1
    units, systems = repairs(host)
    assert (units, systems) == ((1, 1) if left == "half-installed" else (1, 0))


@pytest.mark.parametrize("programs", [EVERYBODY, DPKG_ALONE], ids=["everybody", "dpkg"])
def test_interrupted_on_the_way_back(boot, programs):
    host = boot(f"left-on-the-way-back-{len(programs)}")
    host.keep_up(soak="1m")
    host.publisher.release(Package("3.0.0", behaviour="late:3"))
    host.wait_phase("soaking")
    host.hold_installation()
    interrupt(host, "half-configured", *programs)

    host.wait_result("rolled_back", "3.0.0")
    assert host.installed() == host.running() == "1.2.3"
    whole(host)
    assert repairs(host) == (1, 0)
    assert host.status()["quarantined"] == ["3.0.0"]


def others_install(host):
    """An apt of somebody else installs another package, and waits in the middle."""
    host.publisher.repo.offer(Package("1.0.0", name="other-agent"))
    host.read_lists()
    host.hold_installation("other-agent")
    host.run("systemd-run -q apt-get -qqy install other-agent")
    host.wait_installing("other-agent")


def test_what_others_left_is_no_lock(boot):
    """Somebody's apt died; only another package and dpkg's journal show it. The upgrade repairs that once and goes on."""
    host = boot("left-by-others")
    host.keep_up()
    others_install(host)
    kill_all(host, "apt-get", "dpkg")
    host.let_installation_go_on("other-agent")
    assert (state(host), state(host, "other-agent"), pending(host)) == ("installed", "half-configured", True)

    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"
    assert host.installed("other-agent") == "1.0.0"
    whole(host)
    assert repairs(host) == (1, 0)
    assert [operation["result"] for operation in host.history()] == ["committed"]


def test_a_living_package_manager_is_waited_for(boot):
    host = boot("others-at-work")
    host.keep_up()
    others_install(host)

    host.publisher.release(Package("2.3.4"))
    host.wait("it says who is waited for", lambda agent: "another package manager" in agent["operation"]["text"])
    assert repairs(host) == (0, 0) and host.installed() == host.running() == "1.2.3"
    host.let_installation_go_on("other-agent")

    host.wait_result("committed", "2.3.4")
    assert repairs(host) == (0, 0) and host.installed("other-agent") == "1.0.0"


def test_a_script_that_always_fails(boot):
    """No repair mends that: the version is condemned, and the one of before runs again."""
    host = boot("postinst-fails")
    host.keep_up()
    host.publisher.release(Package("2.3.4", postinst="exit 1"))

    host.wait_result("rolled_back", "2.3.4", seconds=120)
    assert host.installed() == host.running() == "1.2.3"
    assert host.status()["quarantined"] == ["2.3.4"]
    whole(host)
    assert repairs(host) == (1, 1)
