# SPDX-License-Identifier: Apache-2.0
"""The built daemon with a plugin folder and agents of the test's own, for what plugins of others may do to it."""

import datetime
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

BUILD = pathlib.Path(os.environ.get("UPKEEP_BUILD") or pathlib.Path(__file__).resolve().parent.parent.parent / "build/release")

SOURCE = '[source]\nuse = "file"\npath = "{channel}"\nchannel = "current"\n'
# A test's module that upgrades nothing but a variable (modules/throwing.cpp); 1.2.3 is installed.
INSTALLER = '[installer]\nuse = "throwing"\n'
WINDOW = '[[schedule]]\nuse = "window"\nnever = true\n'


class PluginDaemon:
    def __init__(self, folder, plugins):
        self.folder, self.plugins, self.process = folder / "daemon", plugins, None
        shutil.copy(BUILD / "test-modules/installer-throwing.so", plugins)
        self.socket, self._log = self.folder / "control.sock", self.folder / "log"
        for one in ("agents.d", "channel/current", "state"):
            (self.folder / one).mkdir(parents=True)
        (self.folder / "channel/current/version").write_text("99.0.0")
        (self.folder / "channel/current/critical").write_text("no")
        (self.folder / "upkeep.toml").write_text(f'[daemon]\nstate = "{self.folder}/state"\n[control]\nsocket = "{self.socket}"\n'
                                                 'read_group = "root"\nadmin_group = "root"\n')

    def agent(self, name, schedule=WINDOW, source=SOURCE, installer=INSTALLER):
        """Writes its file: the source on lines 1 to 4, then the schedule, then the installer."""
        text = source.format(channel=self.folder / "channel") + schedule + installer
        (self.folder / f"agents.d/{name}.toml").write_text(text)

    def start(self):
        self.process = subprocess.Popen([BUILD / "daemon/upkeepd", "--config", self.folder, "--plugins", self.plugins], stdin=subprocess.DEVNULL,
                                        stdout=self._log.open("w"), stderr=subprocess.STDOUT)
        self._wait("the daemon answers", lambda: self.socket.exists() and self.cli("status").returncode == 0)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def alive(self):
        return self.process.poll() is None

    def log(self):
        return self._log.read_text()

    def cli(self, *words):
        return subprocess.run([BUILD / "daemon/cli/upkeep", "--socket", self.socket, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)

    def check_config(self):
        return subprocess.run([BUILD / "daemon/cli/upkeep", "config", "check", self.folder], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env={**os.environ, "UPKEEP_PLUGINS": str(self.plugins)})

    def get(self, path):
        """Over the control socket."""
        connection = http.client.HTTPConnection("localhost", timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.socket))
        connection.request("GET", path)
        return connection.getresponse().read().decode()

    def status(self, name):
        return next(agent for agent in json.loads(self.cli("status", "--json").stdout)["agents"] if agent["name"] == name)

    def wait_agent(self, name, good):
        """Waits until good(status of the agent); returns it."""
        found = {}

        def look():
            found.update(self.status(name))
            return good(found)
        self._wait(f"agent {name}", look, found)
        return found

    def _wait(self, text, condition, shown=""):
        end = time.monotonic() + 30
        while not condition():
            assert self.alive() and time.monotonic() < end, f"{text}: {shown}\n{self.log()}"
            time.sleep(0.05)

    @staticmethod
    def today():
        return f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}"

    @staticmethod
    def tomorrow():
        return f"{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1):%Y-%m-%d}"
