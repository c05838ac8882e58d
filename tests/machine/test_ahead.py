# SPDX-License-Identifier: Apache-2.0
"""Before the window: a refusal is known, and a release is downloaded, so that the window is used for the change alone."""

from machine.agent import ALWAYS, NEVER
from machine.package import Package

AHEAD = "\n[policy]\ndownload_ahead = true\n"
ARCHIVES = "/var/cache/apt/archives"


def preflight(agent):
    return (agent["preflight"] or {}).get("state")


def test_a_refusal_is_a_warning_before_the_window(boot):
    host = boot("refused-ahead")
    host.publisher.repo.offer(Package("1.0.0", name="other-agent"))
    host.run("apt-get -qq update")
    host.install("other-agent")
    host.keep_up(schedule=NEVER)
    host.publisher.release(Package("2.3.4", conflicts="other-agent"))
    agent = host.wait("the refusal is known", lambda agent: preflight(agent) == "refused")
    assert any("the upgrade to 2.3.4 would be refused" in text and "other-agent" in text for text in agent["warnings"]), agent["warnings"]
    assert agent["decision"]["reason"] == "outside_window"
    assert "would be refused" in host.cli("status", "demo-agent").stdout
    assert host.history() == []

    # A better release: no warning any more.
    host.publisher.release(Package("2.3.5"))
    agent = host.wait("the dry run goes well", lambda agent: preflight(agent) == "ready")
    assert not any("refused" in text for text in agent["warnings"]), agent["warnings"]


def test_the_window_is_used_for_the_change_alone(boot):
    host = boot("download-ahead")
    host.keep_up(schedule=NEVER, more=AHEAD)
    release = Package("2.3.4")
    host.publisher.release(release)
    agent = host.wait("it is downloaded", lambda agent: preflight(agent) == "downloaded")
    assert agent["preflight"]["text"] == "2.3.4-1 is downloaded"
    assert "demo-agent_2.3.4-1_all.deb" in host.run(["ls", ARCHIVES]).stdout
    assert host.installed() == "1.2.3" and host.history() == []

    # The repository goes on offering it, but has it no more: what is installed now was there before.
    file = host.publisher.repo.file(release)
    file.unlink()
    host.configure(schedule=ALWAYS, more=AHEAD)
    host.cli("reload")
    host.wait_result("committed", "2.3.4")
    assert host.running() == "2.3.4"


def test_without_it_the_package_is_needed_in_the_window(boot):
    """The proof that the test above proves something."""
    host = boot("download-late")
    host.keep_up(schedule=NEVER)
    release = Package("2.3.4")
    host.publisher.release(release)
    host.wait("the dry run goes well", lambda agent: preflight(agent) == "ready")
    assert "demo-agent_2.3.4" not in host.run(["ls", ARCHIVES]).stdout
    host.publisher.repo.file(release).unlink()
    host.configure(schedule=ALWAYS)
    host.cli("reload")
    host.wait_result("failed", "2.3.4")
    assert host.installed() == host.running() == "1.2.3"


def test_a_download_that_cannot_be_had_is_a_warning(boot):
    host = boot("download-fails")
    release = Package("2.3.4")
    host.publisher.repo.offer(release)
    file = host.publisher.repo.file(release)
    kept = file.read_bytes()
    file.unlink()
    host.keep_up(schedule=NEVER, more=AHEAD)
    host.publisher.channel.publish("2.3.4")
    agent = host.wait("the download has failed", lambda agent: preflight(agent) == "failed")
    assert any("downloading 2.3.4-1" in text for text in agent["warnings"]), agent["warnings"]
    file.write_bytes(kept)
    host.configure(schedule=ALWAYS, more=AHEAD)
    host.cli("reload")
    host.wait_result("committed", "2.3.4")
