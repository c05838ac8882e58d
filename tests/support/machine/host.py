# SPDX-License-Identifier: Apache-2.0
"""A machine with Upkeep on it, as its operator and its scripts see it: the command line, the package manager, the units.

What Upkeep says is read from the JSON that the command line promises to scripts.
"""

import base64
import json

from .agent import agent_toml
from .kinds import KINDS
from .wait import wait_until

CA_FILE = "/etc/upkeep/demo-ca.crt"
AGENT = "demo-agent"


def release(version):
    """The release version of a demo package's version: 1.2.3-1 → 1.2.3, 1:1.2.3-1.el9 → 1.2.3."""
    return version.rpartition(":")[2].partition("-")[0] if version else version


class Host:
    """`machine` is up, of the kind that `publisher` publishes for. What that offers is trusted after trust()."""

    def __init__(self, machine, publisher):
        self.machine, self.publisher = machine, publisher
        self.run, self.write, self.read = machine.run, machine.write, machine.read
        self.kind = KINDS[publisher.kind](self)

    # what its administrator does

    def trust(self):
        """The publisher's CA for the package manager and Upkeep, its key, its repository."""
        keys = self.publisher.site.keys
        self.write("/usr/local/share/ca-certificates/demo.crt", keys.ca.read_text())
        self.run("update-ca-certificates")
        self.write(CA_FILE, keys.ca.read_text())
        self.kind.trust(keys.repository.read_text())
        self.use_repository()

    def use_repository(self, more=""):
        """Also reads its lists; `more` is added to the source's lines."""
        self.kind.use_repository(self.publisher.repo_url, more)

    def read_lists(self):
        """By the native tool."""
        self.kind.read_lists()

    def install(self, *packages):
        """With the native tool: NAME, NAME=VERSION or a file."""
        self.kind.install(packages)

    def install_upkeep(self, deb):
        self.run(f"base64 -d > /root/{deb.name}", input=base64.b64encode(deb.read_bytes()).decode())
        self.kind.install_deb(f"/root/{deb.name}")

    def configure(self, name=AGENT, **settings):
        """Writes the agent's file; see agent_toml()."""
        self.write(f"/etc/upkeep/agents.d/{name}.toml", agent_toml(
            name, self.publisher.channels_url, CA_FILE, use=self.kind.installer, **settings))

    def keep_up(self, name=AGENT, **settings):
        """Configures and enables the agent, and waits until Upkeep knows where it stands."""
        self.configure(name, **settings)
        self.cli("enable", name)
        self.cli("reload")
        return self.wait(f"{name} is known", lambda agent: agent["installed"] and agent["offered"], name)

    # what it asks Upkeep

    def cli(self, *words, check=True, timeout=90):
        return self.run(["upkeep", *words], check=check, timeout=timeout)

    def json(self, *words):
        return json.loads(self.cli(*words, "--json").stdout)

    def status(self, name=AGENT):
        return next(agent for agent in self.json("status")["agents"] if agent["name"] == name)

    def history(self, name=AGENT):
        """The operations, the oldest first."""
        return sorted(self.json("history", name)["operations"], key=lambda operation: operation["started"])

    def wait(self, text, good, name=AGENT, seconds=30):
        """Waits until good(status of the agent), and returns that status."""
        return wait_until(text, lambda: self.status(name), good, seconds)

    def wait_reason(self, reason, name=AGENT, seconds=30):
        return self.wait(f"the decision about {name} is {reason}", lambda agent: agent["decision"]["reason"] == reason, name, seconds)

    def wait_phase(self, phase, name=AGENT, seconds=30):
        return self.wait(f"{name} is {phase}", lambda agent: agent["phase"] == phase, name, seconds)

    def wait_result(self, result, to, name=AGENT, seconds=60):
        """Waits until the last operation, to version `to`, ended with `result`."""
        def ended(agent):
            last = agent["last_operation"]
            return last["result"] == result and release(last["to"]) == to

        return self.wait(f"the operation of {name} to {to} ends: {result}", ended, name, seconds)

    def wait_committed(self, version, name=AGENT, seconds=60):
        """Likewise, to exactly this version of the package."""
        def there(agent):
            last = agent["last_operation"]
            return last and (last["result"], last["to"]) == ("committed", version) and not agent["operation"]

        return self.wait(f"{name} {version} is committed", there, name, seconds)

    # what is true

    def installed(self, name=AGENT):
        """The release version that the package manager has, fully installed; else its word for the state (see kinds.py)."""
        return " ".join(map(release, self.kind.installed(name).split()))

    def running(self, name=AGENT):
        """The version that the running program says it is; empty when none runs."""
        return self.run(f"systemctl -q is-active {name} && cat /run/{name}/version", check=False).stdout.strip()

    def unit(self, unit, prop):
        return self.run(["systemctl", "show", "-P", prop, unit]).stdout.strip()

    def killed_by_filter(self):
        """What systemd and the daemon logged about processes that made a system call which their unit's filter denies."""
        return self.run("journalctl --no-pager -o cat -u upkeepd -u 'upkeep-*' | grep -E '=31/SYS|signal 31|Bad system call'", check=False).stdout

    def kill_daemon(self):
        """SIGKILL; systemd starts it again. Returns when a new one answers."""
        old = self.unit("upkeepd", "MainPID")
        self.run(["systemctl", "kill", "-s", "KILL", "--kill-who=main", "upkeepd"])
        wait_until("systemd starts the daemon again", lambda: self.unit("upkeepd", "MainPID"), lambda pid: pid not in ("0", old))
        wait_until("the new daemon answers", lambda: self.cli("status", check=False).returncode, lambda code: code == 0)

    # stopping the world in the middle of an installation (see package.py)

    def hold_installation(self, name=AGENT):
        self.write(f"/run/{name}.wait", "")

    def wait_installing(self, name=AGENT):
        wait_until(f"{name} is being installed", lambda: self.run(["test", "-e", f"/run/{name}.installing"], check=False).returncode == 0)

    def let_installation_go_on(self, name=AGENT):
        self.run(["rm", f"/run/{name}.wait"])

    def report(self):
        """Everything that helps to understand a failure."""
        if not self.machine.is_up():
            return "the machine is off"
        return self.run("upkeep status; upkeep history; systemctl --no-pager --failed; journalctl --no-pager -o short-precise -n 150 "
                        "-u upkeepd -u packagekit -u polkit -u 'upkeep-*' 2>&1", check=False).stdout

