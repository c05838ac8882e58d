# SPDX-License-Identifier: Apache-2.0
"""Hooks on a real machine: a drain script as the daemon's user inside its sandbox, and a unit that root owns, around a real upgrade and
a real bad release; and a drain that fails."""

from machine.package import Package
from machine.wait import wait_until

LOG = "/var/lib/upkeep/hooks.log"   # the one place where the daemon's user may write
DRAIN = f"""#!/bin/sh
echo "$1 $(id -un) $UPKEEP_AGENT $UPKEEP_FROM $UPKEEP_TO $UPKEEP_OPERATION" >> {LOG}
test ! -e /run/drain-fails || {{ echo 'no other node is healthy' >&2; exit 1; }}
"""
UNIT = """[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "unit $(id -un) [$UPKEEP_OPERATION]" >> /run/unit-hook.log'
"""
HOOKS = """[hooks]
before_apply = ["/usr/local/sbin/drain", "before"]
after_commit = ["/usr/local/sbin/drain", "commit"]
after_rollback = ["/usr/local/sbin/drain", "rollback"]
[hooks.after_apply]
unit = "told-nothing.service"
"""


def hooked(boot, name, **settings):
    host = boot(name)
    host.write("/usr/local/sbin/drain", DRAIN, mode="755")
    host.write("/etc/systemd/system/told-nothing.service", UNIT)
    host.run("systemctl daemon-reload")
    host.keep_up(more=HOOKS, **settings)
    return host


def ran(host):
    """What the script wrote, a list of words a run."""
    return [line.split() for line in host.run(f"cat {LOG}", check=False).stdout.splitlines()]


def test_a_drain_script_and_a_unit_around_an_upgrade_and_a_bad_release(boot):
    host = hooked(boot, "hooks", soak="5s")
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    wait_until("after_commit has run", lambda: ran(host), lambda runs: len(runs) == 2)
    operation = host.history()[-1]
    assert ran(host) == [[what, "upkeep", "demo-agent", "1.2.3-1", "2.3.4-1", operation["id"]] for what in ("before", "commit")]
    assert host.read("/run/unit-hook.log") == "unit root []\n"
    wait_until("its end is on record", lambda: [one["lines"][0].partition(":")[0] for one in host.history()[-1]["record"] if one["topic"] == "hook"],
               lambda hooks: hooks == ["before_apply", "after_apply", "after_commit"])

    host.publisher.release(Package("3.0.0", behaviour="late:2"))
    host.wait_result("rolled_back", "3.0.0")
    wait_until("after_rollback has run", lambda: ran(host), lambda runs: len(runs) == 4)
    assert [words[0] for words in ran(host)[2:]] == ["before", "rollback"]
    assert host.installed() == host.running() == "2.3.4"
    page = host.cli("history", "demo-agent", "--operation", host.history()[-1]["id"]).stdout
    assert "the probe that failed" in page and "the unit's log" in page and "after_rollback: /usr/local/sbin/drain: exit status 0" in page


def test_a_drain_that_fails_refuses_the_upgrade(boot):
    host = hooked(boot, "drain-fails")
    host.write("/run/drain-fails", "")
    host.publisher.release(Package("2.3.4"))
    agent = host.wait_reason("refused")
    assert "no other node is healthy" in agent["decision"]["text"]
    assert host.installed() == host.running() == "1.2.3"
    wait_until("what it may have done is undone", lambda: [words[0] for words in ran(host)], lambda runs: runs == ["before", "rollback"])
    host.run(["rm", "/run/drain-fails"])
    host.cli("force", "demo-agent")   # `run` would wait until it is asked again by itself
    host.wait_result("committed", "2.3.4")
