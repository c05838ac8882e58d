# SPDX-License-Identifier: Apache-2.0
"""Agents of several packages: variants of which a host has one, and companions that move together with it."""

import pytest
from machine.kept import no_network, offer_only
from machine.package import Package
from machine.wait import wait_until

KINDS = ["apt", "dnf", "zypp"]
LIBS = "demo-libs"


WITH = f'with = ["{LIBS}", "demo-extras"]'


def keep_up(host, **settings):
    host.configure(**settings)
    host.cli("enable", "demo-agent")
    host.cli("reload")


def both(host):
    return host.installed(), host.installed(LIBS)


@pytest.mark.parametrize("kind", KINDS)
def test_companions_move_in_one_transaction_and_go_back_together(boot, kind):
    host = boot(f"with-{kind}", kind)
    host.publisher.repo.offer(Package("1.2.3", name=LIBS))
    host.read_lists()
    host.install(LIBS)
    keep_up(host, installer=WITH)
    host.wait_reason("up_to_date")

    host.publisher.repo.offer(Package("2.3.4", name=LIBS))
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    assert both(host) == ("2.3.4", "2.3.4") and host.running() == "2.3.4"

    # One of the two is missing: neither moves.
    host.publisher.release(Package("2.3.5"))
    assert f"offers {LIBS} for release 2.3.5" in host.wait_reason("refused")["decision"]["text"]
    assert both(host) == ("2.3.4", "2.3.4")

    # A bad one takes both back, also when the repository has dropped what was there and is gone.
    wait_until("both are kept", lambda: host.read("/var/lib/upkeep-store/demo-agent/kept"), lambda text: f"with {LIBS} 2.3.4-1" in text)
    offer_only(host, Package("3.0.0", behaviour="late:8"), Package("3.0.0", name=LIBS))
    keep_up(host, installer=WITH, soak="30s")
    host.publisher.channel.publish("3.0.0")
    host.wait_phase("soaking")
    assert both(host) == ("3.0.0", "3.0.0")
    with no_network(host):
        host.wait_result("rolled_back", "3.0.0")
        assert both(host) == ("2.3.4", "2.3.4") and host.running() == "2.3.4"


@pytest.mark.parametrize("kind", KINDS)
def test_the_variant_that_is_installed_is_the_agent(boot, kind):
    host = boot(f"variants-{kind}", kind)
    keep_up(host, packages=["demo-agent-fips", "demo-agent"])
    host.wait("it is known", lambda agent: agent["installed"] == "1.2.3-1")
    host.publisher.repo.offer(Package("2.3.4", name="demo-agent-fips"))
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"
    assert "demo-agent-fips" not in host.run("dpkg-query -W -f '${Package}\\n'; ! test -e /usr/bin/rpm || rpm -qa").stdout
