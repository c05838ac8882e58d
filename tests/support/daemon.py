# SPDX-License-Identifier: Apache-2.0
"""The built upkeepd over its unix socket, with agents whose installer only plays (support/modules/play_installer.cpp), so
that it can be driven through whole operations; and clients of any user, as the kernel sees them."""

import contextlib
import http.client
import json
import threading

from daemon_process import DaemonProcess, Listening, let_others_in

NOBODY = 65534  # and nogroup

SHELL = """
[source]
use = "file"
path = "{folder}/channel"
channel = "current"
[[schedule]]
use = "window"
never = true
[installer]
use = "apt"
package = "bash"
"""

PLAY = """
[source]
use = "file"
path = "{folder}/channel"
channel = "{channel}"
[[schedule]]
use = "window"
{window} = true
[installer]
use = "play"
folder = "play/{name}"
{more}
"""


class Events:
    """Lines of the event stream, read by a thread until the stream ends."""

    def __init__(self, connection):
        self.lines, self.ended = [], threading.Event()
        connection.request("GET", "/v1/events")
        self.response = connection.getresponse()
        assert self.response.status == 200
        self._connection = connection
        connection.sock.settimeout(None)  # nothing may happen for long
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            while line := self.response.readline():
                self.lines.append(line)
        self.ended.set()

    @property
    def documents(self):
        return [json.loads(line) for line in list(self.lines)]

    def seen(self, event, **fields):
        return any(one.get("event") == event and fields.items() <= one.items() for one in self.documents)


class Daemon(DaemonProcess, Listening):
    """agents: name → text of its file ("{folder}" is the test's folder). Not started before start()."""

    def __init__(self, folder, build, agents={"shell": SHELL}, listen=True):
        super().__init__(folder, build, plugins=[build / "test-modules/installer-play.so"],
                         control='read_group = "nogroup"\n' + (self.listening() if listen else ""))
        let_others_in(self.folder)  # other users must reach the socket
        self.release("99.0.0")
        for name, text in agents.items():
            self.configure(name, text.replace("{folder}", str(self.folder)))

    def play(self, name, installed="1.0.0-1", channel=None, window="always", more=""):
        """Configures an agent with a playing installer, a channel of its own and this version installed."""
        channel = channel or name
        if not (self.folder / "channel" / channel).exists():
            self.release("1.0.0", channel)
        self.file(name).mkdir(parents=True)
        self.file(name, "installed").write_text(installed)
        self.configure(name, PLAY.format(folder=self.folder, channel=channel, name=name, window=window, more=more))

    def file(self, agent, name=""):
        """What the playing installer reads."""
        return self.folder / "state/play" / agent / name

    def install(self, agent, version):
        """As somebody else would."""
        self.file(agent, "installed").write_text(version)

    def events(self, **who):
        return Events(self.client(**who))

    def journal(self, agent):
        path = self.folder / f"state/agents/{agent}/journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
