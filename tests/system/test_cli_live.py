# SPDX-License-Identifier: Apache-2.0
"""What a person sees who follows an operation on a real terminal."""

import re
import time

import pytest
from conftest import BUILD
from terminal import Terminal

PREPARING = {"event": "phase", "phase": "preparing", "from": "1.2.3-1", "to": "2.3.4-1"}
APPLYING = {"event": "phase", "phase": "applying", "detail": "web 1.2.3-1 -> 2.3.4-1"}
SOAKING = {"event": "phase", "phase": "soaking", "detail": "for 2m"}
END = {"event": "operation_ended", "result": "committed", "from": "1.2.3-1", "to": "2.3.4-1", "detail": "healthy for 2m"}


@pytest.fixture
def follow(api):
    """follow(events...): `upkeep run` on a terminal, and how events are sent to it later."""
    started = []

    def follow(*events, **options):
        api.operation("run", *events)
        started.append(Terminal([BUILD / "daemon/cli/upkeep", "run"], **options))
        return started[-1], lambda *more: api.emit(*({"operation": "op-1", **event} for event in more))
    yield follow
    for terminal in started:
        terminal.program.kill()


def shows(text):
    return lambda screen: any(text in line for line in screen)


def test_phases_that_are_over_stay_and_the_one_that_goes_on_has_a_bar(follow):
    terminal, emit = follow(PREPARING, APPLYING, {"event": "progress", "percent": 40, "text": "unpacking web"})
    terminal.wait_for(shows("40%"))
    assert terminal.screen[0] == "operation op-1 of web; Ctrl-C leaves it running"
    assert re.fullmatch(r"02:00:00Z  preparing        \ds  1\.2\.3-1 -> 2\.3\.4-1", terminal.screen[1])
    assert re.fullmatch(r"02:00:00Z  applying         \ds  \[####\.{6}\] 40%  unpacking web", terminal.screen[2])
    emit({**SOAKING, "time": "2027-01-05T02:00:09Z"}, {"event": "progress", "percent": 25, "text": "1m30s left, all probes hold"})
    terminal.wait_for(shows("25%"))
    assert re.fullmatch(r"02:00:00Z  applying         \ds  web 1\.2\.3-1 -> 2\.3\.4-1", terminal.screen[2])
    assert re.fullmatch(r"02:00:09Z  soaking          \ds  \[##\.{8}\] 25%  1m30s left, all probes hold", terminal.screen[3])
    emit(END)
    assert terminal.end() == 0
    assert len(terminal.screen) == 5
    assert re.fullmatch(r"committed 1\.2\.3-1 -> 2\.3\.4-1( in \ds)?: healthy for 2m", terminal.screen[4])
    assert "\x1b[32mcommitted\x1b[0m" in terminal.raw.decode()


def test_the_time_goes_on_while_nothing_is_heard(follow):
    terminal, emit = follow(APPLYING)
    terminal.wait_for(shows(" 2s "))
    emit(END)
    assert terminal.end() == 0
    assert re.search(r" in [2-9]s: ", terminal.screen[-1])


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_the_live_line_never_wraps(follow, columns):
    terminal, emit = follow(APPLYING, {"event": "progress", "percent": 40, "text": "漢字" * 100}, columns=columns)
    terminal.wait_for(shows("40%"))
    emit({"event": "progress", "percent": 50, "text": "x" * 300})
    terminal.wait_for(shows("50%"))
    assert not shows("40%")(terminal.screen)
    assert len(terminal.screen) == (2 if columns > 47 else 3)  # the first line is a plain one
    emit(END)
    assert terminal.end() == 0


def test_ctrl_c_leaves_the_operation_running_and_says_so(api, follow):
    terminal, _ = follow(APPLYING)
    terminal.wait_for(shows("applying"))
    terminal.type("\x03")
    assert terminal.end() == 3
    assert "upkeep: interrupted; the operation goes on (upkeep status)" in terminal.screen
    assert len(api.posts()) == 1


def test_ctrl_c_before_it_began_promises_nothing(api):
    api.answers["POST", "/v1/agents/web/run"] = lambda _: time.sleep(3) or {"started": False}
    terminal = Terminal([BUILD / "daemon/cli/upkeep", "run"])
    terminal.wait_for(shows("asking the daemon"))
    terminal.type("\x03")
    assert terminal.end() == 3
    assert shows("what was asked for may begin all the same")(terminal.screen)


def test_a_release_that_was_taken_back_ends_in_red(follow):
    terminal, _ = follow(SOAKING, {"event": "phase", "phase": "reverting", "detail": "unhealthy: unit web.service: crash loop"},
                         {**END, "result": "rolled_back", "detail": "crash loop"})
    assert terminal.end() == 1
    assert re.fullmatch(r"02:00:00Z  reverting        \ds  unhealthy: unit web\.service: crash loop", terminal.screen[2])
    assert "\x1b[31mupkeep:\x1b[0m rolled_back 1.2.3-1 -> 2.3.4-1: crash loop" in terminal.raw.decode()


def test_nothing_to_do_leaves_one_line(api):
    api.answers["POST", "/v1/agents/web/run"] = {"started": False, "operation": None, "decision": {"reason": "up_to_date", "text": "1.2.3 is installed"}}
    terminal = Terminal([BUILD / "daemon/cli/upkeep", "run"])
    assert terminal.end() == 0
    assert terminal.screen == ["nothing started: 1.2.3 is installed [up_to_date]"]
