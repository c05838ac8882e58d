# SPDX-License-Identifier: Apache-2.0
"""Packages of a demo agent, good ones and bad ones: a service that writes its version to /run/NAME/version and then does as it is told.

Their postinst writes /run/NAME.installing and waits as long as /run/NAME.wait exists, so that a test can stop the world in the middle of an
installation. They do not restart their service: that is the updater's part. The configuration file differs in every version, so that a
question about it would show.
"""

import dataclasses
import hashlib
import pathlib
import tempfile

from . import shell

# behaviour → what the program does once started. "late:SECONDS" runs for a while and then fails.
LIVES = {"good": "exec sleep infinity", "crash": "exit 1", "no-start": "exec sleep infinity"}


@dataclasses.dataclass(frozen=True)
class Package:
    """behaviour: good | crash (ends at once, again and again) | late:SECONDS | no-start (the unit's start fails).

    restart: the unit's Restart= and what belongs to it; preinst, postinst: lines of the shell that they begin with; ballast: megabytes
    that take their time to be unpacked.
    """

    version: str
    behaviour: str = "good"
    name: str = "demo-agent"
    conflicts: str = ""
    depends: str = ""
    revision: str = "1"
    restart: str = "on-failure\nRestartSec=100ms"
    preinst: str = ""
    postinst: str = ""
    ballast: int = 0

    @property
    def full_version(self):
        return f"{self.version}-{self.revision}"

    def build(self, folder):
        """Builds the .deb in `folder`, unless it is there, and returns its path."""
        mark = hashlib.sha256(repr(self).encode()).hexdigest()[:12]
        file = folder / f"{self.name}_{self.full_version}_{mark}_all.deb"
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as tmp:
                self._tree(pathlib.Path(tmp))
                shell.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tmp, file])
        return file

    def _tree(self, top):
        top.chmod(0o755)
        name, kind = self.name, self.behaviour.partition(":")
        life = f"sleep {kind[2]}; exit 1" if kind[0] == "late" else LIVES[kind[0]]
        program = f"#!/bin/sh\necho {self.version} > /run/{name}/version\necho {name} {self.version}\n{life}\n"
        _write(top / "usr/libexec" / name, program, 0o755)
        _write(top / "etc" / f"{name}.conf", f"greeting = from {self.version}\n")
        _write(top / "lib/systemd/system" / f"{name}.service", UNIT.format(
            name=name, version=self.version,
            restart="ExecStartPre=/bin/false" if kind[0] == "no-start" else f"Restart={self.restart}"))
        if self.ballast:
            _write(top / "usr/share" / name / "ballast", "x" * (self.ballast << 20))
        _write(top / "DEBIAN/control", f"Package: {name}\nVersion: {self.full_version}\nArchitecture: all\n"
               "Maintainer: Test <test@example.org>\nDescription: demo agent\n" +
               (f"Conflicts: {self.conflicts}\n" if self.conflicts else "") + (f"Depends: {self.depends}\n" if self.depends else ""))
        _write(top / "DEBIAN/conffiles", f"/etc/{name}.conf\n")
        _write(top / "DEBIAN/postinst", POSTINST.format(name=name, more=self.postinst), 0o755)
        _write(top / "DEBIAN/preinst", f"#!/bin/sh\nset -e\n{self.preinst}\n", 0o755)


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

POSTINST = """#!/bin/sh
set -e
{more}
: > /run/{name}.installing
while [ -e /run/{name}.wait ]; do sleep 0.05; done
rm -f /run/{name}.installing
[ ! -d /run/systemd/system ] || systemctl daemon-reload
"""


def _write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
