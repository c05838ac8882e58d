# SPDX-License-Identifier: Apache-2.0
"""The real daemon and the real command line over the control socket; what others may do is tried as another user."""

import json
import os
import select
import signal
import subprocess
import time

import pytest
from conftest import BUILD
from daemon import NOBODY


def test_status_says_why_not_and_an_operator_can_suspend_and_resume(daemon):
    daemon.wait(lambda: json.loads(daemon.cli("status", "--json").stdout)["agents"][0]["installed"])
    agent = json.loads(daemon.cli("check", "--json").stdout)
    assert agent["offered"] == {"version": "99.0.0", "critical": False}
    assert daemon.cli("suspend", "--reason", "freeze", "--for", "1h").returncode == 0
    suspended = json.loads(daemon.cli("status", "--json").stdout)["agents"][0]["suspended"]
    assert suspended["reason"] == "freeze"
    assert suspended["actor"].endswith(f"(uid {os.geteuid()})")
    assert daemon.cli("resume").returncode == 0
    assert json.loads(daemon.cli("status", "--json").stdout)["agents"][0]["suspended"] is None


@pytest.mark.parametrize("group, reads", [(NOBODY, True), (12345, False)])
def test_another_user_is_judged_by_the_kernels_word(daemon, group, reads):
    """nogroup (65534) is this daemon's reading group."""
    status = daemon.cli("status", user=NOBODY, group=group, extra_groups=[])
    assert (status.returncode, "group nogroup or upkeep-admin" in status.stderr) == ((0, False) if reads else (1, True)), status.stderr
    change = daemon.cli("suspend", "--reason", "r", "shell", user=NOBODY, group=group, extra_groups=[])
    assert change.returncode == 1
    assert "group upkeep-admin" in change.stderr
    assert json.loads(daemon.cli("status", "--json").stdout)["agents"][0]["suspended"] is None


def test_a_supplementary_group_counts_too(daemon):
    assert daemon.cli("status", user=NOBODY, group=12345, extra_groups=[4, NOBODY]).returncode == 0


def test_over_tcp_there_is_health_and_metrics_only(daemon):
    assert daemon.get("/healthz") == (200, "ok\n")
    assert 'upkeep_agent_phase{agent="shell"' in daemon.get("/metrics")[1]
    assert daemon.get("/v1/agents")[0] == 404


def test_a_pipe_that_broke_does_not_end_it(new_daemon):
    """OpenSSL writes to a connection whose other end is gone without asking for an error instead of the signal."""
    daemon = new_daemon()
    daemon.start()
    daemon.process.send_signal(signal.SIGPIPE)
    daemon.process.send_signal(signal.SIGHUP)     # taken later than the first
    daemon.wait(lambda: daemon.cli("status").returncode == 0)
    assert daemon.process.poll() is None


def test_sigterm_ends_streams_and_takes_the_socket_away(daemon):
    events = subprocess.Popen([BUILD / "daemon/cli/upkeep", "--socket", daemon.socket, "events", "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)

    def reads():
        daemon.cli("suspend", "--reason", "until the stream reads")
        return select.select([events.stdout], [], [], 0.1)[0]
    daemon.wait(reads)
    began = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 2
    _, err = events.communicate(timeout=10)
    assert events.returncode == 4, err
    assert not daemon.socket.exists()
    assert daemon.cli("status").returncode == 4


def test_sigkill_leaves_a_socket_that_the_next_daemon_replaces(daemon):
    daemon.process.kill()
    daemon.process.wait()
    assert daemon.socket.exists()
    assert daemon.cli("status").returncode == 4
    daemon.start()
    assert daemon.cli("status").returncode == 0
