# SPDX-License-Identifier: Apache-2.0
"""The manual pages as they are installed, and the reference of keys that is made from the tables."""

import gzip
import os
import re
import subprocess

import pytest
from conftest import BUILD
from test_cli_help import COMMANDS

PAGES = ["upkeep.1", "upkeepd.8", "upkeep.toml.5", "upkeep-agent.toml.5"]


def page(name):
    return gzip.decompress((BUILD / "man" / f"{name}.gz").read_bytes()).decode()


def rendered(name, tmp_path):
    """As `man` shows it, on one line, so that nothing is broken by the width."""
    (tmp_path / name).write_text(page(name))
    done = subprocess.run(["man", "-l", "--warnings", "-E", "UTF-8", tmp_path / name], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "MANWIDTH": "200", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stderr) == (0, "")
    return re.sub(r"\s+", " ", re.sub(r".\x08", "", done.stdout))


@pytest.mark.parametrize("name", PAGES)
def test_it_is_good_mdoc_and_reads_well(name, tmp_path):
    (tmp_path / name).write_text(page(name))
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", tmp_path / name], capture_output=True, text=True, timeout=60)
    assert (lint.returncode, lint.stdout) == (0, "")
    text = rendered(name, tmp_path)
    assert "NAME" in text and "SEE ALSO" in text
    assert not re.search(r"@\w+@", text), "all is filled in"


def test_the_page_of_the_commands_has_each_with_every_option(upkeep, tmp_path):
    text = rendered("upkeep.1", tmp_path)
    leaves = [command for command in COMMANDS if command not in ("schedule", "channel", "store", "config")]
    for command in leaves:
        told = upkeep(*command.split(), "--help").out
        options = set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", told, re.MULTILINE)) - {"--help"}
        assert options, command
        at = re.search(rf" {command} (?:(?!Examples).)*?{re.escape(told.splitlines()[0])}", text)
        assert at, f"{command} is not described by its own words"
        for option in options:
            assert option in text, option
    assert "complete-words" not in text and "fill-manual" not in text


def test_the_page_of_the_commands_has_the_groups_of_the_help(upkeep):
    groups = re.findall(r"^\.Ss (.+)$", page("upkeep.1"), re.MULTILINE)
    assert groups == [line[:-1] for line in re.findall(r"^[A-Z].+:$", upkeep("--help").out, re.MULTILINE) if line not in ("Options:", "Examples:")]


def keys_of(upkeep):
    answer = upkeep("config", "keys", "--json")
    assert answer.status == 0 and answer.json["warnings"] == []
    return answer.json["tables"]


def test_config_keys_lists_every_table_with_plugins(upkeep):
    tables = {(table["file"], table["table"], table["plugin"]): [key["name"] for key in table["keys"]] for table in keys_of(upkeep)}
    assert {"socket", "listen"} <= set(tables["upkeep.toml", "control", None])
    assert {"soak", "unit"} <= set(tables["agents.d/AGENT.toml", "health", None])
    assert {"use", "interval"} <= set(tables["agents.d/AGENT.toml", "health.probe", None])
    assert {"downgrade", "max_age"} <= set(tables["agents.d/AGENT.toml", "policy", None])
    assert {"url", "channel"} <= set(tables["agents.d/AGENT.toml", "source", "https"])
    assert {"days", "start"} <= set(tables["agents.d/AGENT.toml", "schedule.windows", "window"])
    built = {tuple(path.stem.split("-", 1)) for path in (BUILD / "plugins-built").glob("*.so")}
    assert {(name.split(".")[0], plugin) for _, name, plugin in tables if plugin} == built
    for table in keys_of(upkeep):
        for key in table["keys"]:
            assert set(key) == {"name", "type", "required", "default", "help", "secret"}
            assert key["help"], f"{table['table']}.{key['name']} has no help"


def test_config_keys_for_people(upkeep):
    out = upkeep("config", "keys").out
    assert '[[schedule]] with use = "window"\n  ' in out
    assert re.search(r"  soak +how long every probe must hold .*\n? +.*duration, default 2m\)", out)
    assert not [line for line in out.splitlines() if len(line) > 80]


def test_a_plugin_that_is_none_is_named(upkeep, tmp_path):
    (tmp_path / "source-broken.so").write_text("no ELF")
    answer = upkeep("config", "keys", "--json", UPKEEP_PLUGINS=str(tmp_path))
    assert answer.status == 1
    assert "source-broken.so" in answer.json["warnings"][0]


@pytest.mark.parametrize("name, file", [("upkeep.toml.5", "upkeep.toml"), ("upkeep-agent.toml.5", "agents.d/AGENT.toml")])
def test_the_pages_have_just_the_keys_there_are(upkeep, name, file, tmp_path):
    mine = [table for table in keys_of(upkeep) if table["file"] == file]
    wanted = [key["name"] for table in mine for key in table["keys"]]
    told = re.findall(r'^\.It Ic "([^"]+)" Pq ', page(name), re.MULTILINE)
    assert told == wanted
    text = rendered(name, tmp_path)
    for table in mine:
        for key in table["keys"]:
            said = f"{key['name']} ("
            assert said in text and key["help"] in text, key["name"]
    secret = [key["name"] for table in mine for key in table["keys"] if key["secret"]]
    assert re.findall(r'^\.It Ic "([^"]+)" Pq "[^"]*, secret"$', page(name), re.MULTILINE) == secret


def test_a_placeholder_that_is_none_fails_the_build(tmp_path):
    done = subprocess.run([BUILD / "daemon/cli/upkeep", "fill-manual"], input="@comands@\n", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "upkeep: there is no @comands@ to fill in\n")
