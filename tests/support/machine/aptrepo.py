# SPDX-License-Identifier: Apache-2.0
"""A signed apt repository: suite stable, component main."""

import shutil

from . import shell

RELEASE = {"Suite": "stable", "Codename": "stable", "Origin": "Demo", "Components": "main", "Architectures": "amd64 all"}


class AptRepo:
    """Lies in `folder`, signed with `keys`; its packages are built once, in `pool`."""

    def __init__(self, folder, keys, pool):
        self.folder, self.keys, self.pool = folder, keys, pool
        self.valid_for = None     # seconds, from the next change on; None: for ever
        self._offered = []
        self._edition = 0

    def offer(self, *packages, signed=True):
        """Offers these packages beside those that it already offers."""
        self.offer_only(*dict.fromkeys([*self._offered, *packages]), signed=signed)

    def offer_only(self, *packages, signed=True):
        """Rewrites it to offer exactly these packages; with signed=False nobody vouches for them."""
        self._offered = list(packages)
        self._edition += 1
        new = self.folder.with_name(f"{self.folder.name}.{self._edition}")
        (new / "pool").mkdir(parents=True)
        index = new / "dists/stable/main/binary-amd64"
        index.mkdir(parents=True)
        for package in packages:
            shutil.copy(package.build(self.pool), new / "pool")
        (index / "Packages").write_text(shell.run(["env", "-C", new, "apt-ftparchive", "packages", "pool"]).stdout)
        shell.run(["gzip", "-kn", index / "Packages"])     # as every repository has it
        options = [word for key, value in RELEASE.items() for word in ("-o", f"APT::FTPArchive::Release::{key}={value}")]
        if self.valid_for:
            options += ["-o", f"APT::FTPArchive::Release::ValidTime={self.valid_for}"]
        release = shell.run(["apt-ftparchive", *options, "release", new / "dists/stable"]).stdout
        (new / "dists/stable/Release").write_text(release)
        if signed:
            self.keys.clearsign(new / "dists/stable/Release", new / "dists/stable/InRelease")
        link = self.folder.with_suffix(".link")     # the change is atomic for those who read it meanwhile
        link.symlink_to(new.name)
        link.rename(self.folder)
