# SPDX-License-Identifier: Apache-2.0
"""What is installed for those who write plugins: headers that stand alone, a CMake package, and a third party's schedule that is built with
nothing else and that the daemon loads."""

import concurrent.futures
import json
import re
import subprocess

import pytest
from conftest import BUILD, TESTS
from plugin_daemon import PluginDaemon
from sdk_prefix import build_example, install_sdk

SOURCE = str(TESTS.parent.resolve()) + "/"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    return install_sdk(BUILD, tmp_path_factory.mktemp("sdk"))


@pytest.fixture(scope="module")
def example(prefix, tmp_path_factory):
    return build_example(prefix, tmp_path_factory.mktemp("third-party"))


@pytest.fixture
def daemon(tmp_path, example):
    daemon = PluginDaemon(tmp_path, example)
    yield daemon
    daemon.stop()


def holidays(days):
    return f'[[schedule]]\nuse = "holidays"\nfile = "{days}"\n'


def test_every_installed_header_compiles_alone(prefix):
    headers = sorted((prefix / "include/upkeep/sdk").glob("*.h"))
    assert len(headers) >= 16, headers
    flags = re.search(r'INTERFACE_COMPILE_DEFINITIONS "([^\n]*)"\n', next(prefix.rglob("upkeep-sdk-targets.cmake")).read_text()).group(1)
    definitions = [f"-D{word}" for word in flags.replace('\\"', '"').split(";")]

    def compile_alone(header):
        return header.name, subprocess.run(["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *definitions,
                                            f"-I{prefix}/include/upkeep", "-x", "c++", "-"], input=f'#include "sdk/{header.name}"\n',
                                           capture_output=True, text=True, timeout=300)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, done in pool.map(compile_alone, headers):
            assert done.returncode == 0, f"{name}: {done.stderr}"


def test_the_installed_headers_are_the_ones_of_the_tree(prefix):
    names = {header.name for header in (prefix / "include/upkeep/sdk").iterdir()}
    assert names == {header.name for header in (TESTS.parent / "daemon/sdk").glob("*.h")}


def test_nothing_that_is_installed_points_into_the_source_tree(prefix):
    texts = [file for file in prefix.rglob("*") if file.suffix in (".cmake", ".h")]
    assert texts
    assert [file for file in texts if SOURCE in file.read_text()] == []


@pytest.mark.parametrize("name", ["example-plugin", "example-source", "example-installer"])
def test_an_example_is_built_of_its_own_files_and_the_installed_sdk_alone(name, prefix, tmp_path):
    folder = tmp_path
    module = build_example(prefix, folder, name)
    assert module.is_file()
    lists = list((folder / "build").rglob("*.d"))
    assert lists
    read = {word for file in lists for word in file.read_text().replace("\\\n", " ").split() if word.startswith("/")}
    assert any(word.startswith(f"{prefix}/include/upkeep/sdk/plugin.h") for word in read)
    ours = [word for word in read if not word.startswith(("/usr/", str(prefix), str(folder)))]
    assert ours == []
    commands = (folder / "build/compile_commands.json").read_text() + next((folder / "build").rglob("link.txt")).read_text()
    assert str(prefix) in commands and SOURCE not in commands


def test_the_daemon_loads_it_and_follows_its_word(daemon, tmp_path):
    days = tmp_path / "days"
    days.write_text("# nothing yet\n")
    daemon.agent("free", holidays(days))
    days_off = tmp_path / "days-off"
    days_off.write_text(daemon.today() + " founders' day\n2000-01-01\n")
    daemon.agent("closed", holidays(days_off))
    daemon.start()
    closed = daemon.wait_agent("closed", lambda agent: agent["decision"]["reason"] == "outside_window")
    assert f"holiday, {days_off}" in closed["decision"]["text"]
    assert closed["decision"]["until"] == daemon.tomorrow() + "T00:00:00Z"
    assert daemon.wait_agent("free", lambda agent: agent["decision"]["reason"] not in ("outside_window", "no_release"))
    plugins = {(one["kind"], one["name"], one["version"]) for one in daemon.ask("GET", "/v1/version").json["plugins"]}
    assert ("schedule", "holidays", "1.0.0") in plugins
    windows = json.loads(daemon.cli("schedule", "show", "closed", "--json").stdout)["windows"]
    assert windows[0]["start"] == daemon.tomorrow() + "T00:00:00Z"

    days_off.write_text("2027-13-01\n")     # a bad list closes, and says where
    assert daemon.cli("check", "closed").returncode in (0, 1)
    shown = daemon.wait_agent("closed", lambda agent: "2027-13-01" in agent["decision"]["text"])
    assert "is no day like" in shown["decision"]["text"]


def test_its_keys_are_checked_with_file_and_line(daemon, tmp_path):
    daemon.agent("wrong", '[[schedule]]\nuse = "holidays"\nfil = "/x"\n')
    daemon.agent("relative", '[[schedule]]\nuse = "holidays"\nfile = "days"\n')
    done = daemon.check_config()
    assert done.returncode == 1
    assert re.search(r"wrong\.toml:7: schedule\[0\]\.fil: .*did you mean `file`", done.stdout), done.stdout
    assert re.search(r"relative\.toml:7: schedule\[0\]\.file: must be an absolute path", done.stdout), done.stdout


def test_the_packages_are_two_and_the_daemons_has_no_headers(tmp_path):
    subprocess.run(["cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", tmp_path], check=True, capture_output=True, timeout=300)
    main, = tmp_path.glob("upkeep_*_*.deb")
    sdk, = tmp_path.glob("upkeep-sdk_*_*.deb")

    def ask(*words):
        return subprocess.run(["dpkg-deb", *words], check=True, capture_output=True, text=True, timeout=60).stdout
    assert ask("-f", sdk, "Package").strip() == "upkeep-sdk"
    depends = ask("-f", sdk, "Depends")
    assert "libasio-dev" in depends and "libexpected-dev" in depends
    assert "/usr/share/doc/upkeep-sdk/copyright" in ask("-c", sdk) and "/usr/share/doc/upkeep/copyright" in ask("-c", main)
    for file in ("README.md", "examples/example-plugin/holidays.cpp", "examples/example-source/tags.cpp", "examples/example-installer/README.md"):
        assert f"/usr/share/doc/upkeep-sdk/{file}" in ask("-c", sdk)
    assert "/usr/include/upkeep/sdk/plugin.h" in ask("-c", sdk) and "/usr/sbin/upkeepd" not in ask("-c", sdk)
    files = ask("-c", main)
    assert "/usr/sbin/upkeepd" in files and "/usr/lib/upkeep/plugins/schedule-window.so" in files and "/usr/include" not in files
    assert "packagekit" in ask("-f", main, "Depends")
    assert {"postinst", "prerm", "postrm", "conffiles"} <= control_files(main, tmp_path / "main")
    assert "postinst" not in control_files(sdk, tmp_path / "sdk")


def control_files(deb, folder):
    subprocess.run(["dpkg-deb", "-e", deb, folder], check=True, timeout=60)
    return {file.name for file in folder.iterdir()}
