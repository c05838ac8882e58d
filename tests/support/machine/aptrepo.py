# SPDX-License-Identifier: Apache-2.0
"""A signed apt repository: suite stable, component main."""

import shutil

from . import shell
from .package_deb import build_deb
from .repository import Repository

RELEASE = {"Suite": "stable", "Codename": "stable", "Origin": "Demo", "Components": "main", "Architectures": "amd64 all"}


class AptRepo(Repository):
    """Its packages lie in pool/. With signed=False nobody vouches for what it offers."""

    valid_for = None     # seconds, from the next change on; None: for ever

    def file(self, package):
        """The package as it lies in the repository."""
        return self.folder / "pool" / build_deb(package, self.pool).name

    def _fill(self, new, packages, signed=True):
        (new / "pool").mkdir()
        index = new / "dists/stable/main/binary-amd64"
        index.mkdir(parents=True)
        for package in packages:
            shutil.copy(build_deb(package, self.pool), new / "pool")
        (index / "Packages").write_text(shell.run(["env", "-C", new, "apt-ftparchive", "packages", "pool"]).stdout)
        shell.run(["gzip", "-kn", index / "Packages"])     # as every repository has it
        options = [word for key, value in RELEASE.items() for word in ("-o", f"APT::FTPArchive::Release::{key}={value}")]
        if self.valid_for:
            options += ["-o", f"APT::FTPArchive::Release::ValidTime={self.valid_for}"]
        release = shell.run(["apt-ftparchive", *options, "release", new / "dists/stable"]).stdout
        (new / "dists/stable/Release").write_text(release)
        if signed:
            self.keys.clearsign(new / "dists/stable/Release", new / "dists/stable/InRelease")
