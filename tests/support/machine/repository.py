# SPDX-License-Identifier: Apache-2.0
"""What repositories of packages have in common: they are written anew at each change, and change at once."""


class Repository:
    """Lies in `folder`, signed with `keys`; its packages are built once, in `pool`."""

    def __init__(self, folder, keys, pool):
        self.folder, self.keys, self.pool = folder, keys, pool
        self._offered = []
        self._edition = 0

    def offer(self, *packages, **signing):
        """Offers these packages beside those that it already offers."""
        self.offer_only(*dict.fromkeys([*self._offered, *packages]), **signing)

    def offer_only(self, *packages, **signing):
        """Rewrites it to offer exactly these packages. How they are vouched for: see the kinds of repositories."""
        self._offered = list(packages)
        self._edition += 1
        new = self.folder.with_name(f"{self.folder.name}.{self._edition}")
        new.mkdir(parents=True)
        self._fill(new, packages, **signing)
        link = self.folder.with_suffix(".link")     # the change is atomic for those who read it meanwhile
        link.symlink_to(new.name)
        link.rename(self.folder)
