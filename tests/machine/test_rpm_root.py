# SPDX-License-Identifier: Apache-2.0
"""What the root helper does on hosts with dnf and zypper: it knows which they are, keeps dnf away where that can be, fills a package store
from which PackageKit installs without the repository, keeps configuration files, and finishes a transaction that was killed."""

import base64
import pathlib

import pytest
from machine import shell
from machine.moment import INSTALLERS, kill_at_once
from machine.package import Package
from machine.wait import wait_until

HELPER = "/usr/libexec/upkeep/upkeep-root"
ROOT_STATE, STORE = "/var/lib/upkeep-root", "/var/lib/upkeep-store/demo-agent"
SECOND, THIRD = Package("2.3.4"), Package("3.0.0")
ONLY_TRUSTED, ALLOW_DOWNGRADE = 2, 64
CALLER = pathlib.Path(shell.__file__).parent / "transaction.c"


def enabled(boot, name, kind, installer=""):
    """A host whose demo-agent is enabled, by what its own file says and not by a daemon that knows its installer."""
    host = boot(name, kind)
    host.write("/etc/upkeep/agents.d/demo-agent.toml",
               f'[installer]\nuse = "auto"\npackage = "demo-agent"\nrestart = "demo-agent.service"\n{installer}')
    host.said = host.run([HELPER, "enable", "demo-agent"], timeout=120).stdout
    return host


def copies(host):
    """The versions that are kept and the numbers of their folders, the installed one first."""
    words = [line.split(" ", 1) for line in host.read(f"{STORE}/kept").splitlines()]
    return list(zip(*([value for key, value in words if key == wanted] for wanted in ("version", "folder"))))


def start(host, verb):
    """Runs a verb as the daemon does, in its unit's sandbox, and returns what it said."""
    unit = f"upkeep-{verb}@demo-agent"
    before = host.run(["journalctl", "-q", "-o", "cat", "-u", unit]).stdout
    done = host.run(["systemctl", "start", unit], check=False, timeout=120)
    said = host.run(["journalctl", "--sync"]) and host.run(["journalctl", "-q", "-o", "cat", "-u", unit]).stdout.removeprefix(before)
    assert done.returncode == 0, said
    return said


@pytest.fixture(scope="session")
def caller(workspace):
    """A program that makes PackageKit transactions, as text for a machine."""
    program = workspace.folder / "transaction"
    shell.run(["cc", "-O1", "-Wall", "-Werror", "-o", program, CALLER, "-lsystemd"])
    return base64.b64encode(program.read_bytes()).decode()


@pytest.fixture
def install(caller):
    """install(host, version, repository): the user upkeep has PackageKit do that; returns its exit status and what was said."""
    def one(host, version, repository, start="runuser -u upkeep --"):
        host.run("test -e /usr/local/bin/transaction || (base64 -d > /usr/local/bin/transaction && chmod 755 /usr/local/bin/transaction)", input=caller)
        done = host.run(f"{start} /usr/local/bin/transaction InstallPackages ta {ONLY_TRUSTED | ALLOW_DOWNGRADE} 'demo-agent;{version}-1;noarch;{repository}'",
                        check=False)
        return done.returncode, done.stdout

    return one


def test_dnf_is_kept_away_and_upkeep_is_not(boot, install):
    host = enabled(boot, "rpm-hold", "dnf")
    assert '"installer":"yum"' in host.read(f"{ROOT_STATE}/enabled/demo-agent")
    locks = "/etc/dnf/plugins/versionlock.list"
    assert "\n!demo-agent\n" in "\n" + host.read(locks)
    host.publisher.release(SECOND)
    host.read_lists()
    host.run("dnf -y upgrade")
    assert host.installed() == "1.2.3", "dnf upgrade"
    host.write("/etc/dnf/automatic.conf", "[commands]\nupgrade_type = default\napply_updates = yes\ndownload_updates = yes\nrandom_sleep = 0\n"
               "[emitters]\nemit_via = stdio\n[base]\ndebuglevel = 1\n")
    host.run("python3 -m dnf.automatic.main /etc/dnf/automatic.conf --installupdates")
    assert host.installed() == "1.2.3", "dnf-automatic"
    assert install(host, "2.3.4", "demo")[0] == 0 and host.installed() == "2.3.4"

    # Whatever clears it, the daemon has it put back; others' lines stay; and it ends with `disable`.
    host.run(f"echo 'other-agent-0:1.0-1.*' > {locks}")
    start(host, "hold")
    assert host.read(locks).startswith("other-agent-0:1.0-1.*\n") and "\n!demo-agent\n" in host.read(locks)
    host.run([HELPER, "disable", "demo-agent"], timeout=60)
    assert host.read(locks) == "other-agent-0:1.0-1.*\n"
    host.publisher.release(THIRD)
    host.read_lists()
    host.run("dnf -y upgrade")
    assert host.installed() == "3.0.0"
    assert host.run(f"find {STORE} /etc/yum.repos.d/upkeep-* {ROOT_STATE} -type f", check=False).stdout == ""


def test_a_lock_of_somebody_else_is_theirs(boot):
    host = boot("rpm-lock", "dnf")
    host.run("dnf -qy versionlock add demo-agent")
    host.write("/etc/upkeep/agents.d/demo-agent.toml", '[installer]\nuse = "yum"\npackage = "demo-agent"\n')
    refused = host.run([HELPER, "enable", "demo-agent"], check=False)
    assert refused.returncode == 1 and "`dnf versionlock delete demo-agent`" in refused.stderr, refused
    host.run("dnf -qy versionlock delete demo-agent")
    assert host.run([HELPER, "enable", "demo-agent"], timeout=60).returncode == 0


def test_without_versionlock_and_on_zypper_it_is_said_who_can_move_it(boot):
    host = boot("rpm-nolock", "dnf")
    host.run("rm /etc/dnf/plugins/versionlock.conf")
    host.write("/etc/upkeep/agents.d/demo-agent.toml", '[installer]\nuse = "yum"\npackage = "demo-agent"\n')
    said = host.run([HELPER, "enable", "demo-agent"], timeout=60).stdout
    assert "no hold: dnf's plugin versionlock is not installed" in said and "dnf-automatic can move the package" in said
    host = enabled(boot, "rpm-zypper-hold", "zypp")
    assert "no hold: zypper's locks keep Upkeep away as well" in host.said
    assert '"hold":false' in host.read(f"{ROOT_STATE}/enabled/demo-agent")
    assert host.run(f"ls {ROOT_STATE}/holds/demo-agent", check=False).returncode != 0


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_back_from_the_store_without_the_repository(boot, install, kind):
    host = enabled(boot, f"rpm-store-{kind}", kind)
    assert copies(host) == [("1.2.3-1", "1")]
    assert f'"installer":"{host.kind.installer}"' in host.read(f"{ROOT_STATE}/enabled/demo-agent")
    host.publisher.release(SECOND)
    host.read_lists()
    assert install(host, "2.3.4", "demo")[0] == 0 and host.installed() == "2.3.4"
    # Another repository, which does not answer, comes first in the folder, and is not asked: the package did not come from there.
    another = f"{host.kind.sources}/another.repo"
    host.write(another, "[another]\nname=another\nbaseurl=https://127.0.0.1:1/\nenabled=1\ngpgcheck=1\n")
    said = start(host, "store")
    assert "asking demo for" in said and "asking another" not in said, said
    host.run(["rm", another])
    assert copies(host) == [("2.3.4-1", "2"), ("1.2.3-1", "1")]
    assert "kept already" in start(host, "store")
    host.publisher.repo.offer_only(SECOND)
    server = host.publisher.site.server
    server.stop()
    try:
        assert "kept already" in start(host, "store"), "what is right asks no network"
        assert install(host, "1.2.3", "demo")[0] != 0 and host.installed() == "2.3.4"
        status, said = install(host, "1.2.3", "upkeep-store-demo-agent-N1")
        assert status == 0 and host.installed() == "1.2.3", said
        status, said = install(host, "2.3.4", "upkeep-store-demo-agent-N2")
        assert status == 0 and host.installed() == "2.3.4", said
        # Byte for byte what its repository signed, or nothing.
        host.run(f"printf XXXX | dd of={STORE}/1/demo-agent.rpm bs=1 seek=1500 conv=notrunc status=none")
        status, said = install(host, "1.2.3", "upkeep-store-demo-agent-N1")
        assert status != 0 and host.installed() == "2.3.4", said
    finally:
        server.start()
    assert "is not whole" in start(host, "store")
    host.run([HELPER, "disable", "demo-agent"], timeout=60)
    assert host.run(f"ls -d {STORE} {host.kind.sources}/upkeep-store-* /var/cache/zypp/*/upkeep-store-*", check=False).stdout == ""


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_nothing_comes_from_the_store_by_itself(boot, install, kind):
    host = enabled(boot, f"rpm-alone-{kind}", kind)
    host.publisher.release(SECOND)
    host.read_lists()
    assert install(host, "2.3.4", "demo")[0] == 0
    start(host, "store")
    assert install(host, "1.2.3", "upkeep-store-demo-agent-N1")[0] == 0 and host.installed() == "1.2.3"
    host.publisher.repo.offer_only(Package("1.2.3"))
    host.read_lists()
    host.run({"dnf": "dnf -y --disableplugin=versionlock upgrade", "zypp": "zypper -n update"}[kind])
    assert host.installed() == "1.2.3"


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_what_the_repository_did_not_sign_is_not_kept(boot, kind):
    host = boot(f"rpm-forged-{kind}", kind)
    stranger = Package("2.3.4")
    host.publisher.repo.offer(stranger, packages_signed=host.publisher.site.strangers_keys)
    host.read_lists()
    file = host.publisher.repo.folder / "demo-agent-2.3.4-1.noarch.rpm"
    host.run("base64 -d > /root/it.rpm && rpm -U --nosignature /root/it.rpm", input=base64.b64encode(file.read_bytes()).decode())
    assert host.installed() == "2.3.4"
    host.write("/etc/upkeep/agents.d/demo-agent.toml", '[installer]\nuse = "auto"\npackage = "demo-agent"\n')
    said = host.run([HELPER, "enable", "demo-agent"], timeout=120).stdout
    refused = {"dnf": "does not verify", "zypp": "it gave no file: "}[kind]
    assert "nothing is kept yet" in said and refused in said, said
    assert host.run(f"ls {STORE}").stdout.split().count("1") == 0
    assert refused in host.read(f"{STORE}/problem")


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_a_repository_that_is_not_verified_is_said(boot, kind):
    host = boot(f"rpm-doubts-{kind}", kind)
    source = f"{host.kind.sources}/demo.repo"
    host.write("/etc/upkeep/agents.d/demo-agent.toml", '[installer]\nuse = "auto"\npackage = "demo-agent"\n')
    look = [HELPER, "enable", "demo-agent", "--dry-run"]
    assert "verified" not in host.run(look).stdout
    host.run(f"sed -i 's/^gpgcheck=1/gpgcheck=0/; s/^pkg_gpgcheck=1/pkg_gpgcheck=0/' {source}")
    assert "WARNING: " in host.run(look).stdout
    host.run(f"sed -i 's/^gpgcheck=0/gpgcheck=1/' {source}")
    said = host.run(look).stdout
    assert "WARNING: " not in said and ("not the packages themselves" in said) == (kind == "zypp"), said


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_a_configuration_file_survives_the_way_back(boot, install, kind):
    host = enabled(boot, f"rpm-conffiles-{kind}", kind)
    conf, second = "/etc/demo-agent.conf", Package("2.3.4")
    mine = host.read(conf).replace("1.2.3", "2.3.4")     # just what the new version will ship: it counts as never edited
    host.write(conf, mine)
    start(host, "conffiles")
    host.publisher.release(second)
    host.read_lists()
    assert install(host, "2.3.4", "demo")[0] == 0
    assert install(host, "1.2.3", "upkeep-store-demo-agent-N1")[0] == 0 and host.installed() == "1.2.3"
    before = host.read(conf)
    said = start(host, "conffiles")
    assert host.read(conf) == mine, (before, said)
    assert (before == mine) == (host.read(f"{ROOT_STATE}/differences/demo-agent") == "")


@pytest.mark.parametrize("kind", ["dnf", "zypp"])
def test_a_transaction_that_was_killed_is_finished(boot, install, kind):
    host = enabled(boot, f"rpm-killed-{kind}", kind)
    assert "nothing was interrupted" in start(host, "repair")
    host.publisher.release(SECOND)
    host.read_lists()
    host.hold_installation()
    install(host, "2.3.4", "demo", "systemd-run -q --uid=upkeep --unit=upgrade")
    host.wait_installing()
    assert kill_at_once(host.machine, *INSTALLERS)
    host.let_installation_go_on()
    wait_until("both are there", lambda: host.kind.installed("demo-agent"), lambda versions: versions == "1.2.3-1 2.3.4-1")
    # What is there twice is nothing to keep.
    assert host.run(["systemctl", "start", "upkeep-store@demo-agent"], check=False).returncode != 0
    assert "in the middle of a change" in host.read(f"{STORE}/problem")
    assert "left alone" in start(host, "conffiles")
    start(host, "repair")
    assert host.kind.installed("demo-agent") == "2.3.4-1" and "2.3.4" in host.read("/usr/libexec/demo-agent")
    assert host.run("rpm -V demo-agent", check=False).stdout == ""
    start(host, "store")
    assert copies(host)[0][0] == "2.3.4-1"
