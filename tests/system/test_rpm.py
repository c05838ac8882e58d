# SPDX-License-Identifier: Apache-2.0
"""The rpm packages have what the Debian packages have, at the places of rpm distributions, and nothing of the machine that built them.

They are made of the built tree, with Debian's rpmbuild; a RHEL, a Fedora or an openSUSE is not at hand."""

import pathlib
import re
import subprocess
import tarfile

import pytest
from conftest import BUILD, TESTS
from machine.rpm import make_rpms
from machine.shell import run

TOP = TESTS.parent.resolve()
VERSION = re.search(r"project\(upkeep VERSION (\S+)", (TOP / "CMakeLists.txt").read_text()).group(1)

# Where rpm distributions have another place than Debian.
MOVED = {
    r"^/lib/systemd/system/": "/usr/lib/systemd/system/",
    r"^/usr/share/zsh/vendor-completions/": "/usr/share/zsh/site-functions/",
    r"^/usr/share/doc/(upkeep(?:-sdk)?)/copyright$": rf"/usr/share/licenses/\1-{VERSION}/LICENSE",
}
OF_THE_SDK = {"upkeep": False, "upkeep-sdk": True}


@pytest.fixture(scope="module")
def rpms(tmp_path_factory):
    return dict(zip(OF_THE_SDK, make_rpms(BUILD, tmp_path_factory.mktemp("rpm")), strict=True))


@pytest.fixture(scope="module")
def debs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    run(["cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", folder], timeout=300)
    return {name: next(folder.glob(f"{name}_*.deb")) for name in OF_THE_SDK}


def members(archive):
    """{path: (its entry in the archive, its bytes)}; a folder has no bytes."""
    with tarfile.open(archive) as tar:
        return {f"/{one.name.removeprefix('./')}": (one, tar.extractfile(one).read() if one.isfile() else None) for one in tar}


def of_deb(deb, folder):
    with (folder / "deb.tar").open("wb") as out:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, stdout=out, timeout=60)
    found = {}
    for path, member in members(folder / "deb.tar").items():
        for there, here in MOVED.items():
            path = re.sub(there, here, path)
        found[path] = member
    return found


def of_rpm(rpm, folder):
    run(["env", "-C", folder, "rpm2archive", "-n", rpm])
    tar = rpm.with_name(rpm.name + ".tar")
    found = members(tar)
    tar.unlink()
    return found


def ask(rpm, *words):
    return run(["rpm", "-qp", *words, rpm]).stdout.split("\n")[:-1]


@pytest.mark.parametrize("name", OF_THE_SDK)
def test_it_has_each_file_of_the_debian_package_with_its_mode_and_bytes(name, rpms, debs, tmp_path):
    deb, rpm = of_deb(debs[name], tmp_path), of_rpm(rpms[name], tmp_path)
    files = {path: member for path, member in deb.items() if member[0].isfile()}
    assert len(files) > 25
    assert sorted(path for path, member in rpm.items() if member[0].isfile()) == sorted(files)
    for path, (entry, content) in files.items():
        mine, bytes_of_it = rpm[path]
        assert mine.mode == entry.mode, path
        if not content.startswith((b"\x7fELF", b"!<arch>")):    # each packer strips those in its way
            assert bytes_of_it == content, path
    assert {(entry.uname, entry.gname) for entry, _ in rpm.values()} == {("root", "root")}


def test_its_folders_are_those_that_systemd_makes_too(rpms, tmp_path):
    folders = {path.rstrip("/"): f"{entry.mode:04o}" for path, (entry, _) in of_rpm(rpms["upkeep"], tmp_path).items() if entry.isdir()}
    lines = re.findall(r"^d (\S+) (\d+) root root -$", (TOP / "systemd/tmpfiles.conf").read_text(), re.MULTILINE)
    assert len(lines) == 2
    assert {path: folders.get(path) for path, _ in lines} == dict(lines)
    assert set(folders.values()) == {"0755"}
    # The daemon's own are made when it starts, for its user; a package cannot own them before there is one.
    assert not [path for path in folders if path in ("/var/lib/upkeep", "/var/lib/upkeep-root", "/run/upkeep")]
    assert re.search("^StateDirectoryMode=0750$", (TOP / "systemd/upkeepd.service").read_text(), re.MULTILINE)


def test_what_an_administrator_edits_is_kept(rpms):
    conffiles = [line for line in (TOP / "systemd/deb/conffiles").read_text().split("\n") if line]
    assert ask(rpms["upkeep"], "--configfiles") == conffiles
    flags = dict(line.split("|") for line in ask(rpms["upkeep"], "--qf", "[%{FILENAMES}|%{FILEFLAGS:fflags}\n]"))
    assert {path: flags[path] for path in conffiles} == {path: "cn" for path in conffiles}
    assert ask(rpms["upkeep-sdk"], "--configfiles") == []


@pytest.mark.parametrize("name", OF_THE_SDK)
def test_nothing_of_the_machine_that_built_it_is_in_it(name, rpms, tmp_path):
    places = [str(place).encode() for place in {TOP, pathlib.Path(BUILD).resolve()}]
    sanitized = "UPKEEP_SANITIZE:BOOL=ON" in (pathlib.Path(BUILD) / "CMakeCache.txt").read_text()   # its programs name their sources
    found = [path for path, (_, content) in of_rpm(rpms[name], tmp_path).items() if content and any(place in content for place in places)
             and not (sanitized and content.startswith((b"\x7fELF", b"!<arch>")))]
    assert found == []
    assert not any(place.decode() in line for place in places for line in ask(rpms[name], "--scripts", "--provides", "--requires"))


@pytest.mark.parametrize("name", OF_THE_SDK)
def test_a_foreign_host_is_asked_for_nothing(name, rpms):
    assert [line for line in ask(rpms[name], "--requires") if not line.startswith("rpmlib(") and line != "/bin/sh"] == []


def test_it_says_whose_it_is(rpms):
    for name, sdk in OF_THE_SDK.items():
        shown, = ask(rpms[name], "--qf", "%{NAME}|%{VERSION}|%{LICENSE}|%{CHANGELOGTEXT}\n")
        assert shown.startswith(f"{name}|{VERSION}|Apache-2.0 AND "), sdk
        assert not shown.endswith("|(none)")
