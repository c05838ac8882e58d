# SPDX-License-Identifier: Apache-2.0
"""Somebody who has taken over the daemon's process: runs commands as its user, in its sandbox, as its unit file says.

Nothing of the sandbox is written here: the lines of the installed unit go to systemd-run as they are.
"""

import base64
import pathlib
import re
import subprocess
import tempfile

UNIT = "/lib/systemd/system/upkeepd.service"
CALLER = pathlib.Path(__file__).parent / "transaction.c"

# What is about being started and watched, not about the sandbox; and the folder of the socket, which would be removed with a second unit.
NOT_THE_SANDBOX = {"Type", "ExecStart", "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus", "WatchdogSec", "TimeoutStopSec",
                   "RuntimeDirectory", "RuntimeDirectoryMode"}


class Intruder:
    """Needs a host whose daemon runs."""

    def __init__(self, host):
        self.host = host
        service = host.read(UNIT).split("[Service]\n")[1].split("\n[")[0]
        lines = re.findall(r"^([A-Za-z]+)=(.*)$", service, re.MULTILINE)
        self._sandbox = [f"--property={key}={value}" for key, value in lines if key not in NOT_THE_SANDBOX]
        self._sandbox.append("--property=ReadWritePaths=/run/upkeep")

    def sandbox(self, line):
        """One more line of the unit."""
        self._sandbox.append(f"--property={line}")

    def run(self, command):
        """A line for the shell, or a list; never fails by itself."""
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        return self.host.run(["systemd-run", "--quiet", "--wait", "--pipe", "--collect", *self._sandbox, "--", *words], check=False)

    def start(self, *words):
        """Starts a program and leaves it running."""
        self.host.run(["systemd-run", "--quiet", "--collect", *self._sandbox, "--", *words])

    def says(self, command):
        done = self.run(command)
        return done.stdout + done.stderr

    def bring_caller(self):
        """Installs transaction.c's program on the machine, for transaction()."""
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "transaction"
            subprocess.run(["cc", "-O1", "-Wall", "-Werror", "-o", program, CALLER, "-lsystemd"], check=True)
            self.host.run("base64 -d > /usr/local/bin/transaction && chmod 755 /usr/local/bin/transaction",
                          input=base64.b64encode(program.read_bytes()).decode())

    def transaction(self, *words):
        """Calls methods of one PackageKit transaction; see transaction.c."""
        return self.run(["/usr/local/bin/transaction", *map(str, words)])

    def systemd(self, method, signature, *words):
        """Calls a method of process 1, as only a program without manners would."""
        return self.run(["busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                         method, signature, *map(str, words)])
