# SPDX-License-Identifier: Apache-2.0
"""The spec as RHEL 9, Fedora, openSUSE and a guest read it: names of packages, what is bundled, and the scripts, which are run here with
programs that only write down how they were called."""

import itertools
import re

import pytest
from machine.rpm import FOLDER
from machine.shell import run

SPEC = FOLDER / "upkeep.spec"
SYSTEMD = [f"{name}() called {name} %1" for name in ("systemd_post", "systemd_preun", "systemd_postun_with_restart")]
SUSE = [f"service_{name}() called service_{name} %1" for name in ("add_pre", "add_post", "del_preun", "del_postun")]
HOSTS = {"rhel 9": ["rhel 9", "dist .el9", *SYSTEMD], "fedora": ["fedora 43", *SYSTEMD], "suse": ["suse_version 1600", *SUSE], "guest": []}


def rpmspec(host, *words):
    options = [word for define in HOSTS[host] for word in ("--define", define)]
    return run(["rpmspec", *words, *options, *(["--with", "foreign"] if host == "guest" else []), SPEC]).stdout


def asked(host, what="--buildrequires"):
    return set(rpmspec(host, "-q", what).split("\n")) - {""}


SECTION = re.compile(r"^%(prep|build|install|pre|post|preun|postun|files|changelog)\b")


def section(host, name):
    """One scriptlet or list of the spec, as this host reads it."""
    _, found, rest = rpmspec(host, "-P").partition(f"\n{name}\n")
    lines = rest.split("\n") if found else []
    return "\n".join(itertools.takewhile(lambda line: not SECTION.match(line), lines))


def building(host, *words):
    """%prep and %build: the rpmspec of Debian 12 leaves out the line between them."""
    return rpmspec(host, "-P", *words).partition("\n%prep\n")[2].partition("\n%install\n")[0]


def test_libraries_that_a_distribution_lacks_are_bundled_there_and_only_there():
    for host, sources in {"rhel 9": ["asio-1.22.1.tar.gz"], "fedora": [], "suse": ["expected-1.1.0.tar.gz"], "guest": []}.items():
        text = rpmspec(host, "-P")
        assert [line.split()[1] for line in text.split("\n") if line.startswith(("Source1:", "Source2:"))] == sources
        assert ("-DUPKEEP_BUNDLED_HEADERS=" in text) == bool(sources)
        assert any(line.startswith("asio-devel") for line in asked(host)) == (host != "rhel 9")
        assert ("cmake(tl-expected)" in asked(host)) == (host != "suse")
        assert ("/usr/include/upkeep/bundled" in section(host, "%files sdk")) == bool(sources)


def test_each_distribution_is_asked_for_the_packages_it_has():
    assert "gcc-toolset-12-gcc-c++" in asked("rhel 9") and "gcc-c++ >= 12" not in asked("rhel 9")
    assert "/opt/rh/gcc-toolset-12/enable" in building("rhel 9") and "/opt/rh" not in building("fedora")
    assert {"gcc-c++ >= 12", "ninja-build"} <= asked("fedora")
    assert {"gcc-c++ >= 12", "ninja"} <= asked("suse") and "ninja-build" not in asked("suse")
    for host, time_zones in {"rhel 9": "tzdata", "fedora": "tzdata", "suse": "timezone"}.items():
        needed = asked(host, "--requires")
        assert {time_zones, "ca-certificates", "polkit", "systemd >= 252"} <= needed and len({"tzdata", "timezone"} & needed) == 1
        assert "Recommends:     PackageKit\n" in rpmspec(host, "-P")
    assert asked("guest", "--requires") == {"/bin/sh"}


def test_the_compiler_runs_unless_a_built_tree_is_given():
    assert "cmake --build build" in building("guest")
    assert "cmake" not in re.sub("^#.*", "", building("guest", "--define", "built /a/tree"), flags=re.MULTILINE)
    assert "cmake --install /a/tree --prefix /usr" in rpmspec("guest", "-P", "--define", "built /a/tree")


@pytest.fixture
def scriptlet(tmp_path):
    """scriptlet(host, NAME, INSTANCES): what it called, when rpm says that this many instances will be left."""
    log = tmp_path / "log"
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("systemctl", "systemd-sysusers", "systemd-tmpfiles", "called"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\nexit 1\n')     # a script must not fail when they do
        (programs / name).chmod(0o755)

    def scriptlet(host, name, instances):
        log.write_text("")
        done = run(["env", f"PATH={programs}:/usr/bin:/bin", "sh", "-c", section(host, name), name, instances], check=False)
        assert name == "%pre" or done.returncode in (0, 1)
        return [line.removeprefix("called ") for line in log.read_text().split("\n")[:-1]], done
    return scriptlet


MADE = ["systemd-sysusers /usr/lib/sysusers.d/upkeep.conf", "systemd-tmpfiles --create /usr/lib/tmpfiles.d/upkeep.conf"]


@pytest.mark.parametrize("host", ["rhel 9", "fedora"])
def test_the_macros_of_systemd_are_used_where_they_are(host, scriptlet):
    assert scriptlet(host, "%post", 1)[0] == [*MADE, "systemd_post upkeepd.service"]
    assert scriptlet(host, "%preun", 0)[0] == ["systemd_preun upkeepd.service"]
    assert scriptlet(host, "%postun", 1)[0] == ["systemd_postun_with_restart upkeepd.service"]
    assert section(host, "%pre") == ""


def test_those_of_suse_are_used_there(scriptlet):
    calls = {name: scriptlet("suse", name, 1)[0] for name in ("%pre", "%post", "%preun", "%postun")}
    assert calls == {"%pre": ["service_add_pre upkeepd.service"], "%post": [*MADE, "service_add_post upkeepd.service"],
                     "%preun": ["service_del_preun upkeepd.service"], "%postun": ["service_del_postun upkeepd.service"]}


def test_without_macros_the_scripts_do_the_same(scriptlet):
    preset, stop = "systemctl --no-reload preset upkeepd.service", "systemctl --no-reload disable --now upkeepd.service"
    reload, restart = "systemctl daemon-reload", "systemctl try-restart upkeepd.service"
    for name, instances, calls in [("%post", 1, [*MADE, reload, preset]), ("%post", 2, [*MADE, reload]), ("%preun", 0, [stop]), ("%preun", 1, []),
                                   ("%postun", 0, [reload]), ("%postun", 1, [reload, restart])]:
        made, done = scriptlet("guest", name, instances)
        assert (name, instances, made, done.returncode, done.stderr) == (name, instances, calls, 0, "")
