# SPDX-License-Identifier: Apache-2.0
"""The built upkeepd as a process over a folder of its own, and `upkeep` that asks it: what all daemons of the system layer share."""

import contextlib
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

from servers import free_port
from unix_http import Connection, connect


BUILD = pathlib.Path(os.environ.get("UPKEEP_BUILD") or pathlib.Path(__file__).resolve().parent.parent.parent / "build/release")


def let_others_in(folder):
    """Opens the folder, and what of the folders above it is closed, to other users. pytest makes its own for one user, and how deep
    they lie depends on how many workers it has."""
    for one in [folder, *folder.parents]:
        if one.stat().st_mode & 0o5 != 0o5:
            one.chmod(0o755)


def without_proxies():
    """The environment, less its proxies: what is on loopback is not reached through one."""
    return {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}


class DaemonProcess:
    """Makes `folder`/{upkeep.toml, agents.d, state}; nothing runs before start(). `control` and `more` are lines of upkeep.toml.

    Its plugins are the built ones and the files `plugins`, or what lies in `plugin_folder`.
    """

    patience = 30   # seconds that wait() waits

    def __init__(self, folder, build, plugins=(), plugin_folder=None, control="", more="", environment=None):
        self.folder, self.build, self.process = pathlib.Path(folder), build, None
        self.socket, self.plugins, self._log = self.folder / "control.sock", plugin_folder or self.folder / "plugins", self.folder / "log"
        for name in ("agents.d", "state"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "upkeep.toml").write_text(
            f'[daemon]\nstate = "{self.folder}/state"\n{more}[control]\nsocket = "{self.socket}"\n{control}')
        if plugin_folder is None:
            self.plugins.mkdir()
            for plugin in (*(build / "plugins-built").glob("*.so"), *plugins):
                (self.plugins / plugin.name).symlink_to(plugin)
        self.environment = {**(os.environ if environment is None else environment), "UPKEEP_SOCKET": str(self.socket),
                            "UPKEEP_PLUGINS": str(self.plugins)}

    def configure(self, name, text):
        """Writes an agent's file."""
        (self.folder / f"agents.d/{name}.toml").write_text(text)

    def launch(self):
        with self._log.open("a") as log:
            self.process = subprocess.Popen([self.build / "daemon/upkeepd", "--config", self.folder, "--plugins", self.plugins],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=self.environment)

    def start(self):
        self.launch()
        self.wait(self.is_ready)
        return self

    def release(self, version, channel="current", critical="no"):
        folder = self.folder / "channel" / channel
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "critical").write_text(critical)
        (folder / "version").write_text(version)

    def is_ready(self):
        with contextlib.suppress(OSError):
            return self.ask("GET", "/readyz").status == 200

    def connect(self, **who):
        return connect(self.socket, **who)

    def client(self, **who):
        return Connection(self.connect(**who))

    def ask(self, method, path, body=None, headers=None, **who):
        """One request on a connection of its own."""
        client = self.client(**who)
        try:
            return client.ask(method, path, body, **(headers or {}))
        finally:
            client.close()

    def status(self, agent):
        return self.ask("GET", f"/v1/agents/{agent}").json["agents"][0]

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def alive(self):
        return self.process.poll() is None

    @property
    def log(self):
        return self._log.read_text()

    def wait(self, condition, seconds=None):
        """The condition's value, once it is one."""
        end = time.monotonic() + (seconds or self.patience)
        while not (value := condition()):
            assert self.alive and time.monotonic() < end, f"status {self.process.poll()}\n{self.log[-4000:]}"
            time.sleep(0.02)
        return value

    def cli(self, *words, **options):
        return subprocess.run([self.build / "daemon/cli/upkeep", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env=self.environment, **options)

    @property
    def proc(self):
        return pathlib.Path(f"/proc/{self.process.pid}")

    def memory(self, what="VmRSS"):
        """In KiB; "VmHWM": the most that it had at once."""
        lines = (self.proc / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(what + ":"))

    def is_sanitized(self):
        """Whether it was built with the address sanitizer, which never gives memory back at once."""
        return "UPKEEP_SANITIZE:BOOL=ON" in (self.build / "CMakeCache.txt").read_text()

    def allowed(self, kib):
        """What its memory may grow by, in KiB. The address sanitizer keeps up to 256 MiB that was freed, to catch who uses it still."""
        return kib + (288 * 1024 if self.is_sanitized() else 0)


class Listening:
    """With a DaemonProcess: what it serves over TCP, at `port`, where `[control] listen` says listening()."""

    def listening(self):
        self.port = free_port()
        return f'listen = "127.0.0.1:{self.port}"\n'

    def get(self, path, seconds=10):
        """Status and text; status 0 while nobody answers."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=seconds) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self):
        status, page = self.get("/metrics", seconds=30)
        assert status == 200
        return page

    def samples(self):
        """{'name{labels}': value}"""
        lines = (line.rpartition(" ") for line in self.metrics().splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}
