# SPDX-License-Identifier: Apache-2.0
"""The installer of a third party (tests/support/example-installer) in the daemon, on real folders and archives, without a unit."""

import shutil
import subprocess

import pytest
from conftest import BUILD
from plugin_daemon import PluginDaemon
from sdk_prefix import build_example, install_sdk

ALWAYS = '[[schedule]]\nuse = "window"\nalways = true\n'


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return build_example(install_sdk(BUILD, tmp_path_factory.mktemp("sdk")), tmp_path_factory.mktemp("third-party"), "example-installer")


class Agent:
    """demo, kept below `prefix` out of archives in `releases`; the channel is the daemon's."""

    def __init__(self, daemon, tmp_path):
        self.daemon, self.prefix, self.releases, self.health = daemon, tmp_path / "opt/demo", tmp_path / "releases", ""
        self.versions, self.current = self.prefix / "versions", self.prefix / "current"
        self.releases.mkdir()
        (self.versions / "1.2.3").mkdir(parents=True)
        (self.versions / "1.2.3/version").write_text("1.2.3")
        self.current.symlink_to("versions/1.2.3")

    def configure(self, more="", poll="1s", name="demo"):
        self.daemon.agent(name, ALWAYS, '[source]\nuse = "file"\npath = "{channel}"\nchannel = "current"\n' + f'poll = "{poll}"\n',
                          f'[installer]\nuse = "versions"\nprefix = "{self.prefix}"\narchive = "{self.releases}/demo-{{version}}.tar.gz"\n{more}'
                          + self.health)

    def publish(self, version, archive=None):
        """`archive`: bytes in place of a real one."""
        file = self.releases / f"demo-{version}.tar.gz"
        if archive is None:
            tree = self.releases / "tree"
            tree.mkdir(exist_ok=True)
            (tree / "version").write_text(version)
            (tree / "version").chmod(0o644)
            subprocess.run(["tar", "-czf", file, "-C", tree, "version"], check=True, timeout=60)
        else:
            file.write_bytes(archive)
        (self.daemon.folder / "channel/current/version").write_text(version)

    def ended(self, result, to):
        return self.daemon.wait_agent("demo", lambda agent: (last := agent["last_operation"]) and (last["result"], last["to"]) == (result, to))

    def installed(self):
        return (self.current / "version").read_text()


@pytest.fixture
def agent(tmp_path, module):
    daemon = PluginDaemon(tmp_path, module)
    (daemon.folder / "channel/current/version").write_text("1.2.3")
    yield Agent(daemon, tmp_path)
    daemon.stop()


def test_the_link_moves_and_what_is_left_is_what_can_be_gone_back_to(agent):
    agent.configure("keep = 1\n")
    agent.daemon.start()
    first = agent.daemon.wait_agent("demo", lambda one: one["decision"]["reason"] == "up_to_date")
    assert first["can_go_back"] == {"possible": True, "how": "store", "text": f"{agent.versions}/1.2.3 stays where it is", "versions": []}
    for version in ("2.0.0", "2.1.0", "2.2.0"):
        agent.publish(version)
        agent.ended("committed", version)
        assert agent.installed() == version
    # 1.2.3 has no archive, so it is not for the plugin to remove.
    agent.daemon.wait(lambda: sorted(file.name for file in agent.versions.iterdir()) == ["1.2.3", "2.1.0", "2.2.0"])
    assert agent.daemon.wait_agent("demo", lambda one: one["can_go_back"]["versions"] == ["2.1.0", "1.2.3"])
    assert (agent.versions / "2.2.0/version").stat().st_mode & 0o777 == 0o644 and (agent.versions / "2.2.0").stat().st_mode & 0o777 == 0o755

    assert agent.daemon.cli("rollback", "demo", "--to", "1.2.3").returncode == 0
    assert agent.installed() == "1.2.3"


def test_a_release_that_fails_its_probe_is_taken_back(agent):
    agent.health = f'[health]\ncommand = ["/usr/bin/grep", "-qx", "[12].*", "{agent.current}/version"]\nsoak = "1s"\n'
    agent.configure()
    agent.daemon.start()
    agent.publish("2.0.0")
    agent.ended("committed", "2.0.0")
    agent.publish("3.0.0")
    agent.ended("rolled_back", "3.0.0")
    assert agent.installed() == "2.0.0" and agent.daemon.status("demo")["quarantined"] == ["3.0.0"]


@pytest.mark.parametrize("archive, says", [
    (b"<html>no such file</html>", "demo-2.0.0.tar.gz: tar failed: "),
    (None, "neither {versions}/2.0.0 nor {releases}/demo-2.0.0.tar.gz is there"),
], ids=["damaged", "missing"])
def test_without_a_good_archive_nothing_begins(agent, archive, says):
    agent.configure()
    agent.daemon.start()
    agent.publish("2.0.0", archive)
    if archive is None:
        (agent.releases / "demo-2.0.0.tar.gz").unlink()
    shown = agent.daemon.wait_agent("demo", lambda one: one["decision"]["reason"] == "refused")
    assert says.format(**vars(agent)) in shown["decision"]["text"], shown["decision"]
    assert agent.installed() == "1.2.3" and [file.name for file in agent.versions.iterdir()] == ["1.2.3"]


def test_a_link_to_elsewhere_is_nothing_to_be_touched(agent, tmp_path):
    agent.current.unlink()
    agent.current.symlink_to(tmp_path)
    agent.configure()
    agent.publish("2.0.0")
    agent.daemon.start()
    shown = agent.daemon.wait_agent("demo", lambda one: f"{agent.current}: points to" in str(one))
    assert shown["installed"] is None and "which is no version" in str(shown)
    assert agent.current.readlink() == tmp_path


def test_a_version_that_somebody_switches_by_hand_is_seen(agent):
    agent.health = '[policy]\ndowngrade = "never"\n'     # else it is put back at once
    agent.configure(poll="1h")     # no look at the channel is the occasion
    agent.publish("1.2.3")
    agent.daemon.start()
    agent.daemon.wait_agent("demo", lambda one: one["decision"]["reason"] == "up_to_date")
    shutil.copytree(agent.versions / "1.2.3", agent.versions / "1.5.0")
    other = agent.prefix / "other"
    other.symlink_to("versions/1.5.0")
    other.rename(agent.current)
    agent.daemon.wait_agent("demo", lambda one: (one["installed"], one["decision"]["reason"]) == ("1.5.0", "downgrade"))


def test_its_keys_are_checked_with_file_and_line(agent):
    agent.configure('keep = 0\nrestart_how = "sometimes"\nrestart = "demo"\n')
    done = agent.daemon.check_config()
    for line in ("demo.toml:13: installer.keep: must be from 1 to 100",
                 'demo.toml:14: installer.restart_how: must be try-restart, restart, reload or none, not "sometimes"',
                 'demo.toml:15: installer.restart: "demo" is no unit name'):
        assert line in done.stdout, done.stdout
    agent.configure('prefx = "/x"\n')
    assert "demo.toml:13: installer.prefx: " in agent.daemon.check_config().stdout


def test_two_agents_do_not_keep_one_folder(agent):
    agent.configure()
    agent.configure(name="twin")
    assert "twin.toml:11: installer.prefix: is already the prefix of the agent demo" in agent.daemon.check_config().stdout
