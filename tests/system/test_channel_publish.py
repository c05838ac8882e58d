# SPDX-License-Identifier: Apache-2.0
"""`upkeep channel set`, `promote`, `withdraw` and `sign`: what they write, and what they refuse to."""

import fcntl
import hashlib
import os
import stat

import pytest
from arrivals import Arrivals

TIMES = ["--issued", "2020-01-05T12:00:00Z", "--expires", "2099-01-01T00:00:00Z"]


def test_a_plain_channel_is_two_files(publisher):
    one = publisher()
    assert one.must("set", "stable", "1.2.3", "--critical", "no") == {
        "channel": "stable", "version": "1.2.3", "critical": False, "signed": False, "signed_by": [], "signatures_missing": 0}
    assert one.files() == {"version": "1.2.3\n", "critical": "no\n"}
    one.must("set", "stable/cloud", "none")
    assert one.files("stable/cloud") == {"version": "none\n", "critical": "no\n"}


def test_critical_is_written_before_the_version_when_it_becomes_no_and_after_it_when_it_becomes_yes(publisher):
    one = publisher(keys=1)
    one.must("set", "stable", "1.0.0", "--critical", "no")
    with Arrivals(one.path()) as written:
        one.must("set", "stable", "2.0.0", "--critical", "yes")
        assert written.names() == ["release.json.minisig", "release.json", "version", "critical"]
        one.must("set", "stable", "3.0.0", "--critical", "no")
        assert written.names() == ["release.json.minisig", "release.json", "critical", "version"]


@pytest.mark.parametrize("stuck", ["release.json.minisig", "release.json", "version", "critical"])
def test_when_one_file_cannot_be_written_all_stay_as_they_were(publisher, stuck):
    one = publisher(keys=1)
    one.must("set", "stable", "1.0.0", "--critical", "no")
    before = one.files()
    (one.path() / f".{stuck}.new").mkdir()
    _, message = one("set", "stable", "2.0.0", "--critical", "yes", "--key", one.secrets[0]).error
    assert f"/.{stuck}.new" in message
    assert one.files() == before and {file.name for file in one.path().iterdir()} == {*before, f".{stuck}.new"}
    (one.path() / f".{stuck}.new").rmdir()
    one.must("set", "stable", "2.0.0", "--critical", "yes")
    assert one.verify().status == 0


def test_what_it_writes_is_for_everybody_to_read_and_leaves_nothing_behind(publisher):
    one = publisher(keys=1)
    os.umask(os.umask(0o022))
    one.must("set", "stable", "1.0.0", "--critical", "no")
    assert {stat.S_IMODE(file.stat().st_mode) for file in one.path().iterdir()} == {0o644}
    assert stat.S_IMODE(one.path().stat().st_mode) & 0o055 == 0o055
    assert {file.name for file in one.path().iterdir()} == {"release.json.minisig", "release.json", "version", "critical"}


def test_the_same_input_gives_the_same_bytes(publisher):
    one = publisher(keys=1)
    words = ["set", "stable", "1.2.3", "--critical", "no", "--rollout", "10%@2027-01-06T02:00:00Z,100%@2027-01-07T02:00:00Z",
             "--package", "b=" + 64 * "b", "--package", "a=" + 64 * "a", *TIMES]
    one.must(*words)
    first = one.files()
    for file in one.path().iterdir():
        file.unlink()
    one.must(*words)
    assert one.files() == first
    assert first["release.json"] == one.path().joinpath("release.json").read_text()
    assert list(one.document()) == sorted(one.document()) and first["release.json"].endswith("}\n")


def test_every_option_says_what_it_says(publisher, tmp_path):
    one = publisher(keys=2)
    (tmp_path / "agent_1.2.3_amd64.deb").write_bytes(b"a package")
    (tmp_path / "windows.toml").write_text('time_zone = "Europe/Berlin"\ndays = ["Tue"]\nstart = "02:00"\nlength = "1h"\n')
    one.must("set", "stable", "1.2.3", "--critical", "yes", "--notes", "https://example.com/1.2.3", "--not-before", "2027-01-06T00:00:00Z",
             "--minimum-from", "1.0.0", "--rollout", "10%@2027-01-06T02:00:00Z", "--schedule", tmp_path / "windows.toml",
             "--image", "registry.example.com/agent=sha256:" + 64 * "c", "--package", tmp_path / "agent_1.2.3_amd64.deb",
             "--announce-key", one.publics[1], *TIMES)
    assert one.document() == {
        "channel": "stable", "version": "1.2.3", "critical": True, "serial": 1, "issued": TIMES[1], "expires": TIMES[3],
        "notes": "https://example.com/1.2.3", "not_before": "2027-01-06T00:00:00Z", "minimum_from": "1.0.0",
        "rollout": [{"starts": "2027-01-06T02:00:00Z", "percent": 10}],
        "schedule": {"time_zone": "Europe/Berlin", "days": ["Tue"], "start": "02:00", "length": "1h"},
        "images": {"registry.example.com/agent": "sha256:" + 64 * "c"},
        "packages": {"agent_1.2.3_amd64.deb": hashlib.sha256(b"a package").hexdigest()},
        "keys": [one.publics[1].read_text().splitlines()[1]],
        "requires": ["images", "minimum_from", "not_before", "packages", "rollout", "schedule"]}
    shown = one.must("set", "stable", "--notes", "none", "--rollout", "none", "--schedule", "none", "--image", "none", "--package", "none",
                     "--minimum-from", "none", "--not-before", "none", "--announce-key", "none", *TIMES)
    assert set(shown) == {"channel", "version", "critical", "serial", "issued", "expires", "keys", "signed", "signed_by", "signatures_missing"}
    assert shown["keys"] == [] and shown["serial"] == 2


@pytest.mark.parametrize("words, code, says", [
    (["1.2.2", "--critical", "no"], "denied", "1.2.2 is lower than 1.2.3"),
    (["1.2.4"], "invalid", "--critical yes or --critical no"),
    (["latest", "--critical", "no"], "invalid", "latest"),
    (["--expires", "2020-01-01T00:00:00Z"], "invalid", "it would have expired already"),
    (["--issued", "2020-01-01T00:00:00Z"], "invalid", "it would have expired already"),
    (["--issued", "2090-01-01T00:00:00Z"], "invalid", "no host would believe it before it was issued"),
    (["--expires", "soon"], "invalid", "--expires takes a duration (90d) or a time"),
    (["--serial", "1"], "denied", "serial 1 is not higher than 1"),
    (["--serial", "many"], "invalid", "--serial takes a whole number"),
    (["--serial", str(2**53), "--allow-serial-jump"], "invalid", "serial: must be a whole number"),
    (["--rollout", "10%"], "invalid", "10%@2027-01-05T02:00:00Z"),
    (["--notes", "ftp://example.com"], "invalid", "notes: must be an https address"),
    (["--schedule", "/nowhere.toml"], "unsupported", "--schedule: /nowhere.toml"),
    (["--image", "agent:latest"], "invalid", "--image takes REPOSITORY=sha256:HEX"),
    (["--package", "no-such-file"], "invalid", "neither a file nor NAME=SHA256"),
    (["--announce-key", "RWQ"], "invalid", "neither a public key nor a file"),
    (["--serial", "2000000"], "denied", "--allow-serial-jump"),
    (["--package", f"agent.deb={64 * 'a'}", "--package", f"agent.deb={64 * 'b'}"], "invalid", '--package names "agent.deb" twice'),
    (["--image", f"agent=sha256:{64 * 'a'}", "--image", f"agent=sha256:{64 * 'b'}"], "invalid", '--image names "agent" twice'),
])
def test_what_makes_no_sense_is_refused_and_changes_nothing(publisher, words, code, says):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    before = one.files()
    refused, message = one("set", "stable", *words, "--key", one.secrets[0]).error
    assert says in message and refused == code
    assert one.files() == before


def test_a_bad_schedule_is_named_with_its_line(publisher, tmp_path):
    one = publisher(keys=1)
    (tmp_path / "windows.toml").write_text('days = ["Tue"]\nstart = "25:00"\nlength = "1h"\n')
    _, message = one("set", "stable", "1.2.3", "--critical", "no", "--schedule", tmp_path / "windows.toml").error
    assert f"{tmp_path}/windows.toml:2" in message


@pytest.mark.parametrize("name", ["../stable", "/stable", "a//b", "", "a\nb", "."])
def test_a_channel_stays_in_its_folder(publisher, name):
    one = publisher()
    assert one("set", name, "1.2.3", "--critical", "no").status in (1, 2)
    assert {file.name for file in one.base.rglob("*")} == {"publisher.toml"}


def test_a_plain_base_signs_nothing_and_says_how_it_would(publisher):
    one = publisher(keys=1)
    plain = publisher()
    for words in (["--notes", "https://example.com"], ["--key", one.secrets[0]], ["--expires", "1d"]):
        code, message = plain("set", "stable", "1.2.3", "--critical", "no", *words).error
        assert code == "invalid" and f"`upkeep channel init {plain.base} --key PUBLIC` makes them signed" in message
    assert not plain.path().exists()


def test_a_plain_channel_becomes_a_signed_one(publisher):
    one = publisher()
    one.must("set", "stable", "1.2.3", "--critical", "yes")
    signer = publisher(keys=1)
    one.init("--key", signer.publics[0])
    shown = one.must("set", "stable", "--key", signer.secrets[0])
    assert (shown["version"], shown["critical"], shown["serial"]) == ("1.2.3", True, 1)
    assert one.verify().status == 0


def test_a_key_that_is_none_of_the_base_signs_nothing(publisher):
    one, other = publisher(keys=1), publisher(keys=1)
    code, message = one("set", "stable", "1.2.3", "--critical", "no", "--key", other.secrets[0]).error
    assert code == "denied" and other.id(0) in message and one.id(0) in message
    assert not one.path().exists()


def test_several_people_sign_one_after_the_other_in_any_order(publisher):
    one = publisher(keys=3, signatures=2)
    made = one.must("set", "stable", "1.2.3", "--critical", "no", *TIMES, signed=False)
    assert (made["signed_by"], made["signatures_missing"]) == ([], 2)
    assert set(one.files()) == {"release.json", "version", "critical"}
    assert one.verify().error[1].startswith("not trusted: 0 of the 2 signatures")
    one.must("sign", "stable", "--key", one.secrets[2])
    assert "release.json.minisig" in one.files()
    made = one.must("sign", "stable", "--key", one.secrets[0])
    assert (set(made["signed_by"]), made["signatures_missing"]) == ({one.id(0), one.id(2)}, 0)
    assert set(one.files()) == {"release.json", "release.json.minisig", f"release.json.{one.id(2)}.minisig", "version", "critical"}
    assert set(one.verify().json["signed_by"]) == {one.id(0), one.id(2)}
    others = one.files()
    for file in one.path().iterdir():
        file.unlink()
    one.must("set", "stable", "1.2.3", "--critical", "no", *TIMES, *one.given([one.secrets[0], one.secrets[2]]))
    assert one.files() == others


def test_the_next_release_has_none_of_the_old_signatures(publisher):
    one = publisher(keys=2, signatures=2)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    one.must("set", "stable", "1.2.4", "--critical", "no", "--key", one.secrets[1])
    assert {name for name in one.files() if name.endswith(".minisig")} == {"release.json.minisig"}
    assert one.show().error[1].startswith("not trusted: 1 of the 2 signatures")


def test_an_expired_document_is_not_signed(publisher, moved_clock):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no", "--expires", "2d")
    code, message = one("sign", "stable", "--key", one.secrets[0], **moved_clock(3 * 86400)).error
    assert code == "invalid" and "expired at" in message and "`upkeep channel set` renews it" in message


def test_promotion_takes_the_release_and_leaves_the_rest(publisher):
    one = publisher(keys=1)
    one.must("set", "edge", "1.3.0", "--critical", "yes", "--notes", "https://example.com/1.3.0", "--rollout", "10%@2027-01-06T02:00:00Z", *TIMES)
    one.must("set", "stable", "1.2.0", "--critical", "no", "--serial", "40", *TIMES)
    one.must("withdraw", "stable", "1.1.0", *TIMES)
    one.must("promote", "edge", "stable", *TIMES)
    assert one.document() == {"channel": "stable", "version": "1.3.0", "critical": True, "serial": 42, "issued": TIMES[1], "expires": TIMES[3],
                              "notes": "https://example.com/1.3.0", "withdrawn": [{"version": "1.1.0"}], "requires": ["withdrawn"]}
    assert one.verify().status == 0
    assert one("promote", "nowhere", "stable").error[1] == f'there is no channel "nowhere" in {one.base}'


def test_withdrawing_sends_hosts_to_another_version_until_that_is_taken_back(publisher):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.0", "--critical", "no", *TIMES)
    one.must("withdraw", "stable", "1.2.0", "--go-to", "1.1.0", *TIMES)
    assert one.document()["version"] == "1.1.0" and one.document()["withdrawn"] == [{"version": "1.2.0", "go_to": "1.1.0"}]
    assert one.files()["version"] == "1.1.0\n"
    assert "was withdrawn" in one("set", "stable", "1.2.0", "--critical", "no").error[1]
    one.must("withdraw", "stable", "1.2.0", "--undo", *TIMES)
    assert "withdrawn" not in one.document()
    one.must("set", "stable", "1.2.0", "--critical", "no", *TIMES)


def test_a_plain_channel_withdraws_what_it_offers(publisher):
    one = publisher()
    one.must("set", "stable", "1.2.0", "--critical", "yes")
    assert "can withdraw only what they offer" in one("withdraw", "stable", "1.1.0").error[1]
    one.must("withdraw", "stable", "1.2.0")
    assert one.files() == {"version": "none\n", "critical": "no\n"}


def test_of_two_who_publish_at_once_one_waits_his_turn(publisher):
    one = publisher()
    folder = os.open(one.base, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    assert one("set", "stable", "1.2.0", "--critical", "no").error[0] == "busy"
    os.close(folder)
    one.must("set", "stable", "1.2.0", "--critical", "no")


def test_a_folder_that_is_no_base_is_said_to_be_none(upkeep, tmp_path):
    code, message = upkeep("channel", "set", "stable", "1.2.3", "--critical", "no", "--base", tmp_path, "--json").error
    assert code == "unsupported" and f"there is no {tmp_path}/publisher.toml: `upkeep channel init FOLDER`" in message


@pytest.mark.parametrize("text, says", [
    ("keys = 3\n", ":1"), ('keys = ["RWQ"]\n', ":1"), ("signature = 2\n", "did you mean `signatures`?"), ("signatures = 0\n", ":1"), ("[", ":1"),
])
def test_a_base_that_cannot_be_read_is_named_with_its_line(publisher, text, says):
    one = publisher()
    (one.base / "publisher.toml").write_text(text)
    code, message = one("set", "stable", "1.2.3", "--critical", "no").error
    assert code == "invalid" and f"{one.base}/publisher.toml" in message and says in message


def test_init_again_changes_what_is_given_and_no_more(publisher):
    one = publisher(keys=2, signatures=2)
    keys = one.init()["keys"]
    assert len(keys) == 2
    assert one.init("--expires", "30d") == {"base": str(one.base), "keys": keys, "signatures": 2, "expires": "30d"}
    assert one.init("--signatures", "1")["expires"] == "30d"
    answer = one._upkeep("channel", "init", one.base, "--signatures", "3", "--json")
    assert answer.error == ("invalid", "3 signatures cannot be had of 2 keys")
    assert one.init()["signatures"] == 1


def test_two_packages_of_one_name_cannot_both_stand_for_it(publisher, tmp_path):
    one = publisher(keys=1)
    for folder in ("amd64", "arm64"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "agent.deb").write_text(folder)
    code, message = one("set", "stable", "1.2.3", "--critical", "no", "--package", tmp_path / "amd64/agent.deb",
                        "--package", tmp_path / "arm64/agent.deb", "--key", one.secrets[0]).error
    assert code == "invalid" and '--package names "agent.deb" twice' in message
    assert not one.path().exists()


@pytest.mark.parametrize("missing", [True, False])
def test_a_channel_whose_document_is_lost_does_not_begin_anew(publisher, missing):
    one = publisher(keys=1)
    one.must("set", "stable", "1.2.3", "--critical", "no")
    document = one.path() / "release.json"
    document.unlink() if missing else document.write_text("")
    before = one.files()
    code, message = one("set", "stable", "1.2.4", "--critical", "no", "--key", one.secrets[0]).error
    assert code == "invalid" and str(document) in message and ("release.json.minisig" in message if missing else "empty" in message)
    assert one.files() == before


def test_init_waits_its_turn_too(publisher):
    one = publisher(keys=2)
    text = (one.base / "publisher.toml").read_text()
    folder = os.open(one.base, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    assert one._upkeep("channel", "init", one.base, "--signatures", "2", "--json").error[0] == "busy"
    assert (one.base / "publisher.toml").read_text() == text
    os.close(folder)
    assert one.init("--signatures", "2")["signatures"] == 2
