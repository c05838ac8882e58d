# SPDX-License-Identifier: Apache-2.0
"""What somebody who has taken over the daemon's process can make PackageKit do, and what not. See test_worst_case.py."""

from machine.intruder import Intruder
from machine.package import Package
from machine.wait import wait_until
from machine.worst_case import allowed, denied, proves

TRUSTED, SIMULATE, REINSTALL, DOWNGRADE = 2, 4, 16, 64
OURS, OTHER = "demo-agent;{};all;", "other-agent;1.0.0-1;all;"
BUS = ["busctl", "call", "org.freedesktop.PackageKit", "/org/freedesktop/PackageKit"]


def broken_into(boot, name):
    host = boot(name)
    host.keep_up()
    host.cli("suspend", "--reason", "the intruder is the only one who acts")
    intruder = Intruder(host)
    intruder.bring_caller()
    return host, intruder


def offer(host, *packages):
    host.publisher.repo.offer(*packages)
    host.read_lists()


def install(intruder, *ids, flags=TRUSTED):
    return intruder.transaction("InstallPackages", "ta", flags, "\n".join(ids))


def test_what_it_may(boot):
    host, intruder = broken_into(boot, "may-packages")
    offer(host, Package("2.3.4"), Package("2.4.0", conflicts="other-agent"), Package("1.0.0", name="other-agent"))

    with proves("what every user of the host may: ask PackageKit and systemd, simulate, have packages downloaded, agree to licences"):
        allowed(intruder.run("pkcon -p get-updates; systemctl list-units > /dev/null"))
        allowed(install(intruder, OTHER, flags=TRUSTED | SIMULATE))
        allowed(intruder.transaction("AcceptEula", "s", "any"))
        allowed(intruder.transaction("DownloadPackages", "ba", 1, OTHER))
        host.run("pkcon -py install --only-download 'other-agent;1.0.0-1;all;'", user="nobody")
    host.install("other-agent")
    with proves("install any version of an enabled agent's package that a signed repository offers, older ones too, at any time"):
        for version in ("2.3.4", "1.2.3"):
            allowed(install(intruder, OURS.format(version + "-1"), flags=TRUSTED | DOWNGRADE))
            assert host.installed() == version
    with proves("answer the questions that this package's installation scripts ask (debconf)"):
        intruder.run("perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => q(/var/lib/upkeep/questions), Listen => 1)'")
        host.hold_installation()
        intruder.start("/usr/local/bin/transaction", "SetHints", "a", "frontend-socket=/var/lib/upkeep/questions\ninteractive=true", "+",
                       "InstallPackages", "ta", str(TRUSTED), OURS.format("2.3.4-1"))
        host.wait_installing()
        environment = host.run("cat $(grep -al 'demo-agent[.]postinst' /proc/[0-9]*/cmdline | sed s/cmdline/environ/)", check=False).stdout
        assert "DEBIAN_FRONTEND=passthrough" in environment and "DEBCONF_PIPE=/var/lib/upkeep/questions" in environment, environment
        host.let_installation_go_on()
        wait_until("it is installed", host.installed, lambda version: version == "2.3.4")
    with proves("with such a version, have installed and removed what its dependencies say"):
        allowed(install(intruder, OURS.format("2.4.0-1")))
        assert host.installed() == "2.4.0" and host.run("dpkg -s other-agent", check=False).stdout.count("install ok installed") == 0
    with proves("have the package lists read again, and PackageKit's own repair run"):
        # What was installed is being kept, and apt reads the list of it.
        allowed(wait_until("apt's lock is free", lambda: intruder.transaction("RefreshCache", "b", 1),
                           lambda done: "get lock" not in done.stdout + done.stderr))
        allowed(intruder.transaction("RepairSystem", "t", TRUSTED))


def test_what_it_may_not(boot):
    host, intruder = broken_into(boot, "may-not-packages")
    offer(host, Package("2.3.4"), Package("1.0.0", name="other-agent"), Package("1.0.0", name="demo-agent-extras"))

    with proves("install any other package by its name, alone or among others"):
        good = OURS.format("2.3.4-1")
        for ids in ([OTHER], [good, OTHER], [OTHER, good], ["demo-agent-extras;1.0.0-1;all;"], [good + "&" + OTHER],
                    [OTHER + "&" + good], ["demo-agent&" + OTHER], ["demo-agent:all;2.3.4-1;all;"], ["demo-agent ;2.3.4-1;all;"],
                    [good, "other-agent;1.0.0-1;all;demo-agent;"], ["other-agent"], [""], [";;;"], ["Demo-agent;2.3.4-1;all;"]):
            for flags in (TRUSTED, TRUSTED | DOWNGRADE):
                denied(install(intruder, *ids, flags=flags), "error 48", "refused", "error 6", "error 8")
    with proves("exchange what it asked for once that has been allowed"):
        denied(intruder.transaction("InstallPackages", "ta", TRUSTED, good, "+", "InstallPackages", "ta", TRUSTED, OTHER), "refused")
        assert host.run("dpkg-query -W other-agent demo-agent-extras", check=False).stdout == ""
        denied(intruder.transaction("InstallPackages", "ta", TRUSTED | SIMULATE, OTHER, "+", "InstallPackages", "ta", TRUSTED, OTHER),
               "refused")
    with proves("remove a package, reinstall, update in bulk, prepare updates for the next boot, or upgrade the system"):
        denied(intruder.transaction("RemovePackages", "tabb", TRUSTED, good, 1, 1), "error 48", "refused")
        denied(install(intruder, good, flags=TRUSTED | REINSTALL), "error 48")
        denied(intruder.transaction("UpdatePackages", "ta", TRUSTED, good), "error 48")
        denied(intruder.transaction("UpdatePackages", "ta", TRUSTED, OTHER), "error 48")
        denied(intruder.transaction("UpgradeSystem", "tsu", TRUSTED, "trixie", 1), "error 48", "refused")
        offline = [*BUS, "org.freedesktop.PackageKit.Offline"]
        denied(intruder.run([*offline, "Trigger", "s", "reboot"]))
        denied(intruder.run([*offline, "TriggerUpgrade", "s", "reboot"]))
    with proves("install a package file, or a package that no trusted key signed"):
        denied(install(intruder, good, flags=0), "error 48")
        host.run("cp /root/upkeep_*.deb /var/lib/upkeep/x.deb && chmod 644 /var/lib/upkeep/x.deb")
        for flags in (0, TRUSTED):
            denied(intruder.transaction("InstallFiles", "ta", flags, "/var/lib/upkeep/x.deb"), "error 48", "refused")
        unsigned(host, Package("9.9.9"))
        denied(install(intruder, OURS.format("9.9.9-1")), "finished")
        denied(install(intruder, OURS.format("9.9.9-1"), flags=0), "error 48")
        assert host.installed() in ("1.2.3", "2.3.4")
    with proves("change repositories, keys or the proxy of PackageKit"):
        denied(intruder.transaction("RepoEnable", "sb", "demo", 0), "error 48", "refused")
        denied(intruder.transaction("RepoSetData", "sss", "demo", "url", "x"), "error 48", "refused")
        denied(intruder.transaction("RepoRemove", "tsb", TRUSTED, "demo", 1), "error 48", "refused")
        denied(intruder.transaction("InstallSignature", "uss", 1, "ABCDEF01", good), "error 48", "refused")
        denied(intruder.run([*BUS, "org.freedesktop.PackageKit", "SetProxy", "ssssss", "http://127.0.0.1:9", "", "", "", "", ""]))
    with proves("cancel or change what others ask of PackageKit"):
        offer(host, Package("2.3.5"))
        host.hold_installation()
        host.run("systemd-run --quiet pkcon -py install 'demo-agent;2.3.5-1;all;'")
        host.wait_installing()
        host.run("systemd-run --quiet pkcon -py install 'demo-agent-extras;1.0.0-1;all;'")
        list_them = [*BUS, "org.freedesktop.PackageKit", "GetTransactionList"]
        running = wait_until("one waits", lambda: host.run(list_them).stdout.split()[2:], lambda paths: len(paths) == 2)
        for path in running:
            transaction = ["org.freedesktop.PackageKit", path.strip('"'), "org.freedesktop.PackageKit.Transaction"]
            denied(intruder.run(["busctl", "call", *transaction, "Cancel"]), "sender does not match")
            denied(intruder.run(["busctl", "call", *transaction, "InstallPackages", "tas", "2", "1", OTHER]), "sender does not match")
        host.let_installation_go_on()
        wait_until("the first comes to its end", host.installed, lambda version: version == "2.3.5")
        wait_until("so does the second", lambda: host.installed("demo-agent-extras"))
    assert host.run("dpkg-query -W other-agent", check=False).returncode == 1


def unsigned(host, package):
    """A second repository that its administrator lets in although nobody signs it; apt calls what it offers untrusted."""
    repo = type(host.publisher.repo)(host.publisher.site.folder / host.publisher.name / "unsigned", host.publisher.site.keys,
                                     host.publisher.site.pool)
    repo.offer(package, signed=False)
    url = host.publisher.repo_url.removesuffix("repo") + "unsigned"
    host.write("/etc/apt/sources.list.d/unsigned.list", f"deb [allow-insecure=yes] {url} stable main\n")
    # Upkeep may just be reading the lists of its store, and hold apt's lock.
    wait_until("apt knows it", lambda: host.run("apt-get -qq update 2>&1 || true; apt-cache madison demo-agent").stdout,
               lambda offers: package.full_version in offers)
