# SPDX-License-Identifier: Apache-2.0
"""The real daemon with agents that read channels and whose window never opens, as its operator sees it."""

import json
import subprocess

from daemon_process import DaemonProcess, without_proxies

AGENT = """
[source]
{source}
[[schedule]]
use = "window"
never = true
[installer]
use = "idle"
"""


class ChannelDaemon(DaemonProcess):
    """Runs until stop(). `more`: tables of every agent. `agents`: name → keys of its [source], which reads "current" over https unless they say otherwise. Their
    installer is the tests' own, which stays at 1.0.0."""

    def __init__(self, build, folder, agents, more="", **environment):
        super().__init__(folder, build, plugins=[build / "test-modules/installer-idle.so"], more='[log]\nlevel = "debug"\n',
                         environment={**without_proxies(), **environment})
        for name, source in agents.items():
            source = {"use": "https", "channel": "current", "poll": "24h", **source}
            keys = "\n".join(f"{key} = {json.dumps(str(value), ensure_ascii=False)}" for key, value in source.items())
            self.configure(name, AGENT.format(source=keys) + more)
        self.start()

    def restart(self):
        self.stop()
        self.start()

    def events(self):
        """`upkeep events`, running."""
        return subprocess.Popen([self.build / "daemon/cli/upkeep", "events", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, env=self.environment)

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
        """From here on VmHWM is of what comes."""
        (self.proc / "clear_refs").write_text("5")
