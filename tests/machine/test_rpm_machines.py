# SPDX-License-Identifier: Apache-2.0
"""The rpm machines are what their tests take them for: the native tool takes demo-agent from the signed repository and nothing that is not
signed, PackageKit speaks to it, and Upkeep runs."""

import pytest
from machine.package import Package
from machine.shell import CommandFailed
from machine.wait import wait_until

BACKEND = "busctl get-property org.freedesktop.PackageKit /org/freedesktop/PackageKit org.freedesktop.PackageKit BackendName"
LOCKS = "/etc/dnf/plugins/versionlock.list"


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_it_is_one(boot, kind):
    host = boot(f"rpm-{kind}", kind)
    assert host.installed() == host.running() == "1.2.3" and host.kind.installed("demo-agent") == "1.2.3-1"
    assert host.run(BACKEND).stdout == f's "{kind}"\n'
    assert host.unit("upkeepd", "ActiveState") == "active"
    assert host.json("status")["agents"] == []

    # Everything about a version that an rpm host may show.
    later = Package("2.0.0~rc.1", epoch=1, revision="1.el9", conflicts="other-agent < 2", obsoletes="old-agent", ballast=1)
    host.publisher.release(later)
    assert (host.publisher.channel.folder / "version").read_text() == "2.0.0-rc.1\n"
    host.read_lists()
    host.install(f"demo-agent={later.full_version}")
    assert host.kind.installed("demo-agent") == "1:2.0.0~rc.1-1.el9"
    assert host.installed() == "2.0.0~rc.1" and host.running() == "1.2.3", "who installs does not restart"
    told = host.run("rpm -q --conflicts --obsoletes --qf '%{VENDOR}\n' demo-agent").stdout
    assert "other-agent < 2" in told and "old-agent" in told and "Demo" in told


# who vouches for what → what each tool says about it, and when
REFUSED = {
    "an unsigned package": ({"packages_signed": False}, "install", {"dnf": "is not signed", "zypp": "File is unsigned"}),
    "a stranger's package": ({"packages_signed": "stranger"}, "install", {"dnf": "not correct for this package", "zypp": "public key is not available"}),
    "unsigned metadata": ({"signed": False}, "read", {"dnf": "GPG signature is not available", "zypp": "'repomd.xml' from repository 'demo' is unsigned"}),
    "a stranger's metadata": ({"signed": "stranger"}, "read", {"dnf": "Bad GPG signature", "zypp": "Signature verification failed for repomd.xml"}),
}


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_only_what_the_publisher_signed_is_taken(boot, kind):
    host = boot(f"rpm-signed-{kind}", kind)
    repo, stranger = host.publisher.repo, host.publisher.site.strangers_keys
    for number, (name, (signing, when, says)) in enumerate(REFUSED.items()):
        repo.offer_only(Package(f"2.3.{number}"), **{what: stranger if who == "stranger" else who for what, who in signing.items()})
        if when == "install":
            host.read_lists()
        with pytest.raises(CommandFailed) as refused:
            host.read_lists() if when == "read" else host.install(f"demo-agent=2.3.{number}-1")
        assert says[kind] in str(refused.value), name
        assert host.installed() == "1.2.3", name
    repo.offer_only(Package("2.4.0"))
    host.read_lists()
    host.install("demo-agent=2.4.0-1")
    assert host.installed() == "2.4.0"


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_the_world_stops_in_the_middle_of_an_installation(boot, kind):
    host = boot(f"rpm-stopped-{kind}", kind)
    host.publisher.release(Package("2.3.4"))
    host.read_lists()
    host.hold_installation()
    tool = {"dnf": "dnf -qy upgrade", "zypp": "zypper -qn update"}[kind]
    host.run(f"systemd-run -q --unit=upgrade {tool}")
    host.wait_installing()
    versions = host.run(["rpm", "-q", "demo-agent"]).stdout.split()
    assert host.unit("upgrade", "ActiveState") == "active" and versions, versions
    host.let_installation_go_on()
    wait_until("it is installed", host.installed, lambda version: version == "2.3.4")


def test_the_dnf_machine_has_a_versionlock_and_automatic_updates(boot):
    """Somebody else's updates, which a line of versionlock's keeps away."""
    host = boot("rpm-automatic", "dnf")
    host.publisher.release(Package("2.3.4"))
    host.read_lists()     # which dnf-automatic does only when they are two days old
    host.write(LOCKS, "!demo-agent\n")
    assert host.run("systemctl is-enabled dnf-automatic-install.timer", check=False).stdout == "disabled\n"
    host.run("systemctl enable --now dnf-automatic-install.timer && systemctl start dnf-automatic-install")
    assert host.installed() == "1.2.3"
    host.write(LOCKS, "")
    host.run("systemctl start dnf-automatic-install")
    assert host.installed() == "2.3.4"
