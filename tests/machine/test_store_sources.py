# SPDX-License-Identifier: Apache-2.0
"""The package store is filled whatever the host's source looks like; a hook of the host that fails does not matter; a password in an
address is shown to nobody."""

import pytest
from machine import shell
from machine.host import AGENT
from machine.kept import STORE, kept, no_network
from machine.wait import wait_until

KEY = "/etc/apt/keyrings/demo.asc"


def embedded(host):
    """The key in the stanza itself, after another stanza, with more suites and components than the package needs."""
    lines = [" " + (line or ".") for line in host.publisher.site.keys.repository.read_text().splitlines()]
    return "demo.sources", (f"Enabled: no\nTypes: deb\nURIs: {host.publisher.repo_url}\nSuites: x\nComponents: y\n\n# ours\nTypes: deb\n"
                            f"URIs: {host.publisher.repo_url}\nSuites: stable unstable\nComponents: main\nSigned-By:\n" +
                            "\n".join(lines) + "\n")


def one_line(host):
    return "demo.list", f"# a list\ndeb [ arch=amd64 signed-by={KEY} ] {host.publisher.repo_url} stable main\n"


def password(host):
    return "demo.list", f"deb [signed-by={KEY}] {host.publisher.repo_url.replace('://', '://someone:sEcReT@')} stable main\n"


def flat(host):
    return "demo.list", f"deb [signed-by={KEY}] {host.publisher.repo_url} ./\n"


def make_repository(host, form):
    """`stable` also as `unstable`, the release file for `detached` not in InRelease, and for `flat` at the top."""
    folder, keys = host.publisher.repo.folder, host.publisher.site.keys
    stable = folder / "dists/stable"
    if form == "detached":
        keys.detach_sign(stable / "Release", stable / "Release.gpg")
        (stable / "InRelease").unlink()
    if form == "embedded":
        (folder / "dists/unstable").symlink_to("stable")
    if form == "flat":
        index = stable / "main/binary-amd64"
        (folder / "Packages").write_bytes((index / "Packages").read_bytes())
        (folder / "Release").write_text(shell.run(["env", "-C", folder, "apt-ftparchive", "release", "."]).stdout)
        keys.clearsign(folder / "Release", folder / "InRelease")


FORMS = {"embedded": embedded, "one-line": one_line, "password": password, "flat": flat, "detached": one_line}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_source(boot, form):
    host = boot(f"sources-{form}")
    make_repository(host, form)
    name, text = FORMS[form](host)
    host.run("rm /etc/apt/sources.list.d/demo.*; apt-get clean")
    host.write(f"/etc/apt/sources.list.d/{name}", text)
    host.run(f"chmod 600 /etc/apt/sources.list.d/{name}; apt-get -qq update")
    host.configure()
    host.run("""printf 'APT::Update::Post-Invoke { "false"; };\\n' > /etc/apt/apt.conf.d/99-fails""")
    said = host.cli("enable", AGENT)
    assert kept(host) == ["1.2.3-1"], said
    assert host.run(f"grep -r sEcReT {STORE} /var/lib/upkeep-root", check=False).stdout == ""
    assert "sEcReT" not in said.stdout + said.stderr
    host.run("rm /etc/apt/apt.conf.d/99-fails")
    with no_network(host):
        host.run("cd /tmp && apt-get -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/upkeep-store-demo-agent.sources "
                 "-o Dir::Etc::sourceparts=- download demo-agent=1.2.3-1 && dpkg-deb -f demo-agent_1.2.3-1_*.deb Version")


# A proxy that takes connections and never says a word.
SILENCE = "$s = IO::Socket::INET->new(LocalAddr => q(127.0.0.1:81), Listen => 9); while ($c = $s->accept) { push @c, $c }"


def test_disable_during_a_fill(boot):
    host = boot("sources-disable")
    host.configure()
    host.cli("enable", AGENT)
    host.run(["systemd-run", "-q", "--unit=silence", "perl", "-MIO::Socket::INET", "-e", SILENCE])
    host.write("/etc/apt/apt.conf.d/99-proxy", 'Acquire::https::Proxy "http://127.0.0.1:81";\n')
    host.run(f"rm -rf {STORE}/kept {STORE}/[0-9]*; systemctl start --no-block upkeep-store@{AGENT}")
    wait_until("it waits for the repository", lambda: host.run(["test", "-e", f"{STORE}/work/origin/only.sources"], check=False).returncode,
               lambda status: status == 0)
    host.cli("disable", AGENT)
    assert host.unit(f"upkeep-store@{AGENT}", "ActiveState") in ("inactive", "failed")
    assert host.run("ls /var/lib/upkeep-store").stdout == ""
    host.run(f"ls /etc/apt/sources.list.d/upkeep-store-{AGENT}.sources && exit 1; true")
