# SPDX-License-Identifier: Apache-2.0
"""`upkeep channel push`: what is published is what hosts read, and nothing newer is overwritten."""

import os

import pytest


@pytest.fixture
def one(publisher):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "yes")
    one.must("set", "stable/cloud", "1.0.0", "--critical", "no")
    return one


@pytest.fixture
def www(tmp_path):
    return tmp_path / "www"


def tree(folder):
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_all_channels_go_to_a_folder_and_the_second_time_nothing_is_written(one, www):
    first = one.must("push", www)
    assert [(entry["channel"], entry["version"], entry["serial"], entry["changed"]) for entry in first["pushed"]] == [
        ("stable", "1.2.3", 1, True), ("stable/cloud", "1.0.0", 1, True)]
    wanted = {name: text for name, text in tree(one.base).items() if name != "publisher.toml"}
    assert tree(www) == wanted
    before = {file: file.stat().st_mtime_ns for file in www.rglob("*")}
    assert [entry["changed"] for entry in one.must("push", www)["pushed"]] == [False, False]
    assert {file: file.stat().st_mtime_ns for file in www.rglob("*")} == before


def test_one_channel_alone(one, www):
    one.must("push", www, "stable/cloud")
    assert set(tree(www)) == {f"stable/cloud/{name}" for name in one.files("stable/cloud")}
    assert "there is no such channel" in one("push", www, "nowhere").error[1]


def test_what_hosts_would_refuse_is_not_published(one, www):
    one.must("set", "stable", "1.2.4", "--critical", "no", signed=False)
    code, message = one("push", www, "stable").error
    assert code == "denied" and "not trusted: 0 of the 1 signature" in message
    assert not www.exists()


@pytest.mark.parametrize("serial, says", [("9", "serial 9 is served there, and this folder has serial 1"),
                                          ("1", "serial 1 is served there with another document")])
def test_a_newer_serial_is_not_overwritten(one, www, serial, says):
    one.must("push", www)
    one.must("set", "stable", "1.3.0", "--critical", "no", "--serial", "9")
    one.must("push", www)
    for file in one.path().glob("*"):
        if file.is_file():
            file.unlink()
    if serial == "1":
        for file in (www / "stable").glob("*"):
            if file.is_file():
                file.unlink()
        one.must("set", "stable", "1.4.0", "--critical", "no")
        one.must("push", www, "stable")
        for file in one.path().glob("release*"):
            file.unlink()
    one.must("set", "stable", "1.5.0", "--critical", "no")
    before = tree(www)
    code, message = one("push", www, "stable").error
    assert code == "denied" and says in message and f"--serial {int(serial) + 1}" in message
    assert tree(www) == before


def test_a_plain_channel_is_not_lowered_unless_that_is_said(publisher, www):
    one = publisher()
    one.must("set", "stable", "1.2.3", "--critical", "no")
    one.must("push", www)
    one.must("set", "stable", "1.2.2", "--critical", "no", "--allow-downgrade")
    code, message = one("push", www).error
    assert code == "denied" and "1.2.3 is served there, and this folder has 1.2.2" in message
    one.must("push", www, "--allow-downgrade")
    assert (www / "stable/version").read_text() == "1.2.2\n"


def test_signatures_that_no_longer_fit_are_taken_away(publisher, www):
    one = publisher(keys=2)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    one.must("push", www)
    assert len(list((www / "stable").glob("*.minisig"))) == 2
    one.must("set", "stable", "1.2.4", "--critical", "no", "--key", one.secrets[1])
    one.must("push", www)
    assert [file.name for file in (www / "stable").glob("*.minisig")] == ["release.json.minisig"]


def test_it_is_read_as_hosts_read_it(one, nginx, authority):
    server = nginx()
    one.must("push", server.www / "v1", "--url", f"{server.url}/v1", "--ca-file", authority.crt)
    code, message = one("push", server.www / "v1", "stable", "--url", f"{server.url}/v2", "--ca-file", authority.crt).error
    assert "as hosts read it" in message and "v2/stable/release.json does not exist" in message


def test_a_folder_that_cannot_be_written_is_named(one, www):
    www.write_text("a file")
    assert str(www) in one("push", www).error[1]
    os.unlink(www)


@pytest.mark.parametrize("target, options, says", [
    ("ftp://example.com/v1", [], "url"), ("http://127.0.0.1/v1", [], "https"),
    ("https://127.0.0.1:9/v1", ["--option", "tokenfile=/x"], "tokenfile"), ("https://127.0.0.1:9/v1", ["--option", "x"], "KEY=VALUE"),
])
def test_a_target_that_is_none_is_refused(one, target, options, says):
    code, message = one("push", target, "stable", *options).error
    assert code == "invalid" and says in message


def test_a_web_server_cannot_be_written_to(one, nginx, authority):
    code, _ = one("push", nginx().url, "stable", "--ca-file", authority.crt).error
    assert code == "unsupported"
