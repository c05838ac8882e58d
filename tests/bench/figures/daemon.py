# SPDX-License-Identifier: Apache-2.0
"""upkeepd from the build folder with a configuration of its own, on a message bus of its own. Its readiness is heard as systemd hears it."""

import contextlib
import socket
import subprocess
import time

from daemon_process import DaemonProcess, without_proxies

from .process import Process

HTTPS_SOURCE = """[source]
use = "https"
url = "{url}"
channel = "current"
poll = "{poll}"
ca_file = "{ca_file}"
"""

SCHEDULE_AND_INSTALLER = """
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

AGENT = HTTPS_SOURCE + SCHEDULE_AND_INSTALLER

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


class Daemon(DaemonProcess):
    """`agents`: name → text of its file. Once it is started, `used` is what it has used."""

    def __init__(self, build, folder, bus, agents, plugins=()):
        super().__init__(folder, build, plugins, environment={**without_proxies(), "DBUS_SYSTEM_BUS_ADDRESS": bus.address})
        for name, text in agents.items():
            self.configure(name, text)

    def start(self, seconds=30):
        """Starts it, waits for READY=1, and returns how many seconds that took."""
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as notify:
            path = self.folder / "notify.sock"
            path.unlink(missing_ok=True)
            notify.bind(str(path))
            notify.settimeout(seconds)
            self.environment["NOTIFY_SOCKET"] = str(path)
            began = time.monotonic()
            self.launch()
            try:
                while b"READY=1" not in notify.recv(4096).splitlines():
                    pass
                took = time.monotonic() - began
            except TimeoutError:
                raise AssertionError(f"upkeepd is not ready after {seconds} s:\n{self.log}") from None
        self.used = Process(self.process.pid)
        return took
