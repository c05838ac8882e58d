# SPDX-License-Identifier: Apache-2.0
"""Signed channels that nobody should believe, from each kind of source: a clear reason, the release in force unchanged, memory bounded, the
daemon alive, and the next good document taken. All are attacked at once, an agent each, because what is not trusted is read again after five
seconds."""

import concurrent.futures
import dataclasses
import functools
import shutil

import pytest
from channel_daemon import ChannelDaemon
from conftest import BUILD
from hostile_server import HostileServer, answer
from siege import KEY, KEY_ID, KINDS, TOKEN, places_of, source_of, tokens_of, with_tokens
from signed_attacks import ANNA, ATTACKS, GOOD_SERIAL, good

class Served:
    """A web server's or a bucket's channels."""

    def __init__(self, kind, certificate, authority):
        self.kind, self.attacks = kind, ATTACKS
        self._server, self._tokens = HostileServer(certificate), HostileServer(None, play=tokens_of)
        self.source, self.environment = source_of(kind, self._server, authority), with_tokens(self._tokens)

    def has(self, channels):
        """From now on: channel → name → bytes, or a play."""
        def play(connection, request):
            channel, name = request.split(b" ")[1].decode().split("/")[-2:]
            found = channels[channel].get(name)
            if callable(found):
                found(connection, request)
            else:
                connection.sendall(answer(status="404 Not Found") if found is None else answer(found))
        self._server.be(play)

    def places(self, channel):
        return places_of(self.kind, self._server, channel)

    def stop(self):
        self._server.stop()
        self._tokens.stop()


class Folder:
    """Those in a folder, where files have ends."""

    attacks, environment = {name: attack for name, attack in ATTACKS.items() if not any(map(callable, attack.files(name).values()))}, {}

    def __init__(self, folder):
        self._folder, self.source = folder, {"use": "file", "path": folder}

    def has(self, channels):
        for channel, files in channels.items():
            shutil.rmtree(self._folder / channel, ignore_errors=True)
            (self._folder / channel).mkdir()
            for name, text in files.items():
                (self._folder / channel / name).write_bytes(text)

    def places(self, channel):
        return [f"{self._folder}/{channel}"]

    def stop(self):
        pass


@dataclasses.dataclass
class War:
    """What became of it. `during` and `after`: each agent's status while it was attacked, and when all was well again."""
    place: Served | Folder
    daemon: ChannelDaemon
    during: dict
    after: dict
    grown: int


def wage(place, folder):
    """A war to its end; the daemon lives on."""
    attacks, patience = place.attacks, {} if isinstance(place, Folder) else {"timeout": "30s"}

    def each(work):
        """{attack: work(attack)}, at the same time."""
        with concurrent.futures.ThreadPoolExecutor(len(attacks)) as pool:
            return dict(zip(attacks, pool.map(work, attacks)))

    place.has({name: good(name, "10.0.1", GOOD_SERIAL) for name in attacks})
    daemon = ChannelDaemon(BUILD, folder, {name: {**place.source, "channel": name, **patience, **attack.source} for name, attack in attacks.items()},
                           more=f'[trust]\nkeys = ["{ANNA.public}"]\n', **place.environment)
    each(lambda name: daemon.takes(name, "10.0.1"))
    place.has({name: attack.files(name) for name, attack in attacks.items()})
    daemon.forget_peak()
    before = daemon.memory("VmHWM")
    during = each(lambda name: daemon.check(name, lambda now: now["source"]["last_error"] is not None))
    grown = daemon.memory("VmHWM") - before
    print(f"{len(attacks)} attacks at once: peak memory grew by {grown} KiB")
    place.has({name: good(name, "10.0.2", GOOD_SERIAL + 1) for name in attacks})
    after = each(lambda name: daemon.check(name, lambda now: now["source"]["last_error"] is None))
    return War(place, daemon, during, after, grown)


@pytest.fixture(scope="module")
def wars(tmp_path_factory, certificate, authority):
    """wars(KIND): one for each kind of source."""
    @functools.cache
    def war(kind):
        place = Folder(tmp_path_factory.mktemp("channels")) if kind == "file" else Served(kind, certificate, authority)
        waged.append(wage(place, tmp_path_factory.mktemp("war")))
        return waged[-1]
    waged = []
    yield war
    for one in waged:
        one.daemon.stop()
        one.place.stop()


@pytest.fixture
def war(request, wars):
    return wars(request.param)


EACH = [("file", name) for name in Folder.attacks] + [(kind, name) for kind in KINDS for name in ATTACKS]


@pytest.mark.parametrize("war, name", EACH, indirect=["war"])
def test_nobody_believes_it(war, name):
    attack, status = ATTACKS[name], war.during[name]
    error = status["source"]["last_error"]
    assert error is not None, "it was believed"
    print(error["message"])
    assert error["code"] == attack.code and any(words in error["message"] for words in attack.words)
    assert any(place in error["message"] for place in war.place.places(name))
    assert len(error["message"]) < 600 and error["message"].isprintable()
    assert status["offered"] == {"version": "10.0.1", "critical": False}, "the release in force stays"
    assert status["decision"]["action"] == "wait" and status["operation"] is None
    assert war.after[name]["source"]["last_error"] is None
    assert war.after[name]["offered"]["version"] == "10.0.2"


@pytest.mark.parametrize("war", ["file", *KINDS], indirect=True)
def test_memory_is_bounded(war):
    assert war.grown <= war.daemon.allowed(16 * 1024), f"KiB, for {len(war.during)} agents that poll at once"


@pytest.mark.parametrize("war", ["file", *KINDS], indirect=True)
def test_the_daemon_lives_and_its_log_is_one(war):
    assert war.daemon.alive
    for bad in ("\x1b", "\0", "\nFAKE LOG LINE", KEY, KEY_ID, TOKEN):
        assert bad not in war.daemon.log
