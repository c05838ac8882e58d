# SPDX-License-Identifier: Apache-2.0
"""`upkeep channel show`: what a channel says, from a web server or a folder, without a daemon."""

import pytest


def test_it_shows_version_and_critical_of_a_web_server(nginx, channel_show):
    answer = channel_show(nginx().publish("stable/cloud", "v14.3.33\n", "yes\n"))
    assert answer.status == 0
    assert answer.json == {"version": "14.3.33", "critical": True, "signed": False, "warnings": []}


def test_it_shows_a_folder_of_the_same_layout(tmp_path, channel_show):
    (tmp_path / "current").mkdir()
    (tmp_path / "current/version").write_text("1.2.3")
    (tmp_path / "current/critical").write_text("no")
    answer = channel_show(tmp_path / "current", ca_file=None)
    assert answer.json == {"version": "1.2.3", "critical": False, "signed": False, "warnings": []}


def test_none_is_no_release(nginx, channel_show):
    answer = channel_show(nginx().publish(version="none"))
    assert answer.status == 0
    assert answer.json["version"] is None


@pytest.mark.parametrize("version", ["", "latest", "1.2", "1.2.3 4", "<html>", b"\xff\xfe1.2.3", "1.2.3\n4.5.6\n"])
def test_a_version_that_is_none_is_an_error_that_names_the_file(nginx, channel_show, version):
    code, message = channel_show(nginx().publish(version=version)).error
    assert code == "invalid"
    assert "version" in message


def test_a_missing_version_names_its_url(nginx, channel_show):
    url = nginx().publish(version=None)
    assert channel_show(url).error == ("invalid", f"{url}/version does not exist")


@pytest.mark.parametrize("critical, cause", [(None, "does not exist"), ("perhaps", "perhaps"), ("x" * 5000, "longer than 4096 bytes")])
def test_an_unreadable_critical_file_is_not_critical_and_warned_of(nginx, channel_show, critical, cause):
    answer = channel_show(nginx().publish(critical=critical))
    assert answer.status == 0
    assert answer.json["version"] == "1.2.3"
    assert answer.json["critical"] is False
    assert len(answer.json["warnings"]) == 1 and cause in answer.json["warnings"][0]


def test_a_missing_folder_is_named(tmp_path, channel_show):
    assert channel_show(tmp_path / "gone", ca_file=None).error == ("invalid", f"{tmp_path}/gone/version does not exist")
