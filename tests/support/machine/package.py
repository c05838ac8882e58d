# SPDX-License-Identifier: Apache-2.0
"""Packages of a demo agent, good ones and bad ones: a service that writes its version to /run/NAME/version and then does as it is told.

Their last script writes /run/NAME.installing and waits as long as /run/NAME.wait exists, so that a test can stop the world in the middle of
an installation. They do not restart their service: that is the updater's part. The configuration file differs in every version, so that a
question about it would show. One description makes a .deb or an .rpm.
"""

import dataclasses
import hashlib

# behaviour → what the program does once started. "late:SECONDS" runs for a while and then fails.
LIVES = {"good": "exec sleep infinity", "crash": "exit 1", "no-start": "exec sleep infinity"}


@dataclasses.dataclass(frozen=True)
class Package:
    """behaviour: good | crash (ends at once, again and again) | late:SECONDS | no-start (the unit's start fails).

    version: as package managers write it (2.0.0~rc.1 comes before 2.0.0); revision: of the package, rpm's release ("1.el9");
    epoch, obsoletes (for a .deb: Replaces and Conflicts), vendor (rpm only).
    restart: the unit's Restart= and what belongs to it; preinst, postinst: lines of the shell that they begin with; ballast: megabytes
    that take their time to be unpacked.
    """

    version: str
    behaviour: str = "good"
    name: str = "demo-agent"
    conflicts: str = ""
    depends: str = ""
    obsoletes: str = ""
    vendor: str = "Demo"
    epoch: int = 0
    revision: str = "1"
    restart: str = "on-failure\nRestartSec=100ms"
    preinst: str = ""
    postinst: str = ""
    ballast: int = 0

    @property
    def full_version(self):
        return (f"{self.epoch}:" if self.epoch else "") + f"{self.version}-{self.revision}"

    @property
    def release_version(self):
        """As a release channel says it."""
        return self.version.replace("~", "-")

    @property
    def mark(self):
        """Differs between any two packages."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    @property
    def configuration(self):
        return f"/etc/{self.name}.conf"

    def write_tree(self, top, units):
        """The installed files, below `top`; `units` is the folder of units, relative to it."""
        name, kind = self.name, self.behaviour.partition(":")
        life = f"sleep {kind[2]}; exit 1" if kind[0] == "late" else LIVES[kind[0]]
        program = f"#!/bin/sh\necho {self.version} > /run/{name}/version\necho {name} {self.version}\n{life}\n"
        write(top / "usr/libexec" / name, program, 0o755)
        write(top / self.configuration[1:], f"greeting = from {self.version}\n")
        write(top / units / f"{name}.service", UNIT.format(
            name=name, version=self.version,
            restart="ExecStartPre=/bin/false" if kind[0] == "no-start" else f"Restart={self.restart}"))
        if self.ballast:
            write(top / "usr/share" / name / "ballast", "x" * (self.ballast << 20))

    def scripts(self):
        """Lines of the shell: what runs before its files are unpacked, and after."""
        return f"set -e\n{self.preinst}\n", POSTINST.format(name=self.name, more=self.postinst)


UNIT = """[Unit]
Description=Demo agent {version}
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/libexec/{name}
RuntimeDirectory={name}
{restart}
[Install]
WantedBy=multi-user.target
"""

POSTINST = """set -e
{more}
: > /run/{name}.installing
while [ -e /run/{name}.wait ]; do sleep 0.05; done
rm -f /run/{name}.installing
[ ! -d /run/systemd/system ] || systemctl daemon-reload
"""


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
