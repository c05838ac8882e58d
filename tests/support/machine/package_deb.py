# SPDX-License-Identifier: Apache-2.0
"""A demo agent's .deb."""

import pathlib
import tempfile

from . import shell
from .package import write


def build_deb(package, folder):
    """Builds it in `folder`, unless it is there, and returns its path."""
    version = f"{package.version}-{package.revision}"     # a file's name has no epoch
    file = folder / f"{package.name}_{version}_{package.mark}_all.deb"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as tmp:
            _tree(package, pathlib.Path(tmp))
            shell.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tmp, file])
    return file


def _tree(package, top):
    top.chmod(0o755)
    package.write_tree(top, "lib/systemd/system")
    relations = {"Conflicts": ", ".join(filter(None, (package.conflicts, package.obsoletes))), "Replaces": package.obsoletes,
                 "Depends": package.depends}
    write(top / "DEBIAN/control", f"Package: {package.name}\nVersion: {package.full_version}\nArchitecture: all\n"
          "Maintainer: Test <test@example.org>\nDescription: demo agent\n" +
          "".join(f"{key}: {value}\n" for key, value in relations.items() if value))
    write(top / "DEBIAN/conffiles", f"{package.configuration}\n")
    for name, script in zip(("preinst", "postinst"), package.scripts()):
        write(top / "DEBIAN" / name, f"#!/bin/sh\n{script}", 0o755)
