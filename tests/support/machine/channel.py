# SPDX-License-Identifier: Apache-2.0
"""A release channel as a folder of a web server: CHANNEL/version and CHANNEL/critical."""

import os
import time


class Channel:
    """Lies in `folder`; says nothing until publish()."""

    def __init__(self, folder):
        self.folder = folder
        self._stamp = 0
        folder.mkdir(parents=True)

    def publish(self, version, critical=False):
        """Says this version from now on. Each file changes atomically, the two together do not."""
        self._put("critical", "yes\n" if critical else "no\n")
        self._put("version", f"{version}\n")

    def _put(self, name, text):
        new = self.folder / f".{name}.new"
        new.write_text(text)
        # Two changes within a second would have one modification time, and a conditional request would be told "not modified".
        self._stamp = max(int(time.time()), self._stamp + 1)
        os.utime(new, (self._stamp, self._stamp))
        new.rename(self.folder / name)
