# SPDX-License-Identifier: Apache-2.0
"""Hooks as real processes of the real daemon: what they are told, how long they may take, what is kept of what they say, and that
they end with the daemon and run again after it."""

import json
import os
import pathlib
import signal

import pytest
from machine.shell import alive
from machine.wait import wait_until


def script(folder, name, text):
    path = pathlib.Path(folder) / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def written(path):
    return path.exists() and path.read_text().endswith("\n") and path.read_text()


@pytest.fixture
def hooked(new_daemon):
    """hooked({hook: (script's text, timeout)}): a daemon whose agent `web` begins an upgrade to 2.0.0 at once."""
    def hooked(hooks):
        daemon = new_daemon()
        more = ""
        for name, (text, timeout) in hooks.items():
            path = script(daemon.folder, name, text.replace("{folder}", str(daemon.folder)))
            more += f'[hooks.{name}]\ncommand = ["{path}", "an argument"]\ntimeout = "{timeout}"\n'
        daemon.play("web", more=more)
        daemon.release("2.0.0", "web")
        return daemon.start()
    return hooked


def operation(daemon):
    """The first one; None while there is none."""
    operations = daemon.ask("GET", "/v1/agents/web/history").json["operations"]
    return operations[-1] if operations else None


def hook_records(daemon):
    return [one["lines"] for one in operation(daemon)["record"] if one["topic"] == "hook"]


def test_a_hook_is_told_what_it_is_about_and_nothing_else(hooked):
    daemon = hooked({name: ('printf "%s\\n" "$1" > {folder}/arg; env | sort > {folder}/NAME.env\n'.replace("NAME", name), "5m")
                     for name in ("before_apply", "after_apply", "after_commit")})
    wait_until("after_commit has ended", lambda: operation(daemon) and len(hook_records(daemon)) == 3)
    one = operation(daemon)
    assert one["result"] == "committed"
    assert (daemon.folder / "arg").read_text() == "an argument\n"
    for name in ("before_apply", "after_apply", "after_commit"):
        said = dict(line.split("=", 1) for line in (daemon.folder / f"{name}.env").read_text().splitlines())
        assert said == {"UPKEEP_AGENT": "web", "UPKEEP_FROM": "1.0.0-1", "UPKEEP_TO": "2.0.0-1", "UPKEEP_OPERATION": one["id"], "PWD": "/",
                        "LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def test_past_its_deadline_the_whole_group_is_gone_and_the_operation_refused(hooked):
    daemon = hooked({"before_apply": ('sleep 1000 & echo $$ $! > {folder}/pids; echo "waiting for 3 sessions"; wait\n', "1s"),
                     "after_rollback": ('echo undone > {folder}/undone\n', "5m")})
    wait_until("the operation is refused", lambda: (operation(daemon) or {}).get("result") == "refused")
    assert "did not end within 1s; it said last: waiting for 3 sessions" in operation(daemon)["detail"]
    for pid in map(int, (daemon.folder / "pids").read_text().split()):
        wait_until(f"{pid} is gone", lambda pid=pid: not alive(pid))
    wait_until("what it did is undone", lambda: written(daemon.folder / "undone"))
    assert daemon.file("web", "installed").read_text() == "1.0.0-1"
    assert 'upkeep_hook_failures_total{agent="web",hook="before_apply"} 1' in daemon.ask("GET", "/metrics").text


def test_of_what_it_says_the_last_lines_are_kept(hooked):
    daemon = hooked({"after_commit": ('i=0; while [ $i -lt 40000 ]; do echo "line $i of a long story"; i=$((i+1)); done; echo the end; exit 7\n', "5m")})
    wait_until("after_commit has ended", lambda: operation(daemon) and hook_records(daemon))
    lines, = hook_records(daemon)
    assert "exit status 7" in lines[0]
    assert lines[-2:] == ["line 39999 of a long story", "the end"]
    assert len(lines) == 21 and sum(map(len, lines)) < 4096
    assert operation(daemon)["result"] == "committed"
    assert any("after_commit" in warning and "the end" in warning for warning in daemon.status("web")["warnings"])
    page = daemon.cli("history", "web", "--operation", operation(daemon)["id"][:-1]).stdout
    assert "  hook, " in page and "    the end\n" in page
    assert json.loads(daemon.cli("history", "web", "--operation", operation(daemon)["id"], "--json").stdout) == {"operations": [operation(daemon)]}
    assert daemon.cli("history", "web", "--operation", "nonsense").returncode == 1


@pytest.mark.parametrize("hook", ["after_commit", "after_apply"])
def test_it_is_killed_with_the_daemon_and_runs_again(hooked, hook):
    """SIGKILL, and no service manager that would take the daemon's processes away."""
    daemon = hooked({hook: ('echo "$$ $UPKEEP_OPERATION" >> {folder}/ran; test -e {folder}/quick || exec sleep 1000\n', "5m")})
    ran = daemon.folder / "ran"
    pid, first = wait_until("it runs", lambda: written(ran)).split()
    if hook == "after_commit":
        decision = daemon.status("web")["decision"]
        assert decision["reason"] == "in_operation" and f"hook after_commit of operation {first}" in decision["text"]
        assert daemon.ask("POST", "/v1/agents/web/run").code == "in_operation"
    os.kill(daemon.process.pid, signal.SIGKILL)
    daemon.process.wait()
    wait_until("it is gone", lambda: not alive(int(pid)))
    (daemon.folder / "quick").touch()
    daemon.start()
    wait_until("it has run again", lambda: (operation(daemon) or {}).get("result") == "committed" and hook_records(daemon))
    assert [line.split()[1] for line in ran.read_text().splitlines()] == [first, first]
    assert len(hook_records(daemon)) == 1
