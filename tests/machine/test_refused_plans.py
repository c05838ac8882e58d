# SPDX-License-Identifier: Apache-2.0
"""Plans that are refused before anything is changed: nobody vouches for the package, or another package would have to go."""

from machine.package import Package


def refused(host, word):
    agent = host.wait_reason("refused")
    assert word in agent["decision"]["text"], agent["decision"]
    assert host.installed() == host.running() == "1.2.3"
    assert host.history()[-1]["result"] == "refused"


def test_unsigned_repository(boot):
    host = boot("unsigned")
    host.keep_up()
    host.publisher.repo.offer(Package("2.3.4"), signed=False)
    host.publisher.channel.publish("2.3.4")
    refused(host, "signed")

    # A signed one is trusted again, with the next release.
    host.publisher.release(Package("2.3.5"))
    host.wait_result("committed", "2.3.5")


def test_a_package_that_needs_a_removal(boot):
    host = boot("removal")
    host.publisher.repo.offer(Package("1.0.0", name="other-agent"))
    host.run("apt-get -qq update")
    host.install("other-agent")
    host.keep_up()
    host.publisher.release(Package("2.3.4", conflicts="other-agent"))
    refused(host, "other-agent")
    assert host.installed("other-agent") == "1.0.0"


def test_a_version_that_the_repository_does_not_have(boot):
    host = boot("missing-version")
    host.keep_up()
    host.publisher.channel.publish("2.3.4")
    refused(host, "2.3.4")
