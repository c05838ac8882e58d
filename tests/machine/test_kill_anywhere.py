# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the daemon, of the whole machine and of packagekitd, spread over real upgrades to good and to bad releases.

Whatever dies at whichever moment, the host is at rest within a minute: with a good release committed, or waiting with the version of before
and committed at the next attempt; with a bad one taken back and in quarantine. Each moment is a test of its own; `tests/run` samples ten,
`tests/run --long` takes all. They share a machine as long as it comes out of each as it should.
"""

import time

import pytest

from machine.host import Host
from machine.machine import Machine
from machine.moment import SEED, Journal, moments, sample, strike
from machine.package import Package
from machine.prepared import FIRST
from machine.wait import wait_until

PHASES = ("preparing", "applying", "activating", "soaking")
ONCE = (0,)

DAEMON = moments("daemon", good_preparing=(0, 100, 300), good_applying=range(0, 1200, 50), good_activating=ONCE, good_soaking=(0, 500),
                 good_committed=ONCE, bad_preparing=ONCE, bad_applying=(0, 400, 800), bad_activating=ONCE, bad_soaking=ONCE,
                 bad_reverting=range(0, 1200, 100), bad_rolled_back=ONCE)
MACHINE = moments("machine", good_preparing=ONCE, good_applying=range(0, 1200, 150), good_activating=ONCE, good_soaking=ONCE,
                  good_committed=ONCE, bad_activating=ONCE, bad_soaking=ONCE, bad_reverting=range(0, 1200, 200), bad_rolled_back=ONCE)
PACKAGEKITD = moments("packagekitd", good_preparing=(0, 300), good_applying=range(0, 1200, 100), bad_reverting=range(0, 1200, 200))
SAMPLE = sample(DAEMON, 5) + sample(MACHINE, 3) + sample(PACKAGEKITD, 2)

AT_REST = ("idle", "waiting", "committed", "rolled_back", "stuck")
LEFT_BEHIND = """dpkg --audit
ls /var/lib/dpkg/updates | grep -x '[0-9]*'
[ "$(apt-mark showhold)" = demo-agent ] || echo the hold is gone
busctl --auto-start=no call org.freedesktop.PackageKit /org/freedesktop/PackageKit org.freedesktop.PackageKit GetTransactionList 2>&1 |
  grep -v -e '^ao 0$' -e 'does not exist'
true
"""


class Fleet:
    """One machine at rest after the other; a new one only when the last test left its machine in a state that it should not have."""

    def __init__(self, workspace, site, layers):
        self._make = lambda name: (Machine(workspace, name, layers), site.publisher(name))
        self._count = 0
        self.host = None
        self.trusted = False

    def at_rest(self):
        if not self.trusted:
            self.down()
            self._count += 1
            machine, publisher = self._make(f"kill-{self._count}")
            publisher.release(FIRST)
            self.host = Host(machine, publisher)
            machine.up()
            self.host.use_repository()
            self.host.keep_up(soak="1s")
            self.host.wait_reason("up_to_date")
            self.version = FIRST.version
            self.number = 0
        self.trusted = False
        self.number += 1
        return self.host

    def down(self):
        if self.host:
            self.host.machine.down()


@pytest.fixture(scope="module")
def fleet(workspace, site, layers):
    fleet = Fleet(workspace, site, layers)
    yield fleet
    fleet.down()


def slow(version, behaviour="good"):
    return Package(version, behaviour, preinst="sleep 0.2", postinst="sleep 0.2", ballast=8)


def publish(host, fleet, behaviour):
    """The next release; the repository goes on offering the version that is installed. Both take a while to be installed."""
    package = slow(f"2.{fleet.number}.0", behaviour)
    host.publisher.repo.offer_only(slow(fleet.version), package)
    host.publisher.channel.publish(package.version)
    return package.version


def rest(host, version, back):
    """Waits until the operation to `version` has come to an end, at most a minute after `back`, and returns how."""
    def at_rest(agent):
        last = agent["last_operation"]
        return agent["phase"] in AT_REST and agent["operation"] is None and last and last["to"].startswith(version)

    agent = host.wait(f"the operation to {version} ends", at_rest, seconds=back + 60 - time.monotonic())
    return agent["last_operation"]["result"]


@pytest.mark.parametrize("moment", SAMPLE, ids=str)
def test_legal_whoever_dies(fleet, moment, request):
    print(f"moment {moment}, UPKEEP_SEED={SEED}")
    host = fleet.at_rest()
    request.node.hosts = [host]
    since = Journal(host.machine).last()
    version = publish(host, fleet, {"good": "good", "bad": "crash"}[moment.release])

    strike(moment, host.machine, since)
    if moment.victim == "machine":
        host.machine.up()
    back = time.monotonic()
    result = rest(host, version, back)

    if result == "failed":     # nothing was changed: the version of before runs, and the next attempt gets there
        assert host.installed() == host.running() == fleet.version
        host.cli("force", "--no-wait")
        result = wait_until("the next attempt ends", lambda: rest(host, version, time.monotonic()), lambda result: result != "failed",
                            seconds=60)
    expected = {"good": ("committed", version), "bad": ("rolled_back", fleet.version)}[moment.release]
    assert (result, host.installed(), host.running()) == (expected[0], expected[1], expected[1])
    assert (version in host.status()["quarantined"]) == (moment.release == "bad")
    # the hold is put back behind the operation's end
    wait_until("nothing is left behind", lambda: host.run(LEFT_BEHIND).stdout, lambda said: said == "", seconds=10)
    fleet.version = expected[1]
    fleet.trusted = True


def test_there_are_enough_moments():
    assert len(set(DAEMON)) >= 40 and len(set(MACHINE)) >= 10 and len(set(PACKAGEKITD)) >= 10
    assert {moment.phase for moment in DAEMON} == {*PHASES, "reverting", "committed", "rolled_back"}
