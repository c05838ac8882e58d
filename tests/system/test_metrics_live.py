# SPDX-License-Identifier: Apache-2.0
"""The metrics page of the real daemon, with agents in several states."""

import re
import time

import pytest
from conftest import BUILD, TESTS
from daemon import SHELL, Daemon
from promtool import promtool


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    """Agents: behind (suspended), here (at its target), dark (no channel), broken, gone (orphaned), damaged (its journal is)."""
    daemon = Daemon(tmp_path_factory.mktemp("metrics"), BUILD, agents={})
    for name, package in (("behind", "sed"), ("here", "bash"), ("gone", "grep"), ("damaged", "tar"), ("dark", "gzip")):
        daemon.configure(name, SHELL.format(folder=daemon.folder).replace("current", name).replace("bash", package))
        if name != "dark":
            daemon.release("99.0.0", name)
    daemon.start()
    try:
        for name in ("gone", "damaged"):
            assert daemon.cli("check", name).returncode == 0
        (daemon.folder / "agents.d/gone.toml").unlink()
        daemon.stop()
        journal = daemon.folder / "state/agents/damaged/journal.jsonl"
        journal.write_text(journal.read_text().replace('"seq', '"soq', 1) + journal.read_text())
        (daemon.folder / "agents.d/broken.toml").write_text("[source]\nuze = 1\n")
        daemon.start()
        for name in ("dark", "behind", "here"):
            assert daemon.cli("check", name).returncode == 0
        installed = re.search(r'agent="here",installed="([^"]+)"', daemon.metrics())[1]
        (daemon.folder / "channel/here/version").write_text(installed)
        assert daemon.cli("check", "here").returncode == 0
        assert daemon.cli("suspend", "--reason", "freeze", "behind").returncode == 0
        yield daemon
    finally:
        daemon.stop()


def test_promtool_has_nothing_to_say_of_the_page(daemon):
    page = daemon.metrics()
    assert promtool("check", "metrics", page=page) == (0, "")
    families = set(re.findall(r"^# TYPE (upkeep_\w+) ", page, re.MULTILINE))
    assert len(families) >= 30, sorted(families)


def test_promtool_would_find_a_page_that_is_wrong(daemon):
    assert promtool("check", "metrics", page=re.sub("^# HELP .*\n", "", daemon.metrics(), flags=re.MULTILINE))[0] != 0


@pytest.mark.parametrize("series, value", [
    ('upkeep_agents', 6),
    ('upkeep_agent_setup{agent="behind",state="configured"}', 1),
    ('upkeep_agent_setup{agent="broken",state="broken"}', 1),
    ('upkeep_agent_setup{agent="broken",state="configured"}', 0),
    ('upkeep_agent_setup{agent="gone",state="orphaned"}', 1),
    ('upkeep_agent_decision{agent="behind",action="wait",reason="suspended"}', 1),
    ('upkeep_agent_decision{agent="damaged",action="none",reason="journal_damaged"}', 1),
    ('upkeep_agent_decision{agent="here",action="none",reason="up_to_date"}', 1),
    ('upkeep_agent_suspended{agent="behind"}', 1),
    ('upkeep_agent_at_target{agent="behind"}', 0),
    ('upkeep_agent_at_target{agent="here"}', 1),
    ('upkeep_agent_schedules_open{agent="behind"}', 0),
    ('upkeep_journal_damaged{agent="damaged"}', 1),
    ('upkeep_channel_failing{agent="dark"}', 1),
    ('upkeep_channel_failing{agent="here"}', 0),
    ('upkeep_channel_last_success_timestamp_seconds{agent="dark"}', 0),
    ('upkeep_troubles', 1),
    ('upkeep_ready', 1),
])
def test_each_state_is_seen(daemon, series, value):
    assert daemon.samples().get(series) == value


def test_times_and_plugins_and_the_process_itself(daemon):
    samples = daemon.samples()
    now = time.time()
    for series in ('upkeep_channel_last_success_timestamp_seconds{agent="here"}', 'upkeep_agent_decision_timestamp_seconds{agent="here"}',
                   'process_start_time_seconds'):
        assert now - 600 < samples[series] <= now, series
    assert any(series.startswith('upkeep_plugin_info{kind="installer",name="apt",version="') for series in samples)
    assert samples["process_open_fds"] > 3 and samples["process_resident_memory_bytes"] > 1e6
    assert samples["process_start_time_seconds"] == daemon.samples()["process_start_time_seconds"]


def test_answers_and_bytes_and_appends_are_counted(daemon):
    before = daemon.samples()
    assert daemon.get("/no-such-address")[0] == 404
    assert daemon.cli("check", "here").returncode == 0
    assert daemon.cli("resume", "behind").returncode == 0
    assert daemon.cli("suspend", "--reason", "freeze", "behind").returncode == 0
    after = daemon.samples()

    def grown(series):
        return after[series] - before[series]
    assert grown('upkeep_api_requests_total{code="4xx"}') >= 1
    assert grown('upkeep_api_requests_total{code="2xx"}') >= 4
    assert grown('upkeep_channel_polls_total{agent="here"}') >= 1
    assert grown('upkeep_channel_read_bytes_total{agent="here"}') >= len("no")
    assert grown('upkeep_journal_appends_total{agent="behind"}') == 2
    assert grown('upkeep_journal_append_duration_seconds_count') >= 2


def test_every_series_of_the_page_is_described(daemon):
    table = (TESTS.parent / "conf/api/openapi.yaml").read_text()
    for family in re.findall(r"^# TYPE (\w+) ", daemon.metrics(), re.MULTILINE):
        assert f"| `{family}` |" in table, family


def test_an_orphan_that_is_forgotten_loses_its_series(daemon):
    assert daemon.cli("forget", "gone").returncode == 0
    assert 'agent="gone"' not in daemon.metrics()


def test_reading_again_and_again_leaves_nothing_behind_and_touches_no_disk(daemon):
    def io():
        lines = (daemon_io.split(": ") for daemon_io in open(f"/proc/{daemon.process.pid}/io").read().splitlines())
        return {name: int(value) for name, value in lines}
    for _ in range(50):
        daemon.metrics()
    before, began = daemon.samples(), io()
    for _ in range(300):
        daemon.metrics()
    after, ended = daemon.samples(), io()
    assert after["process_resident_memory_bytes"] - before["process_resident_memory_bytes"] < 1024 * daemon.allowed(512)
    assert after["process_open_fds"] <= before["process_open_fds"] + 1
    assert len(after) == len(before)
    # Less than a page each time: the kernel reads back pages of the program that it had dropped, and polls go on and are logged meanwhile.
    for kind in ("read_bytes", "write_bytes"):
        assert ended[kind] - began[kind] < 300 * 4096, kind
