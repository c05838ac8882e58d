# SPDX-License-Identifier: Apache-2.0
"""A signed rpm repository, as dnf and zypper read it."""

import shutil

from . import shell
from .package_rpm import build_rpm
from .repository import Repository


class RpmRepo(Repository):
    """Its packages lie at its top.

    `signed` says who vouches for the metadata, `packages_signed` who has signed each package: True for the repository's own key, False for
    nobody, or the Keys of somebody else.
    """

    def file(self, package):
        """The package as it lies in the repository."""
        return self.folder / build_rpm(package, self.pool, self.keys).name

    def _fill(self, new, packages, signed=True, packages_signed=True):
        for package in packages:
            shutil.copy(build_rpm(package, self.pool, self._signer(packages_signed)), new)
        shell.run(["createrepo_c", "--quiet", "--general-compress-type=gz", new])
        signer = self._signer(signed)
        if signer:
            signer.detach_sign(new / "repodata/repomd.xml", new / "repodata/repomd.xml.asc")
            shutil.copy(signer.repository, new / "repodata/repomd.xml.key")

    def _signer(self, who):
        return self.keys if who is True else who or None
