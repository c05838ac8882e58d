# SPDX-License-Identifier: Apache-2.0
"""Which of an rpm repository's versions a release is: epochs, releases with a distribution's tag, pre-releases, several releases of one
version; and lists that are older than what the channel says."""

import pytest
from machine.package import Package

KINDS = ["dnf", "zypp"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_in_the_spellings_of_rpm(boot, kind):
    host = boot(f"rpm-versions-{kind}", kind)
    host.keep_up()
    steps = [
        ("14.3.33", [Package("14.3.33", revision="1.el9")], "14.3.33-1.el9"),
        # of several releases the newest by rpm's own order, and not by that of letters
        ("14.3.34", [Package("14.3.34", revision="9.el9"), Package("14.3.34", revision="10.el9"), Package("14.3.34", revision="2.el9")],
         "14.3.34-10.el9"),
        ("15.0.0-rc.1", [Package("15.0.0~rc.1")], "15.0.0~rc.1-1"),
        ("15.0.0", [Package("15.0.0")], "15.0.0-1"),
        ("15.0.1", [Package("15.0.1", epoch=1)], "1:15.0.1-1"),
        # lower by number, higher by epoch
        ("15.0.2", [Package("15.0.2", epoch=2, revision="1.el9")], "2:15.0.2-1.el9"),
    ]
    for release, packages, installed in steps:
        host.publisher.repo.offer(*packages)
        host.publisher.channel.publish(release)
        host.wait_committed(installed)
        assert host.kind.installed("demo-agent") == installed
        host.wait_reason("up_to_date")


@pytest.mark.parametrize("kind", KINDS)
def test_lists_that_pass_for_fresh_are_read_anew_once(boot, kind):
    host = boot(f"rpm-stale-{kind}", kind)
    host.keep_up()
    host.run("pkcon refresh")
    refreshes = lambda: host.run("journalctl -q -o cat -u packagekit | grep -c 'refresh-cache transaction .* finished'", check=False).stdout
    before = int(refreshes())
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    assert int(refreshes()) == before + 1

    # What nobody has is looked for once as well.
    host.publisher.channel.publish("2.3.5")
    text = host.wait_reason("refused")["decision"]["text"]
    assert "no repository of this host offers demo-agent for release 2.3.5; offered: 2.3.4-1, 1.2.3-1" in text
    assert int(refreshes()) == before + 2
