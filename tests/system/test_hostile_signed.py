# SPDX-License-Identifier: Apache-2.0
"""Signed channels that nobody should believe, from each kind of source: a clear reason, the release in force unchanged, memory bounded, the
daemon alive, and the next good document taken. All are attacked at once, an agent each, because what is not trusted is read again after five
seconds."""

import concurrent.futures
import dataclasses

import pytest
from channel_daemon import ChannelDaemon
from conftest import BUILD
from hostile_server import HostileServer, answer
from siege import KEY, KEY_ID, KINDS, TOKEN, places_of, source_of, tokens_of, with_tokens
from signed_attacks import ANNA, ATTACKS, GOOD_SERIAL, good

pytestmark = pytest.mark.parametrize("war", KINDS, indirect=True)


@dataclasses.dataclass
class War:
    """What became of it. `during` and `after`: each agent's status while it was attacked, and when all was well again."""
    server: HostileServer
    daemon: ChannelDaemon
    kind: str
    during: dict
    after: dict
    grown: int


def serving(server, channels):
    """The server has these files: channel → name → bytes or a play."""
    def play(connection, request):
        channel, name = request.split(b" ")[1].decode().split("/")[-2:]
        found = channels[channel].get(name)
        if callable(found):
            found(connection, request)
        else:
            connection.sendall(answer(status="404 Not Found") if found is None else answer(found))
    server.be(play)


def each(work):
    """{attack: work(attack)}, at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(ATTACKS)) as pool:
        return dict(zip(ATTACKS, pool.map(work, ATTACKS)))


@pytest.fixture(scope="module")
def war(request, tmp_path_factory, certificate, authority):
    kind = request.param
    server, tokens = HostileServer(certificate), HostileServer(None, play=tokens_of)
    serving(server, {name: good(name, "10.0.1", GOOD_SERIAL) for name in ATTACKS})
    source = source_of(kind, server, authority)
    agents = {name: {**source, "channel": name, "timeout": "30s", **attack.source} for name, attack in ATTACKS.items()}
    daemon = ChannelDaemon(BUILD, tmp_path_factory.mktemp("war"), agents, more=f'[trust]\nkeys = ["{ANNA.public}"]\n',
                           **with_tokens(tokens))
    each(lambda name: daemon.takes(name, "10.0.1"))
    serving(server, {name: attack.files(name) for name, attack in ATTACKS.items()})
    daemon.forget_peak()
    before = daemon.memory("VmHWM")
    during = each(lambda name: daemon.check(name, lambda now: now["source"]["last_error"] is not None))
    grown = daemon.memory("VmHWM") - before
    print(f"{len(ATTACKS)} attacks at once: peak memory grew by {grown} KiB")
    serving(server, {name: good(name, "10.0.2", GOOD_SERIAL + 1) for name in ATTACKS})
    after = each(lambda name: daemon.check(name, lambda now: now["source"]["last_error"] is None))
    yield War(server, daemon, kind, during, after, grown)
    for one in (daemon, server, tokens):
        one.stop()


@pytest.mark.parametrize("name", ATTACKS)
def test_nobody_believes_it(war, name):
    attack, status = ATTACKS[name], war.during[name]
    error = status["source"]["last_error"]
    assert error is not None, "it was believed"
    print(error["message"])
    assert error["code"] == attack.code and attack.words in error["message"]
    assert any(place in error["message"] for place in places_of(war.kind, war.server, name))
    assert len(error["message"]) < 600 and error["message"].isprintable()
    assert status["offered"] == {"version": "10.0.1", "critical": False}, "the release in force stays"
    assert status["decision"]["action"] == "wait" and status["operation"] is None
    assert war.after[name]["source"]["last_error"] is None
    assert war.after[name]["offered"]["version"] == "10.0.2"


def test_memory_is_bounded(war):
    assert war.grown <= war.daemon.allowed(16 * 1024), f"KiB, for {len(ATTACKS)} agents that poll at once"


def test_the_daemon_lives_and_its_log_is_one(war):
    assert war.daemon.alive
    for bad in ("\x1b", "\0", "\nFAKE LOG LINE", KEY, KEY_ID, TOKEN):
        assert bad not in war.daemon.log
