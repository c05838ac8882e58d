# SPDX-License-Identifier: Apache-2.0
"""The built daemon with agents of a test's choice, its metrics over TCP, and promtool."""

import pathlib
import subprocess

from daemon_process import DaemonProcess, Listening

SUPPORT = pathlib.Path(__file__).resolve().parent

AGENT = """
[source]
use = "file"
path = "{channel}"
channel = "{name}"
[[schedule]]
use = "window"
never = true
[installer]
use = "apt"
package = "{package}"
"""


def promtool(*words, page=None):
    """Runs promtool and returns (status, everything it printed)."""
    tool = subprocess.run([SUPPORT / "get-promtool"], stdout=subprocess.PIPE, text=True, check=True, timeout=300).stdout.strip()
    done = subprocess.run([tool, *map(str, words)], input=page, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    return done.returncode, done.stdout


class LiveDaemon(DaemonProcess, Listening):
    """A folder of configuration, state and channels, and a daemon that can be started again. Each agent looks at a Debian package."""

    patience = 60

    def __init__(self, folder, build):
        super().__init__(folder, build, control=self.listening())

    def agent(self, name, package, version="99.0.0", critical="no"):
        """Writes an agent's file and its channel; `version` None: a channel that is not there."""
        self.configure(name, AGENT.format(channel=self.folder / "channel", name=name, package=package))
        if version is not None:
            files = self.folder / "channel" / name
            files.mkdir(parents=True, exist_ok=True)
            (files / "version").write_text(version)
            (files / "critical").write_text(critical)

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def metrics(self):
        status, page = self.get("/metrics", seconds=30)
        assert status == 200
        return page

    def samples(self):
        """{'name{labels}': value}"""
        lines = (line.rpartition(" ") for line in self.metrics().splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}
