# SPDX-License-Identifier: Apache-2.0
"""A control group for each machine (and web server), so that all its processes can be found and ended, even by a later run.

Two machines in one group would end each other's services. Hosts with cgroup v1, v2 or both are served: the group exists in each tree that
systemd uses.
"""

import os
import pathlib
import signal

from .wait import wait_until

TREES = [tree for tree in map(pathlib.Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"))
         if (tree / "cgroup.procs").exists()]


class Cgroup:
    """One named group. A failure to create it means that this host does not let us, so machines cannot run here."""

    def __init__(self, name):
        self.paths = [tree / name for tree in TREES]

    @staticmethod
    def names(prefix):
        """All groups whose names begin with `prefix`."""
        return sorted({path.name for tree in TREES for path in tree.glob(prefix + "*") if path.is_dir()})

    def entering(self, argv):
        """`argv`, changed so that the program starts inside this group, which is created."""
        for path in self.paths:
            path.mkdir(exist_ok=True)
        enter = "".join(f"echo $$ > '{path}/cgroup.procs'; " for path in self.paths)
        return ["/bin/sh", "-ec", enter + 'exec "$@"', "sh", *map(str, argv)]

    def processes(self):
        """The ids of all processes in it and below."""
        found = set()
        for path in self.paths:
            for file in path.rglob("cgroup.procs"):
                try:
                    found.update(int(line) for line in file.read_text().split())
                except OSError:     # the group went away meanwhile
                    pass
        return found - {0}

    def end(self):
        """Kills what is left in it, then removes it."""
        def kill_all():
            left = self.processes()
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            return left

        wait_until(f"the processes of {self.paths} end", kill_all, lambda left: not left, seconds=20, every=0.02)
        wait_until(f"{self.paths} can be removed", self._remove, seconds=10, every=0.02)

    def _remove(self):
        for top in self.paths:
            for path, _, _ in os.walk(top, topdown=False):
                os.rmdir(path)
        return True
