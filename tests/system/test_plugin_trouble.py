# SPDX-License-Identifier: Apache-2.0
"""Plugins that are no good, in a real daemon: each costs the agents that use it, is named with its file and the reason, and the agents beside
it go on. The modules are built by the tests (tests/support/modules)."""

import json
import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD
from daemon_process import let_others_in
from plugin_daemon import PluginDaemon

MODULES = BUILD / "test-modules"
REFUSED = {
    "wrong-abi": r"it was built for plugin abi 7, this Upkeep has \d+; build it again",
    "wrong-signature": r'it was built with "another compiler", this Upkeep with "gcc-abi .*"; build it again',
    "no-symbol": "is no plugin of Upkeep: it does not export upkeep_plugin",
    "wrong-name": 'holds the schedule plugin "other", which another file name stands for',
    "twice": 'its table of keys has "a" twice',
    "no-elf": "is no shared library",
    "empty": "is empty",
    "folder": "is no regular file",
    "needy": r"cannot be loaded: libmissing\.so\.: cannot open shared object file",
}
RUNTIME = [("schedule", "refresh"), ("schedule", "verdict"), ("installer", "inspect"), ("installer", "keep"), ("installer", "changed"),
           ("source", "poll"), ("source", "origin")]


def schedule(name, more=""):
    return f'[[schedule]]\nuse = "{name}"\n{more}'


@pytest.fixture
def plugins(tmp_path):
    """The real plugins and the bad ones."""
    folder = tmp_path / "plugins"
    shutil.copytree(BUILD / "plugins-built", folder)
    for module in MODULES.glob("*.so"):
        shutil.copy(module, folder)
    (folder / "schedule-no-elf.so").write_text("#!/bin/sh\nexit 0\n")
    (folder / "schedule-empty.so").write_text("")
    (folder / "schedule-folder.so").mkdir()
    good = (MODULES / "schedule-good.so").read_bytes()
    assert b"libstdc++.so.6" in good
    (folder / "schedule-needy.so").write_bytes(good.replace(b"libstdc++.so.6", b"libmissing.so.", 1))
    return folder


@pytest.fixture
def daemon(tmp_path, plugins):
    daemon = PluginDaemon(tmp_path, plugin_folder=plugins)
    daemon.agent("good")
    yield daemon
    daemon.stop()


def goes_on(daemon):
    """The agent beside them is looked after."""
    assert daemon.alive, daemon.log
    good = daemon.wait_agent("good", lambda agent: agent["offered"] and agent["decision"]["reason"] != "config_error")
    assert good["offered"]["version"] == "99.0.0"
    assert json.loads(daemon.cli("check", "good", "--json").stdout)["offered"]["version"] == "99.0.0"


def test_a_plugin_that_cannot_be_used_is_refused_with_file_and_reason(daemon, plugins):
    for name in REFUSED:
        daemon.agent(name, schedule(name))
    checked = daemon.check_config()
    assert checked.returncode == 1
    daemon.start()
    for name, reason in REFUSED.items():
        said = rf"{name}\.toml:6: schedule\[0\]\.use: schedule plugin \"{name}\": {re.escape(str(plugins))}/schedule-{name}\.so: {reason}"
        assert re.search(said, checked.stdout), f"{name}:\n{checked.stdout}"
        decision = daemon.wait_agent(name, lambda agent: agent["decision"]["text"] != "starting")["decision"]
        assert decision["reason"] == "config_error" and re.search(said, decision["text"]), decision
        refusal = daemon.cli("run", name)
        assert refusal.returncode == 1 and re.search(reason, refusal.stderr), refusal
    goes_on(daemon)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file that this user cannot read")
def test_a_plugin_that_may_not_be_read_is_refused(daemon, plugins):
    shutil.copy(MODULES / "schedule-good.so", plugins / "schedule-secret.so")
    (plugins / "schedule-secret.so").chmod(0)
    daemon.agent("secret", schedule("secret"))
    let_others_in(plugins)
    done = subprocess.run([BUILD / "daemon/cli/upkeep", "config", "check", daemon.folder], user=65534, group=65534, extra_groups=[],
                          capture_output=True, text=True, timeout=60, env={"UPKEEP_PLUGINS": str(plugins)})
    assert "schedule-secret.so: cannot be read: Permission denied" in done.stdout, done


@pytest.mark.parametrize("foreign", ["false", "true"])
def test_a_factory_or_a_check_that_throws_is_an_error_of_its_agent(daemon, plugins, foreign):
    what = "something that is no std::exception" if foreign == "true" else '"out of luck"'
    for method in ("factory", "check"):
        daemon.agent(method, schedule("throwing", f'throws = "{method}"\nforeign = {foreign}\n'))
    checked = daemon.check_config()
    assert f"check.toml:6: schedule[0].use: a bug in the plugin: its check of this table threw {what}" in checked.stdout, checked
    daemon.start()
    for method, said in (("factory", f"({plugins}/schedule-throwing.so): its factory threw {what}"), ("check", f"threw {what}")):
        decision = daemon.wait_agent(method, lambda agent: agent["decision"]["text"] != "starting")["decision"]
        assert decision["reason"] == "config_error" and said in decision["text"], decision
    goes_on(daemon)


@pytest.mark.parametrize("foreign", ["false", "true"])
def test_a_method_that_throws_costs_its_own_agent_only(daemon, plugins, foreign):
    """Those that are called while nothing is upgraded, all at once; the engine layer has the others."""
    what = "something that is no std::exception" if foreign == "true" else '"out of luck"'
    for kind, method in RUNTIME:
        table = f'use = "throwing"\nthrows = "{method}"\nforeign = {foreign}\n'
        section = {"schedule": "[[schedule]]\n", "installer": "[installer]\n", "source": "[source]\n"}[kind]
        daemon.agent(f"{kind}-{method}", **{kind: section + table})
    daemon.start()
    for kind, method in RUNTIME:
        said = f"{kind}-throwing.so): a bug in it: its {method} threw {what}"
        agent = daemon.wait_agent(f"{kind}-{method}", lambda agent: said in str(agent).replace("\\'", "'"))
        assert agent["decision"]["action"] != "upgrade"
        for words in (("check",), ("run",), ("suspend", "--reason", "look at it"), ("dry-run",)):
            done = daemon.cli(*words, agent["name"])
            assert done.returncode in (0, 1) and done.stdout + done.stderr, (words, done)
        assert daemon.status(agent["name"])["suspended"]["reason"] == "look at it"
    shown = daemon.cli("schedule", "show", "schedule-refresh")
    assert shown.returncode == 1 and f"its refresh threw {what}" in shown.stderr, shown
    assert json.loads(daemon.cli("schedule", "show", "schedule-verdict", "--json").stdout)["windows"] == []
    goes_on(daemon)
