# SPDX-License-Identifier: Apache-2.0
"""The story of one agent on one host, in eight steps, told to an operator and checked as it goes."""

from machine.agent import window
from machine.package import Package

CLOSED = dict(schedule=window(starts_in=180), soak="5s", poll="2s")
OPEN = dict(schedule=window(starts_in=-5), soak="5s", poll="2s")


def play(stage, host):
    for step in (up_to_date, window_closed, suspended, window_open, critical, bad_release, killed, history):
        step(stage, host)


def up_to_date(stage, host):
    stage.step("1. Up to date",
               "demo-agent is described in one file, /etc/upkeep/agents.d/demo-agent.toml. `upkeep enable` grants the daemon "
               "what this one agent needs: this package, this unit, nothing else. The channel says 1.2.3, and that is what "
               "runs.")
    host.configure(**CLOSED)
    stage.file(host, "/etc/upkeep/agents.d/demo-agent.toml")
    stage.show(host, "config", "check")
    stage.show(host, "enable", "demo-agent")
    stage.show(host, "reload")
    with stage.waiting("the first read of the channel"):
        host.wait_reason("up_to_date")
    stage.show(host, "status")
    stage.check("the decision is: up_to_date", host.status()["decision"]["reason"] == "up_to_date")


def window_closed(stage, host):
    stage.step("2. A release, but not now",
               "2.3.4 is published. The maintenance window opens in three hours, so nothing happens; an operator who asks "
               "learns what holds the upgrade back, and until when.")
    host.publisher.release(Package("2.3.4"))
    with stage.waiting("the channel is read"):
        agent = host.wait_reason("outside_window")
    stage.show(host, "status")
    stage.check(f"it waits, until {agent['decision']['until']}", agent["decision"]["action"] == "wait" and agent["decision"]["until"])
    stage.check("a dry run names the upgrade", "an upgrade is available (1.2.3 -> 2.3.4)" in stage.show(host, "dry-run"))
    stage.check("nothing was changed", host.installed() == host.running() == "1.2.3")


def suspended(stage, host):
    stage.step("3. An operator says stop",
               "A suspension stops new upgrades, whatever the window says, and is on record with its reason.")
    stage.show(host, "suspend", "--reason", "change freeze")
    said = stage.show(host, "run")
    stage.check("the run does nothing, and says why", "change freeze" in said and host.installed() == "1.2.3")
    stage.show(host, "resume")
    stage.check("the window is what it waits for again", host.wait_reason("outside_window"))


def window_open(stage, host):
    stage.step("4. The window opens",
               "The upgrade starts by itself: a dry run first, then the package, the restart, and five seconds in which the "
               "new version must prove itself. Only then it is committed.")
    host.configure(**OPEN)
    stage.show(host, "reload")
    with stage.waiting("the upgrade to 2.3.4"):
        host.wait_result("committed", "2.3.4")
    stage.check("2.3.4 is installed and runs", host.installed() == host.running() == "2.3.4")
    stage.check("nothing is left to do", "no upgrades available (2.3.4 == 2.3.4)" in stage.show(host, "dry-run"))


def critical(stage, host):
    stage.step("5. An urgent release",
               "2.3.5 is marked critical: it does not wait for the window, which is closed again. Version and urgency are two "
               "files, which no publisher can change in one instant: so urgency counts after a second look, 30 to 60 seconds "
               "later.")
    host.configure(**CLOSED)
    stage.show(host, "reload")
    host.publisher.release(Package("2.3.5"), critical=True)
    with stage.waiting("the second look, and the upgrade to 2.3.5"):
        agent = host.wait_result("committed", "2.3.5", seconds=120)
    stage.check("2.3.5 is installed and runs", host.installed() == host.running() == "2.3.5")
    stage.check("the reason on record is: critical", host.history()[-1]["reason"] == "critical" and agent["phase"] == "idle")


def bad_release(stage, host):
    stage.step("6. A bad release",
               "3.0.0 installs well and then crashes, again and again. Its soak fails, 2.3.5 is put back by itself, and 3.0.0 "
               "is quarantined: the channel still says 3.0.0, but this host has seen enough of it.")
    host.configure(**OPEN)
    stage.show(host, "reload")
    host.publisher.release(Package("3.0.0", behaviour="crash"))
    with stage.waiting("3.0.0 is tried and taken back"):
        host.wait_result("rolled_back", "3.0.0")
    agent = host.wait_reason("quarantined")
    stage.show(host, "status")
    stage.check("2.3.5 is installed and runs", host.installed() == host.running() == "2.3.5")
    stage.check("3.0.0 is offered, and not taken", agent["offered"]["version"] == "3.0.0" and agent["quarantined"] == ["3.0.0"])


def killed(stage, host):
    stage.step("7. The daemon dies in the middle",
               "While the package manager is at work on 3.0.1, the daemon gets SIGKILL. Each step was in its journal before it "
               "was taken, so the next daemon knows where it stands and brings the same operation to its end.")
    host.hold_installation()
    host.publisher.release(Package("3.0.1"))
    with stage.waiting("the package manager is in the middle of 3.0.1"):
        host.wait_installing()
    operation = host.status()["operation"]
    stage.say(f"kill -9 $(systemctl show -P MainPID upkeepd), in phase {operation['phase']}")
    host.kill_daemon()
    stage.show(host, "status")
    host.let_installation_go_on()
    with stage.waiting("the operation ends"):
        agent = host.wait_result("committed", "3.0.1")
    stage.check("it is the same operation, and it is committed", agent["last_operation"]["id"] == operation["id"])
    stage.check("3.0.1 is installed and runs", host.installed() == host.running() == "3.0.1")


def history(stage, host):
    stage.step("8. What happened here?",
               "All of it is on record.")
    stage.show(host, "history")
    results = [operation["result"] for operation in host.history()]
    stage.check("four operations: " + ", ".join(results), results == ["committed", "committed", "rolled_back", "committed"])
