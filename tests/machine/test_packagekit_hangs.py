# SPDX-License-Identifier: Apache-2.0
"""packagekitd stops answering in the middle of an installation: its deadline is said, nothing is condemned for it, and once it goes on or is
gone the operation ends as it should."""

import os
import signal

import pytest

from machine.moment import kill
from machine.package import Package


def hung(boot, name, deadline="30m"):
    host = boot(name)
    host.configure()
    host.run(f"sed -i '/^use = \"apt\"/a deadline = \"{deadline}\"' /etc/upkeep/agents.d/demo-agent.toml")
    host.cli("enable", "demo-agent")
    host.cli("reload")
    host.wait_reason("up_to_date")
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()
    assert kill(host.machine, "packagekitd", signal.SIGSTOP)
    return host


@pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGKILL], ids=str)
def test_before_its_deadline(boot, then):
    host = hung(boot, f"pk-{then.name.lower()}")
    host.let_installation_go_on()
    assert host.status()["phase"] == "applying"
    kill(host.machine, "packagekitd", then)
    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4" and len(host.history()) == 1


if os.environ.get("UPKEEP_LONG"):     # a deadline of a minute is waited for
    @pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGKILL], ids=str)
    def test_past_its_deadline(boot, then):
        host = hung(boot, f"pk-late-{then.name.lower()}", deadline="1m")
        host.let_installation_go_on()
        said = "journalctl -u upkeepd -o cat | grep 'has not ended after 1m'"
        host.wait("its deadline is said", lambda agent: host.run(said, check=False).stdout, seconds=90)
        assert host.status()["phase"] in ("applying", "reverting") and host.status()["quarantined"] == []
        kill(host.machine, "packagekitd", then)
        host.wait("it is over", lambda agent: agent["operation"] is None, seconds=90)
        assert host.installed() == host.running() and host.status()["quarantined"] == []
        assert host.history()[-1]["result"] in ("committed", "rolled_back")
