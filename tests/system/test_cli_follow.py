# SPDX-License-Identifier: Apache-2.0
"""run, force and rollback show the operation live, and their exit status says how it ended."""

import os
import signal
import subprocess
import threading

from conftest import BUILD
from fake_api import WAIT, refusal
from test_cli_status import on_terminal

GOOD = [{"event": "phase", "phase": "applying", "detail": "1.2.3 -> 2.3.4"}, {"event": "progress", "percent": 40, "text": "unpacking"},
        {"event": "phase", "phase": "soaking", "detail": ""}, {"event": "phase", "phase": "committed", "detail": ""},
        {"event": "operation_ended", "result": "committed", "from": "1.2.3", "to": "2.3.4", "detail": ""}]
BAD = [{"event": "phase", "phase": "reverting", "detail": "crash loop"},
       {"event": "operation_ended", "result": "rolled_back", "from": "1.2.3", "to": "2.3.4", "detail": "unit web.service: crash loop"}]


def start(*words):
    return subprocess.Popen([BUILD / "daemon/cli/upkeep", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_phases_are_plain_lines_and_committed_is_0(api, upkeep):
    api.operation("run", *GOOD)
    answer = upkeep("run")
    assert answer.status == 0
    assert answer.out.splitlines() == ["operation op-1 of web; Ctrl-C leaves it running", "02:00:00Z  applying: 1.2.3 -> 2.3.4", "02:00:00Z  soaking",
                                       "02:00:00Z  committed", "committed 1.2.3 -> 2.3.4"]
    assert "\x1b" not in answer.out and "%" not in answer.out


def test_a_terminal_gets_a_progress_bar(api):
    api.operation("run", *GOOD)
    assert "[####......] 40%  unpacking" in on_terminal("run")


def test_a_release_that_was_taken_back_is_1_with_the_reason(api, upkeep):
    api.operation("run", *BAD)
    answer = upkeep("run")
    assert answer.status == 1
    assert answer.err == "upkeep: rolled_back 1.2.3 -> 2.3.4: unit web.service: crash loop\n"


def test_with_json_the_document_has_the_result_and_lines_go_to_standard_error(api, upkeep):
    api.operation("run", *BAD)
    answer = upkeep("run", "--json")
    assert answer.status == 1
    assert answer.json == {"agent": "web", "started": True, "operation": "op-1", "decision": WAIT, "result": "rolled_back",
                           "detail": "unit web.service: crash loop"}
    assert "reverting: crash loop" in answer.err


def test_nothing_to_do_is_0_for_run_and_1_for_who_forces(api, upkeep):
    idle = {"agent": "web", "started": False, "operation": None, "decision": WAIT}
    api.answers["POST", "/v1/agents/web/run"] = api.answers["POST", "/v1/agents/web/force"] = idle
    answer = upkeep("run")
    assert (answer.status, answer.out) == (0, "nothing started: every window is closed [outside_window]\n")
    assert upkeep("run", "--json").json == idle
    answer = upkeep("force")
    assert (answer.status, answer.err) == (1, "upkeep: nothing started: every window is closed [outside_window]\n")
    idle["decision"] = {**WAIT, "action": "none", "reason": "up_to_date"}
    assert upkeep("force").status == 0


def test_a_refusal_is_1(api, upkeep):
    api.answers["POST", "/v1/agents/web/run"] = 409, refusal("in_operation", "operation op-0 is soaking")
    answer = upkeep("run")
    assert (answer.status, answer.out, answer.err) == (1, "", "upkeep: operation op-0 is soaking\n")


def test_what_happens_elsewhere_is_not_shown(api, upkeep):
    api.operation("run", {"event": "phase", "phase": "stuck", "operation": "op-0"}, {"event": "operation_ended", "result": "stuck", "operation": "op-0"},
                  {"event": "phase", "phase": "stuck", "agent": "db"}, {"event": "operation_ended", "result": "failed", "agent": "db"}, *GOOD)
    answer = upkeep("run")
    assert answer.status == 0
    assert "stuck" not in answer.out


def test_a_rollback_in_a_soak_takes_the_operation_back(api, upkeep):
    api.operation("rollback", *BAD)
    api.answers["GET", "/v1/agents/web/history"] = {"operations": [{"id": "op-1", "reason": "window_open", "result": "rolled_back"}]}
    assert upkeep("rollback").status == 0


def test_a_rollback_that_was_itself_taken_back_failed(api, upkeep):
    api.operation("rollback", *BAD)
    api.answers["GET", "/v1/agents/web/history"] = {"operations": [{"id": "op-1", "reason": "rollback", "result": "rolled_back"}]}
    assert upkeep("rollback").status == 1
    api.operation("rollback", *GOOD)
    assert upkeep("rollback").status == 0


def test_who_gives_up_waiting_gets_3_and_the_operation_goes_on(api, upkeep):
    api.operation("run", GOOD[0])
    answer = upkeep("run", "--wait", "1s")
    assert answer.status == 3
    assert "gave up waiting; the operation goes on" in answer.err


def test_ctrl_c_leaves_the_operation_running_and_says_so(api):
    api.operation("run", GOOD[0])
    program = start("run")
    while "applying" not in program.stdout.readline():
        pass
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=10)
    assert program.returncode == 3
    assert "the operation goes on" in err
    assert len(api.posts()) == 1


def test_an_operation_outlives_a_restart_of_the_daemon(api):
    api.operation("run", GOOD[0])
    api.answers["GET", "/v1/agents/web/history"] = {"operations": [{"id": "op-1", "result": None}]}
    program = start("run")
    while "applying" not in program.stdout.readline():
        pass
    old = api.path
    api.stop()
    assert "the operation goes on, waiting for the daemon to come back" in program.stdout.readline()
    os.unlink(old)
    api.start()
    assert program.stdout.readline() == "the daemon is back\n"
    api.emit(*({"operation": "op-1", **event} for event in GOOD[2:]))
    out, _ = program.communicate(timeout=10)
    assert program.returncode == 0
    assert out.endswith("committed 1.2.3 -> 2.3.4\n")


def test_an_end_that_was_missed_is_found_in_the_history(api):
    api.operation("run", GOOD[0])
    api.answers["GET", "/v1/agents/web/history"] = {"operations": [
        {"id": "op-1", "result": "rolled_back", "reason": "window_open", "from": "1.2.3", "to": "2.3.4", "detail": "crash loop"}]}
    program = start("run")
    while "applying" not in program.stdout.readline():
        pass
    threading.Thread(target=api.end_streams).start()
    _, err = program.communicate(timeout=10)
    assert program.returncode == 1
    assert "rolled_back 1.2.3 -> 2.3.4: crash loop" in err
