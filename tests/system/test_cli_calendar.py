# SPDX-License-Identifier: Apache-2.0
"""`schedule show` on a terminal: a calendar that is right on the days on which clocks change, too."""

import datetime
import re

import pytest
from conftest import BUILD
from terminal import Terminal

HEAD = '[source]\nuse = "file"\npath = "/srv"\nchannel = "c"\n[installer]\nuse = "apt"\npackage = "demo"\n'


def draw(*words, **environment):
    terminal = Terminal([BUILD / "daemon/cli/upkeep", "schedule", "show", *words], NO_COLOR="1", UPKEEP_PLUGINS=str(BUILD / "plugins-built"), **environment)
    assert terminal.end() == 0
    assert not [line for line in terminal.raw.decode().splitlines() if len(line) > 80]
    return terminal.raw.decode().replace("\r", "").splitlines()


@pytest.fixture
def calendar(tmp_path):
    """calendar(SCHEDULE, FROM, UNTIL): {day: (cells, words)} and the lines below."""
    def calendar(schedule, start, until=None, zone="UTC"):
        (tmp_path / "demo.toml").write_text(f'{HEAD}[[schedule]]\nuse = "window"\n{schedule}\ntime_zone = "{zone}"\n')
        lines = draw("--config", tmp_path / "demo.toml", "--from", start, *(["--until", until] if until else []))
        assert f"Times are {zone}." in lines[0]
        rows = [re.fullmatch(r"[> ] (\w{3} \d\d \w{3}) \|(.{48})\|(.*)", line) for line in lines]
        return {row[1]: (row[2], row[3].strip()) for row in rows if row}, lines[-3:]
    return calendar


def cells(*hours):
    """The strip in which the half hours from `start` up to `end` are open, in hours."""
    strip = ["."] * 48
    for start, end in hours:
        strip[int(start * 2):int(end * 2)] = "#" * int((end - start) * 2)
    return "".join(strip)


def test_two_weeks_with_the_windows_in_their_own_time(calendar):
    days, _ = calendar('days = ["Tue", "Thu"]\nstart = "02:00"\nlength = "1h"', "2027-01-04T00:00:00+01:00", zone="Europe/Berlin")
    assert len(days) == 14 and list(days)[0] == "Mon 04 Jan"
    assert days["Tue 05 Jan"] == (cells((2, 3)), "02:00-03:00")
    assert days["Wed 06 Jan"] == (cells(), "")
    assert [day for day, (_, words) in days.items() if words] == ["Tue 05 Jan", "Thu 07 Jan", "Tue 12 Jan", "Thu 14 Jan"]


def test_a_terminal_that_is_too_narrow_gets_the_list(tmp_path):
    (tmp_path / "demo.toml").write_text(f'{HEAD}[[schedule]]\nuse = "window"\ndays = ["Tue"]\nstart = "02:00"\nlength = "1h"\n')
    said = draw("--config", tmp_path / "demo.toml", "--from", "2027-01-04T00:00:00Z", columns=79)
    assert said == ["2027-01-05T02:00:00Z  to  2027-01-05T03:00:00Z  (window)", "2027-01-12T02:00:00Z  to  2027-01-12T03:00:00Z  (window)"]
    assert draw("--config", tmp_path / "demo.toml", "--from", "2027-01-04T00:00:00Z", columns=80)[0].startswith("Upgrades may start where #")


def test_a_window_over_midnight_is_on_both_days(calendar):
    days, _ = calendar('days = ["Sat"]\nstart = "22:30"\nend = "04:00"', "2027-01-08T00:00:00Z")
    assert days["Sat 09 Jan"] == (cells((22.5, 24)), "from 22:30")
    assert days["Sun 10 Jan"] == (cells((0, 4)), "until 04:00")


def test_a_window_up_to_midnight_ends_at_24(calendar):
    days, _ = calendar('start = "23:00"\nlength = "1h"', "2027-01-08T00:00:00Z")
    assert days["Sat 09 Jan"] == (cells((23, 24)), "23:00-24:00")


@pytest.mark.parametrize("start", ["00:00", "02:14", "02:29", "23:59"])
def test_a_window_of_a_minute_is_seen(calendar, start):
    days, _ = calendar(f'days = ["Sat"]\nstart = "{start}"\nlength = "1m"', "2027-01-08T00:00:00Z")
    assert days["Sat 09 Jan"][0].count("#") == 1
    assert days["Sat 09 Jan"][1].startswith(start)


def test_several_windows_a_day_are_counted(calendar):
    windows = ", ".join(f'{{start = "{start}", length = "{length}"}}' for start, length in (("01:00", "30m"), ("13:00", "2h"), ("20:00", "1h")))
    days, _ = calendar(f"windows = [{windows}]", "2027-01-08T00:00:00Z")
    assert days["Fri 08 Jan"] == (cells((1, 1.5), (13, 15), (20, 21)), "01:00-01:30 +2")


def test_a_week_is_whole_days(calendar):
    days, _ = calendar('days = ["Fri#2"]\nstart = "12:00"\nlength = "7d"', "2027-01-04T00:00:00Z", "2027-01-18T00:00:00Z")
    assert days["Thu 07 Jan"] == (cells(), "")
    assert days["Fri 08 Jan"] == (cells((12, 24)), "from 12:00")
    assert all(days[f"{name} Jan"] == ("#" * 48, "all day") for name in ("Sat 09", "Wed 13", "Thu 14"))
    assert days["Fri 15 Jan"] == (cells((0, 12)), "until 12:00")


def test_always_and_never(calendar):
    days, below = calendar("always = true", "2027-01-04T00:00:00Z")
    assert set(days.values()) == {("#" * 48, "all day")}
    days, below = calendar("never = true", "2027-01-04T00:00:00Z")
    assert set(days.values()) == {(cells(), "")}
    assert below[-1] == "Not open at any time in these days."


def test_where_the_clocks_skip_an_hour_there_is_none(calendar):
    days, below = calendar('start = "01:00"\nend = "04:00"', "2027-03-27T00:00:00+01:00", zone="Europe/Berlin")
    assert days["Sat 27 Mar"][0] == cells((1, 4))
    assert days["Sun 28 Mar"] == (cells((1, 4))[:4] + "  " + cells((1, 4))[6:], "01:00-04:00")
    assert below[-1] == "On Sun 28 Mar the clocks change."


def test_where_an_hour_comes_twice_it_is_open_when_one_of_them_is(calendar):
    days, below = calendar('start = "02:00"\nlength = "30m"', "2027-10-30T00:00:00+02:00", zone="Europe/Berlin")
    assert days["Sun 31 Oct"] == (cells((2, 2.5)), "02:00-02:30")
    assert below[-1] == "On Sun 31 Oct the clocks change."
    days, _ = calendar('start = "01:30"\nlength = "2h"', "2027-10-30T00:00:00+02:00", zone="Europe/Berlin")
    assert days["Sun 31 Oct"] == (cells((1.5, 3)), "01:30-02:30")  # two hours of elapsed time


def test_a_day_that_begins_at_one_o_clock(calendar):
    """Midnight does not exist on that day in Santiago."""
    days, _ = calendar("always = true", "2027-09-04T00:00:00-04:00", zone="America/Santiago")
    assert days["Sun 05 Sep"] == ("  " + "#" * 46, "all day")


def test_the_first_day_begins_when_it_is_asked_for(calendar):
    days, _ = calendar('start = "02:00"\nlength = "10h"', "2027-01-04T06:00:00Z")
    assert days["Mon 04 Jan"] == (" " * 12 + cells((2, 12))[12:], "06:00-12:00")


def rfc(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def shown(api):
    """shown(start, end, zone): what the daemon's document looks like, the window given in minutes from now."""
    def shown(start, end, zone=None):
        now = datetime.datetime.now(datetime.timezone.utc)
        window = {"start": rfc(now + datetime.timedelta(minutes=start)), "schedules": ["window"],
                  "end": None if end is None else rfc(now + datetime.timedelta(minutes=end))}
        api.answers["GET", "/v1/agents/web/schedule"] = {"windows": [window], "time_zone": zone}
        return draw()
    return shown


def test_the_next_opening_is_said_in_words_and_today_is_marked(shown):
    lines = shown(125, 185)
    assert re.fullmatch(r"Opens next on \w{3} \d\d \w{3}, \d\d:\d\d \(in 2h 5m\), for 1h\.", lines[-1])
    assert len([line for line in lines if line.startswith("> ")]) == 1
    assert lines[4].startswith("> ")
    assert re.fullmatch(r"Open now, until \w{3} \d\d \w{3}, \d\d:\d\d \(for another 3[01]m\)\.", shown(-60, 31)[-1])
    assert shown(-60, None)[-1] == "Open now, and no end of it is known."


def test_the_zone_is_named_and_one_that_this_system_has_not_is_utc(shown):
    assert "Times are Europe/Berlin." in shown(60, 120, "Europe/Berlin")[0]
    for odd in (None, "Moon/Base", "../../etc/passwd", "/etc/passwd", "\x1b[2J"):
        assert "Times are UTC." in shown(60, 120, odd)[0]


def test_the_daemon_and_a_file_say_the_zone_when_there_is_one(upkeep, tmp_path):
    def zone(*zones):
        schedules = "".join(f'[[schedule]]\nuse = "window"\nalways = true\ntime_zone = "{name}"\n' for name in zones)
        (tmp_path / "demo.toml").write_text(HEAD + schedules)
        return upkeep("schedule", "show", "--config", tmp_path / "demo.toml", "--json").json["time_zone"]
    assert zone("Europe/Berlin") == zone("Europe/Berlin", "Europe/Berlin") == "Europe/Berlin"
    assert zone("Europe/Berlin", "Asia/Tokyo") is None


def test_more_days_than_a_screen_has_are_a_list(api):
    api.answers["GET", "/v1/agents/web/schedule?from=2027-01-01T00%3A00%3A00Z&until=2027-12-31T00%3A00%3A00Z"] = {
        "windows": [{"start": "2027-01-06T02:00:00Z", "end": None, "schedules": ["window"]}], "time_zone": None}
    assert draw("--from", "2027-01-01T00:00:00Z", "--until", "2027-12-31T00:00:00Z") == ["2027-01-06T02:00:00Z  to  no known end  (window)"]


def test_a_terminal_that_cannot_draw_gets_the_list(shown, api):
    shown(60, 120)
    assert re.fullmatch(r"\S+Z  to  \S+Z  \(window\)", draw(TERM="dumb")[0])
