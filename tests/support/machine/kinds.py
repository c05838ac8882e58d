# SPDX-License-Identifier: Apache-2.0
"""The kinds of machines, by their package manager: how an administrator trusts a publisher, installs, reads lists, and asks what is there."""

import shlex

from .aptrepo import AptRepo
from .rpmrepo import RpmRepo
from .wait import wait_until

SOURCES = """Types: deb
URIs: {url}
Suites: stable
Components: main
Signed-By: /etc/apt/keyrings/demo.asc
"""

REPO = """[demo]
name=demo
baseurl={url}
enabled=1
autorefresh=1
gpgcheck=1
repo_gpgcheck=1
pkg_gpgcheck=1
gpgkey=file://{key}
{more}"""


class Apt:
    """Debian 12."""

    name = installer = "apt"
    repository = AptRepo

    def __init__(self, host):
        self.host = host

    def trust(self, key):
        self.host.write("/etc/apt/keyrings/demo.asc", key)

    def use_repository(self, url, more=""):
        self.host.write("/etc/apt/sources.list.d/demo.sources", SOURCES.format(url=url) + more)
        self.host.run("apt-get -qq update")

    def read_lists(self):
        """Upkeep may just be reading the lists of its package store, and hold apt's lock."""
        wait_until("apt reads the lists", lambda: self.host.run("apt-get -qq update", check=False).returncode, lambda status: status == 0)

    def install(self, packages):
        self.host.run("DEBIAN_FRONTEND=noninteractive apt-get -qqy -o Dpkg::Use-Pty=0 --allow-change-held-packages install " +
                      shlex.join(packages))

    def install_deb(self, file):
        self.install([file])

    def installed(self, name):
        """The version that dpkg has, fully installed; else dpkg's word for the state it is in."""
        state, version = self.host.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name]).stdout.split()
        return version if state == "installed" else state


class Rpm:
    """Debian 13, whose administrator has no apt repositories, but rpm's."""

    repository = RpmRepo
    key = "/etc/pki/rpm-gpg/RPM-GPG-KEY-demo"

    def __init__(self, host):
        self.host = host

    def trust(self, key):
        self.host.write(self.key, key)
        self.host.run(["rpm", "--import", self.key])

    def use_repository(self, url, more=""):
        self.host.write(f"{self.sources}/demo.repo", REPO.format(url=url, key=self.key, more=more))
        self.read_lists()

    def install_deb(self, file):
        self.host.run(f"DEBIAN_FRONTEND=noninteractive dpkg --install {shlex.quote(file)}")

    def installed(self, name):
        """The version that rpm has; both, if a transaction was killed before it removed the older one."""
        versions = self.host.run(["rpm", "-q", "--qf", "%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n", name]).stdout.split()
        return " ".join(sorted(version.removeprefix("0:") for version in versions))


class Dnf(Rpm):
    name, installer, sources = "dnf", "yum", "/etc/yum.repos.d"

    def read_lists(self):
        self.host.run("dnf -qy --refresh makecache")

    def install(self, packages):
        self.host.run(["dnf", "-qy", "install", *(package.replace("=", "-", 1) for package in packages)])


class Zypp(Rpm):
    name, installer, sources = "zypp", "zypper", "/etc/zypp/repos.d"

    def read_lists(self):
        self.host.run("zypper -qn refresh")

    def install(self, packages):
        self.host.run(["zypper", "-qn", "install", *packages])


KINDS = {kind.name: kind for kind in (Apt, Dnf, Zypp)}
