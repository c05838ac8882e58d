# SPDX-License-Identifier: Apache-2.0
"""What an rpm host is kept from: packages and lists that the publisher did not sign, plans that replace or remove another package, and
packages of another vendor."""

import pytest
from machine.package import Package

KINDS = ["dnf", "zypp"]


def refused(host, *words):
    agent = host.wait_reason("refused", seconds=60)
    text = agent["decision"]["text"]
    assert all(word in text for word in words), text
    assert host.installed() == host.running() == "1.2.3"
    return text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signer", ["nobody", "a stranger"])
def test_a_package_that_the_publisher_did_not_sign(boot, kind, signer):
    host = boot(f"rpm-package-{signer.split()[-1]}-{kind}", kind)
    host.keep_up()
    host.publisher.repo.offer(Package("2.3.4"), packages_signed=False if signer == "nobody" else host.publisher.site.strangers_keys)
    host.publisher.channel.publish("2.3.4")
    host.wait_result("refused", "2.3.4")
    refused(host, "PackageKit says")
    log = host.run("journalctl -q -o cat -p err -u upkeepd").stdout
    assert "PackageKit says" in log, "a forged package is loud"
    assert host.status()["quarantined"] == []

    host.publisher.release(Package("2.3.5"))
    host.wait_result("committed", "2.3.5")


@pytest.mark.parametrize("kind", KINDS)
def test_lists_that_the_publisher_did_not_sign(boot, kind):
    host = boot(f"rpm-metadata-{kind}", kind)
    host.keep_up()
    host.publisher.repo.offer(Package("2.3.4"), signed=host.publisher.site.strangers_keys)
    host.publisher.channel.publish("2.3.4")
    refused(host, "2.3.4")
    host.publisher.release(Package("2.3.5"))
    host.wait_result("committed", "2.3.5", seconds=90)


@pytest.mark.parametrize("kind", KINDS)
def test_plans_that_take_another_package_away(boot, kind):
    host = boot(f"rpm-plans-{kind}", kind)
    other = Package("1.0.0", name="other-agent")
    host.publisher.repo.offer(other)
    host.read_lists()
    host.install("other-agent")
    host.keep_up()
    for release, trouble in (("2.3.4", {"conflicts": "other-agent"}), ("2.3.5", {"obsoletes": "other-agent"})):
        host.publisher.release(Package(release, **trouble))
        host.wait(f"{release} is seen", lambda agent: agent["offered"]["version"] == release)
        host.cli("run", check=False)
        refused(host, "other-agent")
        assert host.installed("other-agent") == "1.0.0"


def test_another_vendors_package(boot):
    """zypp does not change a vendor by itself; dnf's default is that it may, and an administrator who says otherwise is heard."""
    host = boot("rpm-vendor-zypp", "zypp")
    host.keep_up()
    host.publisher.release(Package("2.3.4", vendor="Somebody"))
    refused(host, "2.3.4")
