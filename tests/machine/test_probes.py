# SPDX-License-Identifier: Apache-2.0
"""Every kind of probe with the real systemd and its journal: a release that fails one is taken back with the probe named, a good one is
committed, and a journal that may not be read stops the upgrade before anything is changed."""

import dataclasses

from machine.package import Package

# The demo agent's own program, with what the probes of this file look at; perl is in every Debian.
SERVE = r"""exec perl -MIO::Socket::INET -e '
  my ($status, $port) = @ARGV;
  my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 5, ReuseAddr => 1) or die;
  system("systemd-notify", "--ready", "--status=serving") if $ENV{NOTIFY_SOCKET};
  while (my $c = $s->accept) { my $l = <$c>; next unless $l; print $c "HTTP/1.0 $status\r\n\r\nthis is $status\n"; close $c }
' """

MORE = """http = "http://127.0.0.1:3000/readyz"
tcp = "127.0.0.1:3000"
notify = "demo-agent.service"
log = "fatal"
command = ["/usr/bin/test", "-e", "/run/demo-agent/version"]
"""


@dataclasses.dataclass(frozen=True)
class Served(Package):
    """A package whose program serves on 127.0.0.1:port, and whose unit has a type; `first` is said before anything else."""

    status: str = "200 OK"
    port: int = 3000
    type: str = "notify"
    first: str = ""

    def write_tree(self, top, units):
        super().write_tree(top, units)
        program = top / "usr/libexec" / self.name
        program.write_text(program.read_text().replace("exec sleep infinity", self.first + "\n" + SERVE + f"'{self.status}' {self.port}"))
        unit = next((top / units).iterdir())
        unit.write_text(unit.read_text().replace("[Service]\n", f"[Service]\nType={self.type}\nNotifyAccess=all\nTimeoutStartSec=3s\n"))


def served(boot, name):
    """A host that runs the good 1.9.0 of it, upgraded to by Upkeep."""
    host = boot(name)
    host.keep_up()
    host.publisher.release(Served("1.9.0"))
    host.wait_result("committed", "1.9.0")
    host.configure(soak="4s", more=MORE)
    host.cli("enable", "demo-agent")
    host.run("systemctl restart upkeepd")  # a group counts from the daemon's next start on
    return host


def test_all_hold_and_each_that_does_not_is_named(boot):
    host = served(boot, "probes")

    host.publisher.release(Served("1.9.1"))
    host.wait_result("committed", "1.9.1")
    probes = {probe["name"]: probe for probe in host.status()["health"]["probes"]}
    assert {name.split()[0] for name in probes} == {"unit", "command", "http", "tcp", "notify", "log"}
    assert all(probe["state"] == "ok" and not probe["baseline"] for probe in probes.values()), probes
    assert probes["notify demo-agent.service"]["detail"] == "has said READY=1, status: serving"

    for release, said in [
            (Served("2.0.1", status="503 Service Unavailable"),
             'unhealthy: http 127.0.0.1:3000/readyz: 503 Service Unavailable: "this is 503 Service Unavailable"'),
            (Served("2.0.2", port=3001), "127.0.0.1:3000"),
            (Served("2.0.3", first="echo '<3>a fatal mistake'"), 'unhealthy: log demo-agent.service: it logged "a fatal mistake"'),
            (Served("2.0.4", type="simple"), "unhealthy: notify demo-agent.service: it has Type=simple"),
            (Served("2.0.5", first="unset NOTIFY_SOCKET"), "notify demo-agent.service: ")]:
        host.publisher.release(release)
        agent = host.wait_result("rolled_back", release.version)
        assert said in agent["last_operation"]["detail"], agent["last_operation"]["detail"]
        assert host.installed() == host.running() == "1.9.1"


def test_a_journal_that_may_not_be_read(boot):
    host = served(boot, "probes-no-journal")
    host.write("/etc/systemd/system/upkeepd.service.d/no-group.conf", "[Service]\nSupplementaryGroups=\n")
    host.run("find /etc/systemd/system/upkeepd.service.d -name '*journal*' -delete; systemctl daemon-reload; systemctl restart upkeepd")
    host.publisher.release(Served("2.0.0"))
    agent = host.wait_reason("refused")
    assert "log demo-agent.service: the journal cannot be read: " in agent["decision"]["text"]
    assert "`sudo upkeep enable demo-agent`" in agent["decision"]["text"]
    assert host.installed() == host.running() == "1.9.0" and not agent["quarantined"]

    host.run("rm /etc/systemd/system/upkeepd.service.d/no-group.conf; systemctl daemon-reload")
    host.cli("enable", "demo-agent")
    host.run("systemctl restart upkeepd")
    host.wait_result("committed", "2.0.0")
