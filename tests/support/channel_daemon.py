# SPDX-License-Identifier: Apache-2.0
"""The real daemon with agents that read channels and whose window never opens, as its operator sees it."""

import json
import os
import re
import subprocess
import time

AGENT = """
[source]
use = "https"
channel = "current"
poll = "24h"
{source}
[[schedule]]
use = "window"
never = true
[installer]
use = "idle"
"""


class ChannelDaemon:
    """Runs until stop(). `agents`: name → keys of its [source]. Their installer is the tests' own, which stays at 1.0.0."""

    def __init__(self, build, folder, agents, **environment):
        self.folder, self.socket = folder, folder / "control.sock"
        self._programs = build / "daemon"
        self._environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        self._environment.update(environment, UPKEEP_PLUGINS=str(folder / "plugins"), UPKEEP_SOCKET=str(self.socket))
        (folder / "agents.d").mkdir()
        (folder / "state").mkdir()
        (folder / "upkeep.toml").write_text(
            f'[daemon]\nstate = "{folder}/state"\n[log]\nlevel = "debug"\n[control]\nsocket = "{self.socket}"\n')
        plugins = folder / "plugins"
        plugins.mkdir()
        for plugin in (*(build / "plugins-built").iterdir(), build / "test-modules/installer-idle.so"):
            (plugins / plugin.name).symlink_to(plugin)
        for name, source in agents.items():
            keys = "\n".join(f"{key} = {json.dumps(str(value))}" for key, value in source.items())
            (folder / f"agents.d/{name}.toml").write_text(AGENT.format(source=keys))
        self._log = folder / "log"
        self._start()

    def _start(self):
        self.process = subprocess.Popen([self._programs / "upkeepd", "--config", self.folder, "--plugins", self._environment["UPKEEP_PLUGINS"]],
                                        stdin=subprocess.DEVNULL, stdout=self._log.open("a"), stderr=subprocess.STDOUT, env=self._environment)
        self.wait(lambda: self.cli("status").returncode == 0)

    def restart(self):
        self.stop()
        self._start()

    def stop(self):
        self.process.kill()
        self.process.wait()

    @property
    def alive(self):
        return self.process.poll() is None

    @property
    def log(self):
        return self._log.read_text()

    def wait(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not (result := condition()):
            assert self.alive and time.monotonic() < end, f"status {self.process.poll()}\n{self.log}"
            time.sleep(0.02)
        return result

    def cli(self, *words):
        return subprocess.run([self._programs / "cli/upkeep", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env=self._environment)

    def events(self):
        """`upkeep events`, running."""
        return subprocess.Popen([self._programs / "cli/upkeep", "events", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, env=self._environment)

    def status(self, agent):
        return json.loads(self.cli("status", agent, "--json").stdout)["agents"][0]

    def check(self, agent, expected):
        """The agent's status after an `upkeep check`; once more when it is not `expected`, since a read that runs already is shared."""
        for _ in range(5):
            done = self.cli("check", agent, "--json")
            assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.log}"
            status = self.status(agent)
            if expected(status):
                break
        return status

    def takes(self, agent, version, critical=None):
        """A check reads this release and nothing is wrong."""
        answer = self.check(agent, lambda now: now["source"]["last_error"] is None and (now["offered"] or {}).get("version") == version)
        assert answer["source"]["last_error"] is None, answer["source"]
        assert answer["offered"]["version"] == version
        assert critical is None or answer["offered"]["critical"] == critical
        return answer

    def fails(self, agent):
        """A check that cannot read the channel: the error's code and message."""
        error = self.check(agent, lambda now: now["source"]["last_error"] is not None)["source"]["last_error"]
        assert error is not None, "the channel was read"
        return error["code"], error["message"]

    def forget_peak(self):
        """From here on peak() is of what comes."""
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def peak(self):
        """The most memory it had at once, in KiB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"^VmHWM:\s+(\d+) kB", file.read(), re.MULTILINE)[1])


def allowed_growth(build, kib):
    """What a daemon's memory may grow by. The address sanitizer keeps up to 256 MiB that was freed, to catch who uses it still."""
    return kib + (288 * 1024 if is_sanitized(build) else 0)


def is_sanitized(build):
    """Whether it was built with the address sanitizer, which never gives memory back at once."""
    return "UPKEEP_SANITIZE:BOOL=ON" in (build / "CMakeCache.txt").read_text()
