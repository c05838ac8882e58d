# SPDX-License-Identifier: Apache-2.0
"""Disks that fail in the middle of an operation: the state folder's, a small file system of its own, gets full or read-only, or there is no
room for the download. Nothing is done that cannot be recorded, status says what is wrong, and when the disk is well again so is all the rest."""

import contextlib

import pytest

from machine import shell
from machine.package import Package
from machine.wait import wait_until

STATE = "/var/lib/upkeep"
JOURNAL = f"{STATE}/agents/demo-agent/journal.jsonl"

MOVE = """set -e
[ -e $2 ] || mknod $2 b 7 ${2#/dev/loop}
mkdir -p /srv/new && mount $2 /srv/new
cp -a $1/. /srv/new && chown --reference=$1 /srv/new && chmod --reference=$1 /srv/new && rmdir /srv/new/lost+found
umount /srv/new && mount $2 $1
"""


def own_disk(host, folder, size):
    """`folder` becomes a small file system of its own, with what it held."""
    image = host.machine.folder / f"disk-{size}"
    shell.run(["truncate", "-s", size, image])
    shell.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image])
    device = shell.run(["losetup", "-f", "--show", image]).stdout.strip()
    host.run(["systemctl", "stop", "upkeepd", "packagekit"])
    try:
        host.run(["/bin/sh", "-c", MOVE, "sh", folder, device])
    finally:
        shell.run(["losetup", "-d", device])     # which is done when nothing has it mounted any more
    host.run(["systemctl", "start", "upkeepd"])


@contextlib.contextmanager
def full(host, folder):
    host.run(f"cat /dev/zero > {folder}/fill; sync", check=False)
    # The journal's last block has room for some more lines.
    wait_until("nothing is taken any more", lambda: folder != STATE or host.cli("suspend", "--reason", "x" * 300, check=False).returncode == 1)
    try:
        yield
    finally:
        host.run(["rm", f"{folder}/fill"])


@contextlib.contextmanager
def read_only(host, folder):
    """As the daemon sees it; its lock on the folder keeps the whole file system from being mounted so."""
    inside = ["nsenter", "-m", "-t", host.unit("upkeepd", "MainPID")]
    host.run([*inside, "mount", "--bind", folder, folder])
    host.run([*inside, "mount", "-o", "remount,bind,ro", folder])
    try:
        yield
    finally:
        host.run([*inside, "umount", folder])


FAULTS = {full: "No space left on device", read_only: "Read-only file system"}


def says(host, words):
    """Status names the trouble."""
    host.wait(f"status says {words}", lambda agent: any("journal cannot be written" in line and words in line for line in agent["warnings"]))


@pytest.fixture
def small(boot, request):
    host = boot("disk-" + request.node.name.replace("[", "-").replace("]", "").replace("_", "-")[:40])
    own_disk(host, STATE, "1M")
    return host


@pytest.mark.parametrize("fault", FAULTS)
def test_while_the_package_is_installed(small, fault):
    host = small
    host.keep_up()
    host.hold_installation()
    host.publisher.release(Package("2.3.4"))
    host.wait_installing()
    with fault(host, STATE):
        host.let_installation_go_on()
        says(host, FAULTS[fault])
        wait_until("dpkg is done", host.installed, lambda version: version == "2.3.4")
        assert host.running() == "1.2.3", "restarted, and nothing in the journal says so"
    host.wait_result("committed", "2.3.4")
    assert host.running() == "2.3.4" and len(host.history()) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_bad_release_soaks(small, fault):
    host = small
    host.keep_up(soak="1m")
    host.publisher.release(Package("3.0.0", behaviour="late:15"))
    host.wait_phase("soaking")
    with fault(host, STATE):
        says(host, FAULTS[fault])
        # what is left of the file's last block may be just enough for the entry
        assert host.installed() == "3.0.0" or '"reverting"' in host.read(JOURNAL), "taken back, and nothing in the journal says so"
        if fault is full:       # also for a new daemon
            host.kill_daemon()
            says(host, FAULTS[fault])
    host.wait_result("rolled_back", "3.0.0")
    assert host.installed() == host.running() == "1.2.3" and host.status()["quarantined"] == ["3.0.0"]


def test_no_room_for_the_download(boot):
    """The installation is refused before it begins, by apt, which says why; with room it is done."""
    host = boot("no-room")
    host.keep_up()
    own_disk(host, "/var/cache/apt", "16M")
    with full(host, "/var/cache/apt"):
        host.publisher.release(Package("2.3.4", ballast=8))
        failed = host.wait("the attempt fails", lambda agent: agent["last_operation"] and agent["last_operation"]["result"] == "failed")
        assert host.installed() == host.running() == "1.2.3" and not failed["quarantined"]
    host.cli("force", "--no-wait")
    host.wait_result("committed", "2.3.4")
