# SPDX-License-Identifier: Apache-2.0
"""The built upkeepd as it runs in a pod: a service account's folder, a channel in a folder, one agent for a workload."""

from daemon_process import BUILD, DaemonProcess, without_proxies
from machine.wait import wait_until

AGENT = """
[source]
use = "file"
path = "{channel}"
channel = "current"
poll = "{poll}"
[[schedule]]
use = "window"
{window}
[installer]
use = "kubernetes"
workload = "{workload}"
{installer}
[installer.verify]
{verify}
[health]
soak = "{soak}"
{more}
"""


def tag_of(images):
    """Of what the installer calls a version: the image, and those that move with it."""
    return images.partition(" ")[0].partition("@")[0].rpartition(":")[2]


class KubeDaemon(DaemonProcess):
    """`agent` is its only one's name. installer: more lines of [installer]; verify: those of [installer.verify], by default no registry is asked;
    more: of [health] and after it. port: of a proxy before the API server. kubeconfig: used instead of a service account."""

    patience = 60

    def __init__(self, folder, workload, account=None, port=None, kubeconfig=None, window="always = true", soak="1s", poll="1s",
                 installer="", verify="resolve = false", more="", daemon="", agent="web", version="1.2.3", build=BUILD, **environment):
        pod = account.environment(port) if account else {}
        self.agent, self.workload = agent, workload
        super().__init__(folder / "daemon", build, more=daemon + '[log]\nlevel = "debug"\n', control='read_group = "root"\nadmin_group = "root"\n',
                         environment={**without_proxies(), **pod, **environment})
        if kubeconfig:
            installer += f'kubeconfig = "{kubeconfig}"\nnamespace = "{workload.space}"\n'
        self._settings = {}
        self.keep(window=window, soak=soak, poll=poll, installer=installer, verify=verify, more=more)
        self.release(version)

    def keep(self, **settings):
        """Writes the agent's file, with these settings as new; the running daemon reads it on reload()."""
        self._settings.update(settings)
        self.configure(self.agent, AGENT.format(channel=self.folder / "channel", workload=self.workload.shown, **self._settings))

    def agent_file(self):
        return (self.folder / f"agents.d/{self.agent}.toml").read_text()

    def reload(self):
        done = self.cli("reload")
        assert done.returncode == 0, done.stderr

    def kill(self):
        """SIGKILL, as a node that dies."""
        self.stop()

    def terminate(self):
        """SIGTERM, as for a pod that is deleted."""
        self.process.terminate()
        self.process.wait(30)

    @property
    def now(self):
        return self.status(self.agent)

    def history(self):
        """All operations, the latest first."""
        return self.ask("GET", f"/v1/agents/{self.agent}/history").json["operations"]

    def wait_for(self, good, text="the agent is as it should be", seconds=None):
        """Until good(the agent's status), which it returns."""
        def look():
            assert self.alive, f"status {self.process.poll()}"
            return self.now
        try:
            return wait_until(text, look, good, seconds=seconds or self.patience, every=0.05)
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.log[-4000:]}") from None

    def wait_reason(self, reason, seconds=None):
        return self.wait_for(lambda now: now["decision"]["reason"] == reason, f"the decision is {reason}", seconds)

    def wait_phase(self, phase, seconds=None):
        return self.wait_for(lambda now: now["phase"] == phase, f"the phase is {phase}", seconds)

    def wait_result(self, result, version, seconds=None, hurry=False):
        """Until the last operation ended so, and nothing is under way. hurry: an attempt that came to nothing is not waited a minute for."""
        def good(now):
            if hurry and now["decision"]["reason"] == "retry_later":
                self.cli("force", "--no-wait")
            last = now["last_operation"]
            return last and last["result"] == result and tag_of(last["to"]) == version and now["phase"] in ("idle", "waiting")
        return self.wait_for(good, f"{version} is {result}", seconds)
