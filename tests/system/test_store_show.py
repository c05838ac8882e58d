# SPDX-License-Identifier: Apache-2.0
"""`upkeep store show`, as anybody may ask it: texts, JSON, exit statuses."""

import hashlib
import os

import pytest


@pytest.fixture
def store(tmp_path):
    """A store of the agent web with one copy; the file system's own folder lies beside it."""
    folder = tmp_path / "web"
    files = {"dists/stable/InRelease": b"signed", "pool/web.deb": b"the package"}
    for path, content in files.items():
        (folder / "1" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "1" / path).write_bytes(content)
    lines = [f"file {hashlib.sha256(content).hexdigest()} {len(content)} {path}" for path, content in files.items()]
    (folder / "kept").write_text("version 1.2.3-1\nfolder 1\norigin https://example.com stable/main\nsince 2026-11-25T10:00:00Z\n" + "\n".join(lines) + "\n")
    (folder / "apt.sources").write_text("# here\n")
    (tmp_path / "lost+found").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def show(upkeep, store):
    return lambda *words: upkeep("store", "show", *words, UPKEEP_STORE=str(store))


@pytest.mark.parametrize("words", [[], ["web"]])
def test_what_is_kept(show, words):
    answer = show(*words)
    assert answer.status == 0 and answer.err == ""
    assert "1.2.3-1" in answer.out and "from https://example.com stable/main" in answer.out and "whole: signed release file" in answer.out
    [one] = show(*words, "--json").json["stores"]
    assert one["agent"] == "web" and one["problem"] is None and one["free"] > one["reserve"] - 1 > 0
    assert [(copy["version"], copy["verifies"], copy["damage"], copy["size"]) for copy in one["copies"]] == [("1.2.3-1", True, None, 17)]


DAMAGES = {"changed": (lambda file: file.write_bytes(b"the packagE"), "its hash is not the one"),
           "short": (lambda file: os.truncate(file, 3), "3 bytes instead of 11"),
           "gone": (lambda file: file.unlink(), "No such file")}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named(show, store, name):
    damage, words = DAMAGES[name]
    damage(store / "web/1/pool/web.deb")
    answer = show("web")
    assert answer.status == 0 and "damaged: pool/web.deb: " in answer.out and words in answer.out, answer.out
    [copy] = show("--json").json["stores"][0]["copies"]
    assert copy["verifies"] is False and words in copy["damage"]


def test_nothing_to_show(show, upkeep, tmp_path):
    for name in ("nobody", "teleport"):
        answer = show(name)
        assert answer.status == 1 and f"nothing is kept for {name}: `sudo upkeep enable {name}` makes" in answer.err, answer.err
        assert show(name, "--json").json["error"]["message"].startswith("nothing is kept")
    for name in ("../web", "lost+found", "Web", "/etc"):
        assert show(name).status == 2, name
    (tmp_path / "empty").mkdir()
    answer = upkeep("store", "show", UPKEEP_STORE=str(tmp_path / "empty"))
    assert answer.status == 1 and "nothing is kept for any agent" in answer.err
    assert upkeep("store").status == 2 and upkeep("store", "show", "a", "b").status == 2


def test_what_root_could_not_do_and_what_nobody_can_read(show, store):
    (store / "web/problem").write_bytes(b"no room: \x1b[31m\xff make some\n")
    answer = show("web")
    assert answer.status == 0 and "the last try failed: no room:" in answer.out and "\x1b[31m" not in answer.out
    assert "no room" in show("web", "--json").json["stores"][0]["problem"]
    (store / "web/kept").write_text("version 1.2.3-1\nfolder ../..\n")
    answer = show("web")
    assert answer.status == 1 and "web/kept" in answer.err and "line 2" in answer.err, answer.err
