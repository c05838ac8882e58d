# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system layer: the built programs, against real servers on loopback.

`channel_show(URL, ...)` runs `upkeep channel show`; `nginx(...)`, `scripted(play)` and `proxy` are servers that end
with the test; `api` is a scripted daemon; `daemon` is the real one, and `new_daemon` one that is not started yet; `siege` and
`channel_daemon(AGENTS)` are the real one beside a channel's server. Those of object stores are in support/store_fixtures.py.
"""

import functools
import json
import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "support"))

from channel_daemon import ChannelDaemon  # noqa: E402
from daemon import Daemon  # noqa: E402
from daemon_process import BUILD, without_proxies  # noqa: E402
from description import Description  # noqa: E402
from fake_api import FakeApi  # noqa: E402
from hostile_server import HostileServer  # noqa: E402
from publisher import Publisher  # noqa: E402
from servers import Authority, ConnectProxy, Nginx  # noqa: E402
from siege import Siege  # noqa: E402
from store_fixtures import (bucket, fake_gcs, front, google, google_store, issuer, minio, moved_clock, store,  # noqa: E402,F401
                            store_certificate, versitygw)

for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "CLOUDSDK_", "GCE_", "GS_"))]:
    del os.environ[name]    # no test uses what this host's operator has


class Answer:
    """What the program said: `status`, `json` (standard output), `err` (standard error)."""

    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        """The error's code and message; fails when there was none."""
        assert self.status == 1, f"status {self.status}: {self.out}{self.err}"
        return self.json["error"]["code"], self.json["error"]["message"]


@pytest.fixture
def upkeep():
    """upkeep(WORDS...): runs the built command line, with the built plugins and nothing of the environment's proxies.
    under: a command that runs it."""
    def upkeep(*words, under=(), **more):
        return Answer(subprocess.run([*under, BUILD / "daemon/cli/upkeep", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                     timeout=60, env={**without_proxies(), "UPKEEP_PLUGINS": str(BUILD / "plugins-built"), **more}))
    return upkeep


@pytest.fixture
def api(tmp_path, monkeypatch):
    """A scripted daemon; `upkeep` asks it."""
    api = FakeApi(tmp_path / "control.sock")
    monkeypatch.setenv("UPKEEP_SOCKET", api.path)
    yield api
    api.stop()


@pytest.fixture
def new_daemon(tmp_path_factory):
    """new_daemon(agents={name: file}): ends with the test."""
    made = []

    def new_daemon(**options):
        made.append(Daemon(tmp_path_factory.mktemp("daemon"), BUILD, **options))
        return made[-1]
    yield new_daemon
    for daemon in made:
        daemon.stop()


@pytest.fixture
def daemon(new_daemon):
    """With one agent, `shell`, whose window never opens."""
    return new_daemon().start()


@pytest.fixture(scope="session")
def description():
    return Description()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "test-ca")


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("other-ca"), "other-ca")


@pytest.fixture(scope="session")
def certificate(authority):
    """A good one, for 127.0.0.1."""
    return authority.issue("good")


@pytest.fixture
def nginx(tmp_path_factory, certificate):
    started = []

    def nginx(certificate=certificate, **options):
        started.append(Nginx(tmp_path_factory.mktemp("nginx"), certificate, **options))
        return started[-1]
    yield nginx
    for server in started:
        server.stop()


@pytest.fixture
def scripted(certificate):
    started = []

    def scripted(play):
        started.append(HostileServer(certificate, play=play))
        return started[-1]
    yield scripted
    for server in started:
        server.stop()


@pytest.fixture
def proxy():
    proxy = ConnectProxy()
    yield proxy
    proxy.stop()


@pytest.fixture
def channel_show(upkeep, authority):
    """channel_show(URL): `upkeep channel show URL --json`, trusting the test's CA unless `ca_file` says otherwise (None: the system's)."""
    def channel_show(url, ca_file=authority.crt, **environment):
        trust = [] if ca_file is None else ["--ca-file", ca_file]
        return upkeep("--json", "channel", "show", url, *trust, **environment)
    return channel_show


@pytest.fixture
def publisher(upkeep, tmp_path_factory):
    """publisher(keys=1, signatures=1): a folder of channels that so many keys sign; see Publisher."""
    return lambda **options: Publisher(upkeep, tmp_path_factory.mktemp("publisher"), **options)


@pytest.fixture(scope="session")
def sieges(tmp_path_factory, certificate, authority):
    """sieges(KIND): one for each kind of source."""
    @functools.cache
    def siege(kind):
        made.append(Siege(kind, BUILD, tmp_path_factory, certificate, authority))
        return made[-1]
    made = []
    yield siege
    for one in made:
        one.stop()


@pytest.fixture
def siege(request, sieges):
    """A running daemon, and its server (`siege.server`) whose good release is in force; see Siege. Of https, unless the module is
    parametrized with other kinds of source."""
    siege = sieges(getattr(request, "param", "https"))
    siege.begin()
    return siege


@pytest.fixture
def channel_daemon(tmp_path_factory):
    """channel_daemon(AGENTS, ...): the daemon with these agents; see ChannelDaemon."""
    started = []

    def channel_daemon(agents, **environment):
        started.append(ChannelDaemon(BUILD, tmp_path_factory.mktemp("daemon"), agents, **environment))
        return started[-1]
    yield channel_daemon
    for daemon in started:
        daemon.stop()
