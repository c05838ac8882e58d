# SPDX-License-Identifier: Apache-2.0
"""One booted Debian machine: systemd as process 1 in systemd-nspawn, on a copy-on-write layer over a root that is built once.

All mounts are made in a mount namespace of the machine's own, so that they go with its last process. It shares the host's network: ports
that its services open must differ between machines. A power cut kills its processes; what they wrote and did not sync is still in the
host's page cache, so it is there at the next boot.
"""

import os
import shlex
import shutil
import signal
import subprocess

from . import shell
from .cgroup import Cgroup
from .wait import wait_until

BOOT_SECONDS = 60

# $1 lower folders, $2 the machine's own folder, the rest is the command.
MOUNT_AND_START = """
mount -t tmpfs tmpfs /run    # systemd-nspawn leaves traces under /run; in this namespace they end with it
mount -t overlay upkeep -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/disk" || {
  echo "$2 cannot be written to through an overlay: set UPKEEP_CACHE to a folder on another file system"; exit 1; }
shift 2
exec "$@"
"""


class Machine:
    """`layers`: folders below the machine's own, the topmost first. Nothing runs until up()."""

    def __init__(self, workspace, name, layers):
        self.name = name
        self.folder = workspace.folder / name
        self.layers = layers
        self._cgroup = Cgroup(workspace.name(name))
        self._nspawn = None
        self._leader = None
        for part in ("upper", "work", "disk"):
            (self.folder / part).mkdir(parents=True)

    def up(self, may_end=False):
        """Boots it, from nothing or with the disk that stop() or power_cut() left; returns when systemd says that it runs.

        With `may_end` it may also end by itself meanwhile: is_up() tells.
        """
        assert self._nspawn is None, f"{self.name} is already up"
        nspawn = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--resolv-conf=off", "--link-journal=no",
                  # as on a real host, a program may ask whether the clock is synchronised (without CAP_SYS_TIME nobody can set it)
                  "--system-call-filter=adjtimex clock_adjtime",
                  f"--machine={self.name}", "-D", self.folder / "disk", "--boot"]
        argv = ["unshare", "--mount", "--propagation=private", "/bin/sh", "-ec", MOUNT_AND_START, "sh",
                ":".join(map(str, self.layers)), self.folder, *nspawn]
        with open(self.folder / "console.log", "wb") as console:
            # cgroup v2 inside, whatever the host has: systemd 256 and later does not boot on v1
            self._nspawn = subprocess.Popen(self._cgroup.entering(argv), stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}, start_new_session=True)
        final = ("running", "degraded", "ended")
        state = wait_until(f"{self.name} boots", self._boot_state, lambda state: state in final, BOOT_SECONDS, every=0.05)
        if state == "ended" and may_end:
            self.wait_for_end()
        elif state != "running":
            failed = self.run("systemctl --failed --no-legend", check=False).stdout if state == "degraded" else self._console()
            raise AssertionError(f"{self.name} does not boot properly ({state}):\n{failed}")
        return self

    def is_up(self):
        return self._nspawn is not None and self._nspawn.poll() is None

    def processes(self):
        """Its processes, by the ids that they have on this host."""
        return self._cgroup.processes()

    def run(self, command, user=None, check=True, input=None, timeout=60):
        """Runs a command (a list, or a line for the shell) in the machine as root or `user`; see shell.run()."""
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        if user:
            words = ["runuser", "-u", user, "--", *words]
        return shell.run(["nsenter", "-t", self._leader, "-a", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                          "LANG=C.UTF-8", *words], check=check, input=input, timeout=timeout)

    def write(self, path, text, mode="644"):
        """Writes a file, and the folders to it."""
        self.run(f"mkdir -p $(dirname {path}) && cat > {path} && chmod {mode} {path}", input=text)

    def read(self, path):
        return self.run(["cat", path]).stdout

    def enter_command(self):
        """What a person types to get a shell in it."""
        return shlex.join(["nsenter", "-t", str(self._leader), "-a", "env", "-i", "TERM=" + os.environ.get("TERM", "linux"), "HOME=/root",
                           "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "bash"])

    def stop(self):
        """A clean power off; the disk is kept."""
        self.run("systemctl poweroff --no-block", check=False)
        self.wait_for_end()

    def power_cut(self):
        """Every process dies at once; the disk is kept."""
        os.kill(self._leader, signal.SIGKILL)
        self.wait_for_end()

    def down(self):
        """Ends it at once and removes all of it."""
        self._cgroup.end()
        if self._nspawn:
            self._nspawn.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_for_end(self):
        """For one that ends by itself."""
        try:
            if self._nspawn:
                self._nspawn.wait(timeout=30)
        finally:
            self._cgroup.end()
            self._nspawn = self._leader = None

    def _boot_state(self):
        if self._nspawn.poll() is not None:
            return "ended"
        # The first child is a helper of nspawn's; the machine's process 1 takes its place.
        leader = shell.run(["pgrep", "-n", "-P", self._nspawn.pid], check=False).stdout
        if not leader:
            return "ending"
        self._leader = int(leader)
        return self.run("systemctl is-system-running", check=False, timeout=10).stdout.strip()

    def _console(self):
        return (self.folder / "console.log").read_text(errors="replace")[-3000:]
