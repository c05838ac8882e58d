# SPDX-License-Identifier: Apache-2.0
"""A machine that wants to be restarted: shown for as long as it does, and left to its administrator."""

from machine.package import Package


def wanted(host):
    return [text for text in host.status()["warnings"] if "wants to be restarted" in text]


def test_what_a_package_asks_for_is_shown_until_the_restart(boot):
    host = boot("reboot-wanted")
    host.keep_up()
    assert wanted(host) == []
    # as the scripts of kernels and of libc do it
    ask = "touch /run/reboot-required; echo demo-agent > /run/reboot-required.pkgs"
    host.publisher.release(Package("2.3.4", postinst=ask))
    host.wait_result("committed", "2.3.4")
    host.cli("check")
    assert wanted(host) == ["the machine wants to be restarted (/run/reboot-required is there, for demo-agent): Upkeep leaves that to you"]

    host.machine.stop()
    host.machine.up()
    host.wait("it has been", lambda agent: agent["phase"] == "idle" and not wanted(host))
