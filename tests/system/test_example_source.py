# SPDX-License-Identifier: Apache-2.0
"""The source of a third party (tests/support/example-source) in the daemon: which tag of a repository it offers, and how it refuses bytes
that git would not have written."""


import pytest
from conftest import BUILD
from plugin_daemon import PluginDaemon
from sdk_prefix import build_example, install_sdk

OBJECT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return build_example(install_sdk(BUILD, tmp_path_factory.mktemp("sdk")), tmp_path_factory.mktemp("third-party"), "example-source")


@pytest.fixture
def daemon(tmp_path, module):
    daemon = PluginDaemon(tmp_path, module)
    yield daemon
    daemon.stop()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "demo.git"
    (folder / "refs/tags/critical").mkdir(parents=True)
    return folder


def tag(repository, *names, text=OBJECT + "\n"):
    for name in names:
        (repository / "refs/tags" / name).write_text(text)


def source(repository, more=""):
    return f'[source]\nuse = "tags"\nrepository = "{repository}"\npoll = "1s"\n{more}'


def offered(daemon, name, good):
    return daemon.wait_agent(name, lambda agent: agent["offered"] and good(agent["offered"]))["offered"]


def test_the_highest_release_of_the_line_is_offered_wherever_its_tag_lies(daemon, repository):
    tag(repository, "v2.9.0", "v2.10.0", "v3.0.0", "v4.0.0-rc.1", "v4.0.0-rc.1.lock", "nightly", "2.11.0.lock")
    (repository / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{OBJECT} refs/heads/v9.9.9\n"
                                            f"{OBJECT} refs/tags/v2.11.5\n^{OBJECT}\n{OBJECT} refs/tags/critical/2.11.5\n")
    daemon.agent("all", source=source(repository))
    daemon.agent("two", source=source(repository, 'line = "2"\n'))
    daemon.agent("nine", source=source(repository, 'line = "2.9"\n'))
    daemon.agent("early", source=source(repository, "prereleases = true\n"))
    daemon.agent("none", source=source(repository, 'line = "7"\n'))
    daemon.start()
    assert offered(daemon, "all", lambda offer: True) == {"version": "3.0.0", "critical": False}
    assert offered(daemon, "two", lambda offer: True)["version"] == "2.11.5"
    assert offered(daemon, "nine", lambda offer: True)["version"] == "2.9.0"
    assert offered(daemon, "early", lambda offer: True)["version"] == "4.0.0-rc.1"
    none = daemon.wait_agent("none", lambda agent: agent["decision"]["reason"] == "no_release" and agent["source"]["last_ok"])
    assert none["offered"] is None
    two = daemon.status("two")
    assert two["source"]["origin"] == f"{repository}, line 2"
    assert two["plugins"] == {"sources": ["tags"], "schedules": ["window"], "installer": "throwing"}
    assert "source tags, schedule window, installer throwing" in daemon.cli("status", "two").stdout

    tag(repository, "v2.12.0")
    assert offered(daemon, "two", lambda offer: offer["version"] == "2.12.0")["critical"] is False


@pytest.mark.parametrize("packed, says", [
    (f"{OBJECT} refs/tags/v9.0.0\n<html>\n", 'packed-refs:2: "<html>" is no line of packed-refs'),
    (f"{OBJECT[:-1]} refs/tags/v9.0.0\n", 'packed-refs:1: "' + OBJECT[:-1] + ' refs/tags/v9.0.0" is no line of packed-refs'),
    (f"{OBJECT} ../../etc/passwd\n", "packed-refs:1:"),
    (f"{OBJECT} refs/tags/v9.0.0\n\n{OBJECT} refs/tags/v9.1.0\n", 'packed-refs:2: "" is no line of packed-refs'),
    ("\0" * 100, 'packed-refs:1: "????'),
    ("x" * (5 << 20), "packed-refs: longer than 4194304 bytes"),
    ("".join(f"{OBJECT} refs/tags/v1.0.{patch}\n" for patch in range(20_001)), "packed-refs:20001: more than 20000 tags"),
], ids=["html", "short-object", "climbing", "gap", "zeros", "long", "many"])
def test_what_git_does_not_write_is_refused_with_file_and_line(daemon, repository, packed, says):
    tag(repository, "v1.2.3")
    daemon.agent("demo", source=source(repository))
    daemon.start()
    offered(daemon, "demo", lambda offer: offer["version"] == "1.2.3")
    (repository / "packed-refs").write_text(packed)
    error = daemon.wait_agent("demo", lambda agent: agent["source"]["last_error"])["source"]["last_error"]
    assert error["code"] == "invalid" and f"{repository}/{says}" in error["message"], error
    assert daemon.status("demo")["offered"]["version"] == "1.2.3"     # one bad read changes nothing


def test_a_loose_tag_that_names_no_object_is_refused_with_its_file(daemon, repository):
    tag(repository, "v9.0.0", text="ref: refs/heads/main\n")
    daemon.agent("demo", source=source(repository))
    daemon.agent("elsewhere", source=source(repository.parent))
    daemon.start()
    error = daemon.wait_agent("demo", lambda agent: agent["source"]["last_error"])["source"]["last_error"]
    assert f'{repository}/refs/tags/v9.0.0: "ref: refs/heads/main?" is no object\'s name' in error["message"]
    error = daemon.wait_agent("elsewhere", lambda agent: agent["source"]["last_error"])["source"]["last_error"]
    assert f"{repository.parent}: no git repository" in error["message"]


def test_its_keys_are_checked_with_file_and_line(daemon, tmp_path):
    daemon.agent("wrong", source='[source]\nuse = "tags"\nrepositry = "/x"\n')
    daemon.agent("line", source='[source]\nuse = "tags"\nrepository = "/x"\nline = "2.x"\n')
    daemon.agent("relative", source='[source]\nuse = "tags"\nrepository = "x"\n')
    done = daemon.check_config()
    assert done.returncode == 1
    assert "wrong.toml:3: source.repositry: " in done.stdout and "did you mean `repository`" in done.stdout, done.stdout
    assert 'line.toml:4: source.line: "2.x" is no line of releases, such as "2" or "2.3"' in done.stdout, done.stdout
    assert "relative.toml:3: source.repository: must be an absolute path" in done.stdout, done.stdout
