# SPDX-License-Identifier: Apache-2.0
"""The real daemon on a disk that goes wrong at each journal write of an upgrade (support/modules/disk_faults.cpp, preloaded): nothing is
done without its record, the API, /healthz and the log name the file, and when the disk is well again the upgrade ends."""

import errno
import os
import re

import pytest
from conftest import BUILD
from daemon import Daemon

LONG = bool(os.environ.get("UPKEEP_LONG"))
ENTRIES = ["release", "begin", "applying", "note", "activating", "soaking", "end"]   # of one upgrade
WAYS = {"full": ("write", errno.ENOSPC), "short": ("short", errno.ENOSPC), "io": ("write", errno.EIO), "sync": ("sync", errno.EIO),
        "read_only": ("open", errno.EROFS)}


class Disk:
    def __init__(self, folder):
        self.rule, self.hits = folder / "faults", folder / "faults.hits"
        self.rule.write_text("")
        self.environment = {**os.environ, "LD_PRELOAD": str(BUILD / "preload/disk-faults.so"), "UPKEEP_FAULTS": str(self.rule),
                            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}

    def breaks(self, call, error, skip=0, times=-1, text="agents/web/"):
        self.hits.unlink(missing_ok=True)
        self.rule.write_text(f"{call} {error} {skip} {times} {text}")

    def is_well(self):
        self.rule.write_text("")

    @property
    def struck(self):
        return self.hits.exists()


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


@pytest.fixture
def daemon(tmp_path, disk):
    daemon = Daemon(tmp_path / "daemon", BUILD, agents={})
    daemon.environment = {**daemon.environment, **disk.environment}
    daemon.play("web")
    daemon.play("beside")
    yield daemon
    daemon.stop()


def installed(daemon, agent="web"):
    return daemon.file(agent, "installed").read_text()


def check(daemon, agent="web"):
    return daemon.ask("POST", f"/v1/agents/{agent}/check")


def health(daemon):
    return daemon.ask("GET", "/healthz")


def reason(daemon, agent):
    return daemon.status(agent)["decision"]["reason"]


def is_up(daemon):
    """Alive, if not well."""
    try:
        return health(daemon).status in (200, 503)
    except OSError:
        return False


def up_to_date(daemon, agent="web"):
    daemon.wait(lambda: check(daemon, agent).json.get("decision", {}).get("reason") == "up_to_date")


def recorded(daemon, version):
    """How far an upgrade to it has come in the journal."""
    found = []
    for line in (daemon.folder / "state/agents/web/journal.jsonl").read_bytes().splitlines():
        if match := re.search(rb'"event":"(\w+)"', line) if line.endswith(b"}") else None:
            event, fields = match[1].decode(), line.decode()
            if event == "release" and f'"version":"{version}"' in fields or event == "begin" and f'"target":"{version}"' in fields:
                found = [*found[:ENTRIES.index(event)], event]
            elif found and event in ("phase", "note", "end"):
                found.append(re.search(r'"phase":"(\w+)"', fields)[1] if event == "phase" else event)
    return found


def finish(daemon, version):
    """The disk is well: what waits goes on by itself; what was given up before anything was touched is asked for again."""
    def over():
        if daemon.status("web")["operation"] is None and installed(daemon) != f"{version}-1":
            daemon.ask("POST", "/v1/agents/web/force")
        agent = daemon.status("web")
        return agent["operation"] is None and agent["installed"] == f"{version}-1" and agent["last_operation"]["result"] == "committed"
    daemon.wait(over)
    daemon.wait(lambda: health(daemon).status == 200, 90)   # looked at again at least once a minute


def test_at_each_write_of_an_upgrade_nothing_is_done_without_its_record(daemon, disk):
    daemon.start()
    up_to_date(daemon)
    up_to_date(daemon, "beside")
    ways, number = list(WAYS), 1
    for at, entry in enumerate(ENTRIES):
        for way in ways if LONG else [ways[at % len(ways)], ways[(at + 2) % len(ways)]]:
            number += 1
            before, version, where = installed(daemon), f"{number}.0.0", f"{way} at {entry}"
            call, error = WAYS[way]
            once = way == "sync"   # and then all is well: what was written is not to be trusted, but can be written again
            disk.breaks(call, error, at, 1 if once else -1)
            daemon.release(version, "web")
            check(daemon)
            daemon.wait(lambda: disk.struck)
            if not once:
                said = daemon.wait(lambda: (answer := health(daemon)).status == 503 and answer.text)
                assert "web: " in said and "journal.jsonl" in said and os.strerror(error) in said, (where, said)
                assert any("journal.jsonl" in line and os.strerror(error) in line for line in daemon.status("web")["warnings"]), where
                assert os.strerror(error) in daemon.log and daemon.ask("GET", "/readyz").status == 200
                if ENTRIES.index(entry) <= ENTRIES.index("note"):
                    assert installed(daemon) == before, where
                assert entry not in recorded(daemon, version)[at:], where
                refused = daemon.ask("POST", "/v1/agents/web/suspend", {"reason": "it is full"})
                assert refused.status == 503 and os.strerror(error) in refused.message, (where, refused.text)
                assert reason(daemon, "beside") == "up_to_date"   # the agent beside it is served
                disk.is_well()
            finish(daemon, version)
            disk.is_well()
            assert recorded(daemon, version)[-1] == "end", where
    assert check(daemon).json["decision"]["reason"] == "up_to_date"
    daemon.stop()
    daemon.start()
    up_to_date(daemon)   # every line is whole


def test_a_disk_that_is_read_only_from_the_start_is_said_and_survived(daemon, disk):
    daemon.start()
    up_to_date(daemon)
    daemon.stop()
    disk.breaks("open", errno.EROFS, text=f"{daemon.folder}/state/")
    daemon.release("2.0.0", "web")
    daemon.is_ready = lambda: is_up(daemon)
    daemon.start()
    said = daemon.wait(lambda: (answer := health(daemon)).status == 503 and answer.text)
    assert "journal.jsonl" in said and "Read-only file system" in said
    assert installed(daemon) == "1.0.0-1"
    disk.is_well()
    finish(daemon, "2.0.0")


def test_the_first_write_of_each_run_makes_the_name_durable_too(daemon, disk):
    """Who wrote before may have died between a rename and the sync of its folder."""
    daemon.start()
    up_to_date(daemon)
    daemon.stop()
    disk.breaks("sync", errno.EIO, skip=1, times=1, text="agents/web")   # the first is of the file
    daemon.start()
    assert daemon.ask("POST", "/v1/agents/web/suspend", {"reason": "a test"}).status == 200
    assert disk.struck and daemon.status("web")["suspended"]


BROKEN = {
    "folder": lambda journal: journal.mkdir(),
    "fifo": lambda journal: os.mkfifo(journal),
    "endless": lambda journal: os.truncate(os.open(journal, os.O_WRONLY | os.O_CREAT), 100 << 20),
    "noise": lambda journal: journal.write_bytes(os.urandom(5000) + b"\n"),
}


def test_broken_journals_cost_their_agents_and_nobody_else(daemon, disk):
    for name, breaks in BROKEN.items():
        daemon.play(name)
        folder = daemon.folder / f"state/agents/{name}"
        folder.mkdir(parents=True)
        breaks(folder / "journal.jsonl")
    daemon.play("foreign")
    (daemon.folder / "state/agents/foreign").mkdir()
    (daemon.folder / "state/agents/stray").write_text("no folder")
    disk.breaks("open", errno.EACCES, text="agents/foreign/")   # root would be let in
    daemon.is_ready = lambda: is_up(daemon)
    daemon.start()
    said = daemon.wait(lambda: (text := health(daemon).text).count(": the journal is damaged: ") == len(BROKEN) and "foreign: " in text and text)
    for name in BROKEN:
        assert re.search(f"^{name}: the journal is damaged: .", said, re.M), said
        assert reason(daemon, name) == "journal_damaged"
        assert daemon.ask("POST", f"/v1/agents/{name}/force").status == 503
    assert "foreign: the journal cannot be written" in said and "Permission denied" in said
    for agent in ("web", "beside"):
        daemon.release("2.0.0", agent)
        check(daemon, agent)
        daemon.wait(lambda agent=agent: installed(daemon, agent) == "2.0.0-1" and daemon.status(agent)["operation"] is None)
    for name in BROKEN:
        assert daemon.ask("POST", f"/v1/agents/{name}/resolve", {"as": "installed"}).json["done"]
        up_to_date(daemon, name)
        assert list((daemon.folder / f"state/agents/{name}").glob("journal.jsonl.damaged-*"))
    disk.is_well()
    up_to_date(daemon, "foreign")
    assert health(daemon).status == 200
