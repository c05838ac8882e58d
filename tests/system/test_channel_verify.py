# SPDX-License-Identifier: Apache-2.0
"""`upkeep channel verify` and `show` of signed channels: judged as a host judges, from a folder and from a web server."""

import pytest


@pytest.fixture
def one(publisher):
    one = publisher(keys=2)
    one.must("set", "stable", "1.2.3", "--critical", "no", "--key", one.secrets[0])
    return one


def test_what_is_good_is_shown_whole(one):
    answer = one.verify()
    assert answer.status == 0
    assert answer.json == {**one.document(), "verified": True, "signed_by": [one.id(0)], "warnings": []}
    shown = one.show().json
    assert shown == {**one.document(), "signed": True, "warnings": [],
                     "signatures": [{"key": one.id(0), "comment": "channel stable, serial 1, version 1.2.3", "verified": True}]}


def test_for_people_every_field_has_a_line(one, upkeep):
    one.must("set", "stable", "--rollout", "10%@2027-01-06T02:00:00Z, 100%@2027-01-07T02:00:00Z", "--notes", "https://example.com/")
    one.must("withdraw", "stable", "1.0.0", "--go-to", "1.0.1")
    out = upkeep("channel", "verify", one.path()).out
    for line in ("stable: 1.2.3", "  serial        3", "  notes         https://example.com/", "  rollout       10% from 2027-01-06T02:00:00Z",
                 "                100% from 2027-01-07T02:00:00Z", "  withdrawn     1.0.0, go to 1.0.1",
                 "  signed by     "):
        assert line in out, out
    assert one.id(0) in out and one.id(1) in out and out.endswith(", verified\n")


def test_a_folder_without_its_base_takes_keys_by_file_or_by_themselves(one, tmp_path):
    elsewhere = tmp_path / "www/stable"
    elsewhere.mkdir(parents=True)
    for name, text in one.files().items():
        (elsewhere / name).write_text(text)
    assert "there is no key to verify with" in one.verify(elsewhere).error[1]
    for key in (one.publics[0], one.publics[0].read_text().splitlines()[1]):
        assert one.verify(elsewhere, "--key", key).status == 0
    assert one.show(elsewhere).json["signatures"][0]["verified"] is None
    assert one.verify(elsewhere, *one.given(one.publics), "--signatures", "2").error[1].startswith("not trusted: 1 of the 2 signatures")
    assert one.verify(elsewhere, "--key", one.publics[1]).error[0] == "denied"


def change_document(one):
    (one.path() / "release.json").write_text((one.path() / "release.json").read_text().replace("1.2.3", "1.2.4"))


def change_name(one):
    one.path().rename(one.base / "edge")


def remove_signature(one):
    (one.path() / "release.json.minisig").unlink()


def change_plain(one):
    (one.path() / "version").write_text("9.9.9\n")


def make_critical(one):
    (one.path() / "critical").write_text("yes\n")


@pytest.mark.parametrize("damage, channel, says", [
    (change_document, "stable", "not trusted: 0 of the 1 signature that it takes"),
    (remove_signature, "stable", "there is no signature file"),
    (change_name, "edge", 'that of the channel "stable", not of "edge"'),
    (change_plain, "stable", "the plain files say 9.9.9, not critical, and release.json 1.2.3, not critical"),
    (make_critical, "stable", "the plain files say 1.2.3, critical"),
])
def test_what_a_host_would_refuse_is_refused(one, damage, channel, says):
    damage(one)
    code, message = one.verify(one.base / channel).error
    assert code == "denied" and says in message


def test_what_has_expired_or_will_soon(one, moved_clock, upkeep):
    assert one.verify(None, "--valid-for", "89d").status == 0
    code, message = one.verify(None, "--valid-for", "91d").error
    assert code == "denied" and "it expires at" in message
    answer = upkeep("channel", "verify", one.path(), "--json", **moved_clock(91 * 86400))
    assert "expired at" in answer.error[1]


def test_plain_files_that_are_not_there_are_only_warned_of(one):
    (one.path() / "version").unlink()
    assert one.verify().json["warnings"] == [f"older clients read nothing here: {one.path()}/version does not exist"]


def test_a_web_server_is_judged_alike(one, nginx, authority):
    server = nginx()
    where = server.www / "v1/stable/cloud"
    where.mkdir(parents=True)
    one.must("set", "stable/cloud", "2.0.0", "--critical", "no")
    for name, text in one.files("stable/cloud").items():
        (where / name).write_text(text)
    url = f"{server.url}/v1/stable/cloud"
    trust = ["--ca-file", authority.crt]
    answer = one.verify(url, *trust, *one.given(one.publics), "--signatures", "2")
    assert answer.status == 0, answer.err
    assert set(answer.json["signed_by"]) == {one.id(0), one.id(1)}
    assert one.verify(url, *trust, *one.given(one.publics), "--channel", "cloud").error[0] == "denied"
    assert one.show(url, *trust).json["version"] == "2.0.0"


def test_in_a_base_a_channel_is_called_as_its_folder_is(one):
    one.must("set", "cloud", "2.0.0", "--critical", "no")
    (one.base / "stable/cloud").mkdir()
    for name, text in one.files("cloud").items():
        (one.base / "stable/cloud" / name).write_text(text)
    for answer in (one.verify(one.base / "stable/cloud"), one.verify(one.base / "stable/cloud", "--key", one.publics[0]),
                   one.show(one.base / "stable/cloud")):
        code, message = answer.error
        assert code == "denied" and 'that of the channel "cloud", not of "stable/cloud"' in message
    assert one.verify(one.base / "cloud").json.get("channel_assumed") is None


def test_elsewhere_the_name_that_was_assumed_is_said(one, upkeep, tmp_path):
    elsewhere = tmp_path / "www/stable/cloud"
    elsewhere.mkdir(parents=True)
    one.must("set", "cloud", "2.0.0", "--critical", "no")
    for name, text in one.files("cloud").items():
        (elsewhere / name).write_text(text)
    answer = upkeep("channel", "verify", elsewhere, "--key", one.publics[0])
    assert answer.status == 0 and 'as the channel "cloud"' in answer.out and "--channel" in answer.out
    assert one.verify(elsewhere, "--key", one.publics[0]).json["channel_assumed"] is True
    assert one.verify(elsewhere, "--key", one.publics[0], "--channel", "cloud").json.get("channel_assumed") is None
    assert one.verify(elsewhere, "--key", one.publics[0], "--channel", "stable/cloud").error[0] == "denied"
