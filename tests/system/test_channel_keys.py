# SPDX-License-Identifier: Apache-2.0
"""Keys and signatures of `upkeep channel`, beside the program minisign: each reads what the other wrote."""

import os
import stat
import subprocess
import termios

import pytest
from conftest import BUILD
from terminal import Terminal

PASSWORD = "correct horse"


def minisign(*words, password=""):
    """Asked on standard input, as often as it wants."""
    done = subprocess.run(["minisign", *map(str, words)], input=f"{password}\n" * 2, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def keygen(upkeep, tmp_path):
    def keygen(*words, **environment):
        answer = upkeep("channel", "keygen", tmp_path / "ours", "--json", *words, **environment)
        assert answer.status == 0, answer.err
        return answer.json
    return keygen


@pytest.fixture
def password_file(tmp_path):
    (tmp_path / "password").write_text(f"{PASSWORD}\nnot this line\n")
    return tmp_path / "password"


def signed_by(publisher, secret, public, *words, **environment):
    """A channel that this key alone signs; returns the answer to `set`."""
    one = publisher()
    one.init("--key", public)
    return one, one("set", "stable", "1.2.3", "--critical", "no", "--key", secret, *words, **environment)


def test_a_key_without_a_password_signs_in_both_programs(keygen, publisher, tmp_path):
    made = keygen("--no-password")
    assert made["public_key"] == (tmp_path / "ours.pub").read_text().splitlines()[1]
    one, answer = signed_by(publisher, tmp_path / "ours.key", tmp_path / "ours.pub")
    assert answer.json["signed_by"] == [made["id"]]
    document = one.path() / "release.json"
    assert minisign("-V", "-H", "-p", tmp_path / "ours.pub", "-m", document) == (
        0, "Signature and comment signature verified\nTrusted comment: channel stable, serial 1, version 1.2.3\n")
    for legacy in ([], ["-l"]):
        assert minisign("-S", *legacy, "-s", tmp_path / "ours.key", "-m", document, "-t", "by hand")[0] == 0
        assert one.verify().status == 0


def test_a_key_with_a_password_signs_in_both_programs(keygen, publisher, tmp_path, password_file):
    keygen("--password-file", password_file)
    one, answer = signed_by(publisher, tmp_path / "ours.key", tmp_path / "ours.pub", UPKEEP_KEY_PASSWORD=PASSWORD)
    assert answer.status == 0, answer.err
    document = one.path() / "release.json"
    assert minisign("-S", "-s", tmp_path / "ours.key", "-m", document, password=PASSWORD)[0] == 0
    assert minisign("-V", "-p", tmp_path / "ours.pub", "-m", document)[0] == 0
    refused = minisign("-S", "-s", tmp_path / "ours.key", "-m", document, password="wrong")
    assert refused[0] != 0 and "Wrong password" in refused[1]


def test_keys_of_minisign_sign_here(publisher, tmp_path, password_file):
    plain, locked = tmp_path / "plain", tmp_path / "locked"
    assert minisign("-G", "-W", "-p", f"{plain}.pub", "-s", f"{plain}.key")[0] == 0
    assert minisign("-G", "-p", f"{locked}.pub", "-s", f"{locked}.key", password=PASSWORD)[0] == 0
    for name, words in ((plain, []), (locked, ["--password-file", password_file])):
        one, answer = signed_by(publisher, f"{name}.key", f"{name}.pub", *words)
        assert answer.status == 0, answer.err
        assert minisign("-V", "-p", f"{name}.pub", "-m", one.path() / "release.json")[0] == 0


def test_a_wrong_password_signs_nothing_and_is_not_repeated(keygen, publisher, tmp_path, password_file):
    keygen("--password-file", password_file)
    one, answer = signed_by(publisher, tmp_path / "ours.key", tmp_path / "ours.pub", UPKEEP_KEY_PASSWORD="SECRET guess")
    assert answer.error == ("denied", f"{tmp_path}/ours.key: this is not the password of the key")
    assert "SECRET" not in answer.out + answer.err
    assert not one.path().exists()


def test_without_a_terminal_a_missing_password_says_how_to_give_it(keygen, publisher, tmp_path, password_file):
    keygen("--password-file", password_file)
    words = [BUILD / "daemon/cli/upkeep", "channel", "keygen", tmp_path / "other"]
    done = subprocess.run(["setsid", "-w", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "--password-file FILE or $UPKEEP_KEY_PASSWORD" in done.stderr


@pytest.mark.parametrize("again, status, says", [(PASSWORD, 0, "Key "), ("another", 1, "the two passwords are not the same")])
def test_on_a_terminal_it_is_asked_for_twice_without_echo(tmp_path, again, status, says):
    terminal = Terminal([BUILD / "daemon/cli/upkeep", "channel", "keygen", tmp_path / "asked"])
    for question, typed in (("Password for the new key:", PASSWORD), ("The same again:", again)):
        terminal.wait_for(lambda screen: any(line.startswith(question) for line in screen))    # noqa: B023
        terminal.type(f"{typed}\n")
    assert terminal.end() == status
    assert says in "\n".join(terminal.screen)
    assert PASSWORD.encode() not in terminal.raw
    assert (tmp_path / "asked.key").exists() == (status == 0)


def test_who_interrupts_the_question_has_an_echo_again(tmp_path):
    terminal = Terminal([BUILD / "daemon/cli/upkeep", "channel", "keygen", tmp_path / "asked"])
    terminal.wait_for(lambda screen: any(line.startswith("Password for the new key:") for line in screen))
    terminal.type("half\x03")
    assert terminal.program.wait(timeout=60) == 1
    assert termios.tcgetattr(terminal.terminal)[3] & termios.ECHO
    terminal.end()
    assert "upkeep: interrupted" in terminal.screen and list(tmp_path.iterdir()) == []


def test_a_secret_key_is_the_owners_alone_and_never_overwritten(upkeep, keygen, tmp_path):
    keygen("--no-password")
    assert stat.S_IMODE(os.stat(tmp_path / "ours.key").st_mode) == 0o600
    before = (tmp_path / "ours.key").read_bytes()
    code, message = upkeep("channel", "keygen", tmp_path / "ours", "--no-password", "--json").error
    assert (code, message) == ("invalid", f"{tmp_path}/ours.key exists; a key is never overwritten")
    (tmp_path / "ours.key").rename(tmp_path / "saved.key")
    assert upkeep("channel", "keygen", tmp_path / "ours", "--no-password").status == 1    # nor the public half
    assert (tmp_path / "saved.key").read_bytes() == before and not (tmp_path / "ours.key").exists()


@pytest.mark.parametrize("content", ["", "untrusted comment: x\nRWQ=\n", "x" * 5000])
def test_what_is_no_secret_key_is_named_and_not_quoted(publisher, tmp_path, content):
    one = publisher(keys=1)
    (tmp_path / "bad.key").write_text(content)
    code, message = one("set", "stable", "1.2.3", "--critical", "no", "--key", tmp_path / "bad.key").error
    assert code == "invalid" and str(tmp_path / "bad.key") in message
    assert "xxx" not in message


def test_a_pair_is_made_whole_or_not_at_all(upkeep, tmp_path):
    public = tmp_path / "release.pub"
    public.symlink_to(tmp_path / "nowhere")    # what was not there when it was looked for
    code, message = upkeep("channel", "keygen", tmp_path / "release", "--no-password", "--json").error
    assert code == "invalid" and str(public) in message
    assert public.is_symlink() and [file.name for file in tmp_path.iterdir()] == ["release.pub"]
    public.unlink()
    assert upkeep("channel", "keygen", tmp_path / "release", "--no-password").status == 0
