# SPDX-License-Identifier: Apache-2.0
"""Going back by the package store: the repository has dropped the old version, and the network is gone. How it is filled is in
test_store_filling.py."""

import pytest
from machine.kept import STORE, kept, no_network, offer_only, package_file
from machine.package import Package
from machine.wait import wait_until


def upgraded(boot, name, **settings):
    """A host that went from 1.2.3 to 2.3.4, and whose repository then dropped 1.2.3."""
    host = boot(name)
    host.keep_up(**settings)
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    wait_until("both are kept", lambda: kept(host), lambda versions: versions == ["2.3.4-1", "1.2.3-1"])
    offer_only(host, Package("2.3.4"))
    return host


@pytest.mark.parametrize("kind", ["apt", "dnf", "zypp"])
def test_back_without_repository_and_network(boot, kind):
    host = boot(f"store-back-{kind}", kind)
    host.keep_up(soak="20s")
    assert kept(host) == ["1.2.3-1"]
    offer_only(host, Package("2.3.4", behaviour="late:6"))
    back = host.status()["can_go_back"]
    assert back["how"] == "store" and "is in the package store since" in back["text"]

    host.publisher.channel.publish("2.3.4")
    host.wait_phase("soaking")
    assert host.installed() == "2.3.4"
    with no_network(host):
        host.wait_result("rolled_back", "2.3.4")
        assert host.installed() == host.running() == "1.2.3"
    assert kept(host)[0] == "1.2.3-1"
    said = [line for entry in host.history()[-1]["record"] if entry["topic"] == "package_manager" for line in entry["lines"]]
    assert any("demo-agent;1.2.3-1" in line for line in said), said


def test_an_operators_rollback_and_what_can_be_had(boot):
    host = upgraded(boot, "store-rollback")
    assert host.status()["can_go_back"]["versions"] == ["1.2.3"]
    assert "1.2.3" in host.run("upkeep complete-words -- rollback --to ''", check=False).stdout
    refused = host.cli("rollback", "--to", "1.0.0", check=False)
    assert refused.returncode == 1 and "in the package store: 1.2.3-1" in refused.stdout + refused.stderr, refused
    assert host.running() == "2.3.4"
    with no_network(host):
        host.cli("rollback", "--to", "1.2.3")
        assert host.installed() == host.running() == "1.2.3"


TAMPERINGS = {
    "a byte": "printf x | dd of={file} bs=1 seek=9000 conv=notrunc",
    "another version": "cp {other} {file}",
    "cut short": "truncate -s 9000 {file}",
}


def test_a_copy_that_was_tampered_with_is_refused(boot):
    host = upgraded(boot, "store-tampered")
    file, other = package_file(host, "1.2.3-1"), package_file(host, "2.3.4-1")
    host.run(f"cp -a {file} /root/good.deb")
    for name, how in TAMPERINGS.items():
        host.run(how.format(file=file, other=other) + " 2>&1")
        show = host.cli("store", "show").stdout
        assert "damaged:" in show, (name, show)
        with no_network(host):
            refused = host.cli("rollback", check=False)
        said = refused.stdout + refused.stderr
        assert refused.returncode != 0 and ("Hash" in said or "size" in said or "mismatch" in said), (name, said)
        assert host.installed() == host.running() == "2.3.4", name
        host.run(f"cp -a /root/good.deb {file}")
        host.wait("it rests", lambda agent: not agent["operation"])
    with no_network(host):
        host.cli("rollback")
    assert host.installed() == host.running() == "1.2.3"


def test_a_copy_past_its_valid_until_still_serves(boot):
    host = boot("store-expired")
    host.publisher.repo.valid_for = 10
    host.publisher.repo.offer_only(Package("1.2.3"))
    host.run("apt-get -qq update")
    host.keep_up()
    host.publisher.repo.valid_for = None
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    offer_only(host, Package("2.3.4"))
    until = host.run(f"sed -n 's/^Valid-Until: //p' {STORE}/1/dists/stable/InRelease").stdout
    assert until
    wait_until("it has expired", lambda: host.run(f"test $(date +%s) -gt $(date -d '{until.strip()}' +%s)", check=False).returncode,
               lambda status: status == 0)
    with no_network(host):
        host.cli("rollback")
    assert host.installed() == host.running() == "1.2.3"


def test_nothing_comes_from_a_copy_by_itself(boot):
    host = upgraded(boot, "store-alone")
    host.cli("suspend", "--reason", "test")
    host.cli("rollback")
    offer_only(host, Package("1.2.3"))
    assert "2.3.4-1" in kept(host)
    host.run("apt-mark unhold demo-agent")
    for command in ("upgrade", "dist-upgrade", "install demo-agent"):
        host.run(f"DEBIAN_FRONTEND=noninteractive apt-get -qqy {command}")
        assert host.installed() == "1.2.3", command
    policy = host.run("apt-cache policy demo-agent").stdout
    assert "Candidate: 1.2.3-1" in policy and " 50 file:" in policy


@pytest.mark.parametrize("store", [True, False])
def test_require_way_back(boot, store):
    host = boot(f"store-required-{store}".lower())
    host.configure(more='[policy]\nrequire_way_back = "always"\n')
    host.cli("enable", "demo-agent", *([] if store else ["--no-store"]))
    host.cli("reload")
    host.publisher.repo.offer_only(Package("2.3.4"))
    host.run("apt-get -qq update")
    host.publisher.channel.publish("2.3.4")
    if store:
        host.wait_result("committed", "2.3.4")
    else:
        text = host.wait_reason("no_way_back")["decision"]["text"]
        assert "sudo upkeep enable demo-agent" in text and "publish it there again" in text
        assert host.cli("store", "show", "demo-agent", check=False).returncode == 1
