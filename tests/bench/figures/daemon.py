# SPDX-License-Identifier: Apache-2.0
"""upkeepd from the build folder with a configuration of its own, on a message bus of its own. Its readiness is heard as systemd hears it."""

import contextlib
import os
import socket
import subprocess
import time

from .process import Process

AGENT = """[source]
use = "https"
url = "{url}"
channel = "current"
poll = "{poll}"
ca_file = "{ca_file}"

[[schedule]]
use = "window"
days = ["Tue", "Thu"]
start = "02:00"
length = "1h"
time_zone = "Europe/Berlin"

[installer]
use = "apt"
package = "bash"
restart = "example-agent.service"
"""

BUS = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy>
</busconfig>"""


class Bus:
    """A system bus of this run's own, without packagekitd and systemd on it."""

    def __init__(self, folder):
        path = folder / "bus"
        (folder / "bus.conf").write_text(BUS.format(socket=path))
        self.address = f"unix:path={path}"
        self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "dbus-daemon", "--nofork", "--nopidfile", "--nosyslog",
                                          f"--config-file={folder / 'bus.conf'}"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not path.exists():
            assert self._process.poll() is None and time.monotonic() < end, "dbus-daemon does not start"
            time.sleep(0.01)

    def stop(self):
        self._process.kill()
        self._process.wait()


class Daemon:
    """`agents`: name → text of its file. Nothing runs until start()."""

    def __init__(self, build, folder, bus, agents, plugins=None):
        self.folder, self.socket, self._bus = folder, folder / "control.sock", bus
        (folder / "agents.d").mkdir(parents=True)
        for name, text in agents.items():
            (folder / "agents.d" / f"{name}.toml").write_text(text)
        (folder / "upkeep.toml").write_text(f'[daemon]\nstate = "{folder}/state"\n[control]\nsocket = "{self.socket}"\n')
        self._argv = [build / "daemon/upkeepd", "--config", folder, "--plugins", plugins or build / "plugins-built"]
        self._process = None

    @property
    def log(self):
        return (self.folder / "log").read_text()

    def start(self, seconds=30):
        """Starts it, waits for READY=1, and returns how many seconds that took."""
        (self.folder / "state").mkdir(exist_ok=True)
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as notify:
            path = self.folder / "notify.sock"
            path.unlink(missing_ok=True)
            notify.bind(str(path))
            notify.settimeout(seconds)
            environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
            environment |= {"NOTIFY_SOCKET": str(path), "DBUS_SYSTEM_BUS_ADDRESS": self._bus.address}
            with open(self.folder / "log", "ab") as log:
                began = time.monotonic()
                self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
            try:
                while b"READY=1" not in notify.recv(4096).splitlines():
                    pass
                took = time.monotonic() - began
            except TimeoutError:
                raise AssertionError(f"upkeepd is not ready after {seconds} s:\n{self.log}") from None
        self.process = Process(self._process.pid)
        return took

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
