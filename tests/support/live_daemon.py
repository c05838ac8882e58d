# SPDX-License-Identifier: Apache-2.0
"""The built daemon with agents of a test's choice, its metrics over TCP, and promtool."""

import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

from servers import free_port

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


class LiveDaemon:
    """A folder of configuration, state and channels, and a daemon that can be started again. Each agent looks at a Debian package."""

    def __init__(self, folder, build):
        self.folder, self.build, self.port = folder, build, free_port()
        self.socket = folder / "control.sock"
        (folder / "agents.d").mkdir()
        (folder / "state").mkdir()
        (folder / "upkeep.toml").write_text(
            f'[daemon]\nstate = "{folder}/state"\n[control]\nsocket = "{self.socket}"\nlisten = "127.0.0.1:{self.port}"\n')
        self.process = None

    def agent(self, name, package, version="99.0.0", critical="no"):
        """Writes an agent's file and its channel; `version` None: a channel that is not there."""
        (self.folder / f"agents.d/{name}.toml").write_text(AGENT.format(channel=self.folder / "channel", name=name, package=package))
        if version is not None:
            files = self.folder / "channel" / name
            files.mkdir(parents=True, exist_ok=True)
            (files / "version").write_text(version)
            (files / "critical").write_text(critical)

    def start(self):
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen([self.build / "daemon/upkeepd", "--config", self.folder, "--plugins", self.build / "plugins-built"],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.wait(lambda: self.get("/readyz")[0] == 200)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def wait(self, condition, seconds=60):
        """The condition's result, once it is true."""
        end = time.monotonic() + seconds
        while not (result := condition()):
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text()[-4000:]
            time.sleep(0.02)
        return result

    def get(self, path):
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def cli(self, *words):
        environment = {**os.environ, "UPKEEP_SOCKET": str(self.socket)}
        return subprocess.run([self.build / "daemon/cli/upkeep", *words], capture_output=True, text=True, timeout=60, env=environment)

    def metrics(self):
        status, page = self.get("/metrics")
        assert status == 200
        return page

    def samples(self):
        """{'name{labels}': value}"""
        lines = (line.rpartition(" ") for line in self.metrics().splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}
