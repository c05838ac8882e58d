# SPDX-License-Identifier: Apache-2.0
"""`upkeep channel push`: what is published is what hosts read, and nothing newer is overwritten."""

import fcntl
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
    for words in ([], ["--overwrite"]):
        code, message = one("push", nginx().url, "stable", "--ca-file", authority.crt, *words).error
        assert code == "unsupported" and ("nothing can be published there" if not words else "cannot be written there") in message


def signed_again(one, version, serial):
    """Publishes a document of that serial elsewhere, as another publisher with the same key would; returns its files."""
    saved = one.files()
    one.must("set", "stable", version, "--critical", "no", "--serial", serial)
    files = one.files()
    for file in one.path().glob("*"):
        if file.is_file():
            file.unlink()
    for name, text in saved.items():
        (one.path() / name).write_text(text)
    return files


@pytest.fixture
def served(publisher, www):
    """A channel with serial 1 in the folder, and serial 4 where hosts read it."""
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    files = signed_again(one, "1.4.0", 4)
    (www / "stable").mkdir(parents=True)
    for name, text in files.items():
        (www / "stable" / name).write_text(text)
    return one


@pytest.mark.parametrize("name, text", [
    ("release.json", "{}"), ("release.json", ""), ("release.json", 70_000 * "x"), ("release.json.minisig", 5000 * "x"),
], ids=["another", "empty", "long", "signature"])
def test_what_cannot_be_read_there_is_overwritten_only_when_that_is_said(served, www, name, text):
    (www / "stable" / name).write_text(text)
    before = tree(www)
    code, message = served("push", www).error
    assert "cannot be told" in message and f"{www}/stable" in message and "--overwrite" in message
    assert tree(www) == before
    served.must("push", www, "--overwrite")
    assert tree(www / "stable") == served.files()


def test_overwrite_is_not_for_what_can_be_read(served, www):
    before = tree(www)
    assert "serial 4 is served there" in served("push", www, "--overwrite").error[1]
    assert tree(www) == before


def test_a_plain_version_that_cannot_be_read_is_not_overwritten(publisher, www):
    one = publisher()
    one.must("set", "stable", "1.2.3", "--critical", "no")
    (www / "stable").mkdir(parents=True)
    (www / "stable/version").write_text("<html>\n")
    assert "--overwrite" in one("push", www).error[1]
    assert (www / "stable/version").read_text() == "<html>\n"
    one.must("push", www, "--overwrite")
    assert (www / "stable/version").read_text() == "1.2.3\n"


def test_a_serial_that_no_key_of_the_base_has_signed_stops_nobody(served, www):
    document = www / "stable/release.json"
    document.write_text(document.read_text().replace('"serial": 4', '"serial": 9007199254740990'))
    assert "9007199254740990" in document.read_text()
    answer = served("push", www)
    assert answer.status == 0 and answer.json["pushed"][0]["serial"] == 1
    assert "9007199254740990 lay there, which the keys of this folder have not signed" in answer.json["pushed"][0]["warnings"][0]
    assert tree(www / "stable") == served.files()


def test_a_newer_serial_that_has_expired_still_counts(served, www, moved_clock):
    served.must("set", "stable", "--serial", "2", "--expires", "3650d")
    code, message = served("push", www, **moved_clock(100 * 86400)).error
    assert code == "denied" and "serial 4 is served there" in message


def test_two_who_publish_to_one_folder_do_it_one_after_the_other(one, www):
    one.must("push", www)
    one.must("set", "stable", "1.3.0", "--critical", "no")
    folder = os.open(www / "stable", os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    code, message = one("push", www, "stable").error
    assert code == "busy" and f"{www}/stable" in message
    assert (www / "stable/version").read_text() == "1.2.3\n"
    os.close(folder)
    one.must("push", www, "stable")


def test_a_channel_that_fails_does_not_keep_the_others_back(one, www):
    one.must("set", "another", "2.0.0", "--critical", "no", signed=False)
    one.must("set", "broken", "2.0.0", "--critical", "no", signed=False)
    answer = one("push", www)
    code, message = answer.error
    assert code == "denied" and f"another to {www}: what lies in" in message and f"broken to {www}: what lies in" in message
    assert [entry["channel"] for entry in answer.json["pushed"]] == ["stable", "stable/cloud"]
    assert {file.name for file in www.iterdir()} == {"stable"}


def test_a_disk_that_fills_up_leaves_the_old_release_whole(one, www):
    one.must("push", www, "stable")
    before = tree(www)
    packages = [word for number in range(40) for word in ("--package", f"agent{number}.deb={64 * 'a'}")]
    one.must("set", "stable", "1.3.0", "--critical", "no", *packages)
    # The signature, which is written first, has room; the document has not.
    full = ["/bin/sh", "-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"]
    code, message = one("push", www, "stable", under=full).error
    assert code == "transient" and "release.json" in message
    assert tree(www) == before
    one.must("push", www, "stable")
    assert (www / "stable/release.json").read_text() == (one.path() / "release.json").read_text()
