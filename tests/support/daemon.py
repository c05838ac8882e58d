# SPDX-License-Identifier: Apache-2.0
"""The built upkeepd over its unix socket, with agents whose installer only plays (support/modules/play_installer.cpp), so
that it can be driven through whole operations; and clients of any user, as the kernel sees them."""

import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from channel_daemon import allowed_growth
from servers import free_port

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


@contextlib.contextmanager
def acting_as(uid=None, gid=12345, groups=()):
    """Connections made inside are another user's: SO_PEERCRED tells the credentials of connect()."""
    if uid is None:
        yield
        return
    before, before_gid = os.getgroups(), os.getegid()
    os.setgroups(list(groups))
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before_gid)
        os.setgroups(before)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.bytes = response.status, response.headers, response.read()
        self.seconds = 0.0

    @property
    def text(self):
        return self.bytes.decode()

    @property
    def json(self):
        return json.loads(self.bytes)

    @property
    def code(self):
        return self.json["error"]["code"]

    @property
    def message(self):
        return self.json["error"]["message"]


class Connection(http.client.HTTPConnection):
    """HTTP over an open unix socket."""

    def __init__(self, connected):
        super().__init__("upkeep", timeout=30)
        self.sock = connected

    def ask(self, method, path, body=None, **headers):
        began = time.monotonic()
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        self.request(method, path, body=data, headers=headers)
        answer = Answer(self.getresponse())
        answer.seconds = time.monotonic() - began
        return answer


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


class Daemon:
    """agents: name → text of its file ("{folder}" is the test's folder). Not started before start()."""

    def __init__(self, folder, build, agents=None, listen=True):
        self.folder, self.build = pathlib.Path(folder), build
        for above in [self.folder, *list(self.folder.parents)[:2]]:  # other users must reach the socket
            above.chmod(0o755)
        self.socket, self.port, self.process = self.folder / "control.sock", free_port(), None
        (self.folder / "agents.d").mkdir()
        (self.folder / "state").mkdir()
        tcp = f'listen = "127.0.0.1:{self.port}"\n' if listen else ""
        (self.folder / "upkeep.toml").write_text(
            f'[daemon]\nstate = "{self.folder}/state"\n[control]\nsocket = "{self.socket}"\nread_group = "nogroup"\n{tcp}')
        self.release("99.0.0")
        for name, text in (agents or {"shell": SHELL}).items():
            self.configure(name, text.replace("{folder}", str(self.folder)))
        self.plugins = self.folder / "plugins"
        self.plugins.mkdir()
        for plugin in [*(build / "plugins-built").glob("*.so"), build / "test-modules/installer-play.so"]:
            (self.plugins / plugin.name).symlink_to(plugin)
        self._log = self.folder / "log"

    def configure(self, name, text):
        (self.folder / f"agents.d/{name}.toml").write_text(text)

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

    def release(self, version, channel="current", critical="no"):
        folder = self.folder / "channel" / channel
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "critical").write_text(critical)
        (folder / "version").write_text(version)

    def start(self):
        with self._log.open("a") as log:
            self.process = subprocess.Popen([self.build / "daemon/upkeepd", "--config", self.folder, "--plugins", self.plugins],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.wait(self._is_ready)
        return self

    def _is_ready(self):
        with contextlib.suppress(OSError):
            return self.ask("GET", "/readyz").status == 200

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def log(self):
        return self._log.read_text()

    def wait(self, condition, seconds=30):
        """The condition's value, once it is one."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert self.process.poll() is None and time.monotonic() < end, self.log[-4000:]
            time.sleep(0.02)
        return value

    def connect(self, **who):
        raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with acting_as(**who):
            raw.connect(str(self.socket))
        raw.settimeout(30)
        return raw

    def client(self, **who):
        return Connection(self.connect(**who))

    def ask(self, method, path, body=None, headers=None, **who):
        """One request on a connection of its own."""
        client = self.client(**who)
        try:
            return client.ask(method, path, body, **(headers or {}))
        finally:
            client.close()

    def events(self, **who):
        return Events(self.client(**who))

    def agent(self, name):
        return self.ask("GET", f"/v1/agents/{name}").json["agents"][0]

    def journal(self, agent):
        path = self.folder / f"state/agents/{agent}/journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def proc(self):
        return pathlib.Path(f"/proc/{self.process.pid}")

    def memory(self, what="VmRSS"):
        """In KiB."""
        lines = (self.proc / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(what + ":"))

    def allowed(self, kib):
        """What its memory may grow by, in KiB."""
        return allowed_growth(self.build, kib)

    def get(self, path):
        """Over TCP."""
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def cli(self, *words, **options):
        return subprocess.run([self.build / "daemon/cli/upkeep", "--socket", self.socket, *words], capture_output=True, text=True, timeout=60,
                              **options)
