# SPDX-License-Identifier: Apache-2.0
"""Two agents on one host: one package transaction at a time, and neither is touched for the other's sake."""

from machine.package import Package

OTHER = "other-agent"


def with_two_agents(boot, name, **settings):
    host = boot(name)
    host.publisher.repo.offer(Package("1.0.0", name=OTHER))
    host.run("apt-get -qq update")
    host.install(OTHER)
    host.run(["systemctl", "enable", "--now", OTHER])
    host.other_channel = host.publisher.another_channel(OTHER)
    host.other_channel.publish("1.0.0")
    host.keep_up()
    host.keep_up(OTHER, channel=OTHER, **settings)
    return host


def between(operation, first, last):
    at = {phase["phase"]: phase["at"] for phase in operation["phases"]}
    return at[first], at[last]


def test_both_are_upgraded_one_after_the_other(boot):
    host = with_two_agents(boot, "two-agents")
    host.publisher.repo.offer(Package("2.3.4"), Package("1.1.0", name=OTHER))
    host.publisher.channel.publish("2.3.4")
    host.other_channel.publish("1.1.0")

    host.wait_result("committed", "2.3.4")
    host.wait_result("committed", "1.1.0", OTHER)
    assert host.running() == "2.3.4" and host.running(OTHER) == "1.1.0"
    times = sorted(between(host.history(name)[-1], "preparing", "soaking") for name in ("demo-agent", OTHER))
    assert times[0][1] <= times[1][0], f"two transactions at the same time: {times}"


def test_a_bad_release_of_one_leaves_the_other_alone(boot):
    host = with_two_agents(boot, "two-agents-one-bad", soak="20s")
    process = host.unit("demo-agent", "MainPID")
    host.publisher.repo.offer(Package("2.0.0", name=OTHER, behaviour="crash"))
    host.other_channel.publish("2.0.0")

    host.wait_result("rolled_back", "2.0.0", OTHER)
    assert host.running(OTHER) == "1.0.0"
    assert host.unit("demo-agent", "MainPID") == process and host.history() == []


def test_a_plan_that_would_change_the_others_package_is_refused_and_names_it(boot):
    host = with_two_agents(boot, "two-agents-one-package")
    host.publisher.repo.offer(Package("2.3.4", depends=f"{OTHER} (>= 1.1.0)"), Package("1.1.0", name=OTHER))
    host.publisher.channel.publish("2.3.4")
    # Upkeep's hold on the other's package: the package manager itself finds no way, and the text says whose package it is.
    text = host.wait_reason("refused")["decision"]["text"]
    assert f"Depends: {OTHER} (>= 1.1.0)" in text and f"{OTHER} is the package of agent {OTHER}" in text, text
    # Without that hold it would find one.
    host.cli("enable", OTHER, "--no-hold")
    host.run(["apt-mark", "unhold", OTHER])
    refused = f"would change {OTHER} 1.1.0-1, which is the package of agent {OTHER}"
    host.wait("the plan is refused", lambda agent: refused in agent["decision"]["text"], seconds=120)
    assert host.installed() == "1.2.3" and host.installed(OTHER) == "1.0.0"

    # Once that agent's own channel has taken it there, the first one follows: what has changed on the host is noticed.
    host.other_channel.publish("1.1.0")
    host.wait_result("committed", "1.1.0", OTHER)
    host.wait_result("committed", "2.3.4", seconds=120)
