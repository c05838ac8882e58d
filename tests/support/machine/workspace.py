# SPDX-License-Identifier: Apache-2.0
"""Where a run keeps its things, and how nothing of it is left behind.

Everything is below one cache folder: roots/ (built once) and run/ID/ (a folder for each run, removed at its end). The owner of a run
folder holds a lock on it; a folder that nobody locks belongs to a run that was killed, and the next run ends its processes and removes
it.
"""

import fcntl
import os
import pathlib
import shutil
import signal
import tempfile

from . import shell
from .cgroup import Cgroup

HERE = pathlib.Path(__file__).resolve().parent


def cache_folder():
    fallback = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("UPKEEP_CACHE") or pathlib.Path(fallback) / "upkeep")


class Workspace:
    """One run's folder. Used as a context manager: leaving it removes the folder, after ending what still runs in it.

    Call keep() to leave it, with its machines, for end_kept() of a later process.
    """

    def __init__(self):
        if os.geteuid() != 0:
            raise RuntimeError("test machines need root")
        for wish in (signal.SIGTERM, signal.SIGHUP):     # to end like Ctrl-C: tidily
            signal.signal(wish, signal.default_int_handler)
        runs = cache_folder() / "run"
        runs.mkdir(parents=True, exist_ok=True)
        beginning = _lock(runs, wait=True)     # of two runs that begin at once, none shall sweep the other's new folder
        sweep()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="", dir=runs))
        self._lock = _lock(self.folder)
        os.close(beginning)
        self.kept = False

    def root(self, kind):
        """The root folder of machines of `kind`; builds it when it is not there yet."""
        root = pathlib.Path(shell.run([HERE / "make-root", kind], timeout=900).stdout.strip())
        if len(list(root.parent.parent.glob("run/*"))) == 1:     # no other run is under way that may use an older root
            for other in root.parent.glob(f"{kind}-*"):
                if other != root:
                    shutil.rmtree(other)
        return root

    def name(self, what):
        """The name of a machine's or server's group of processes."""
        return f"upkeep-{self.folder.name}-{what}"

    def keep(self):
        (self.folder / "kept").touch()
        self.kept = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.kept:
            _remove(self.folder)
        os.close(self._lock)


def _lock(folder, wait=False):
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise
    return fd


def _remove(folder):
    for name in Cgroup.names(f"upkeep-{folder.name}-"):
        Cgroup(name).end()
    shutil.rmtree(folder, ignore_errors=True)   # a first try may race with a namespace that is being torn down
    if folder.exists():
        shutil.rmtree(folder)


def sweep(kept=False):
    """Ends and removes what killed runs left; with `kept` also what was left on purpose. Returns how many it removed."""
    removed = 0
    for folder in sorted((cache_folder() / "run").glob("*")):
        if (folder / "kept").exists() and not kept:
            continue
        try:
            fd = _lock(folder)
        except (BlockingIOError, FileNotFoundError):     # its owner lives, or another run has just removed it
            continue
        _remove(folder)
        os.close(fd)
        removed += 1
    return removed
