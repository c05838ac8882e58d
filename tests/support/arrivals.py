# SPDX-License-Identifier: Apache-2.0
"""In which order files come to stand in a folder, as the kernel tells it: their times are too coarse for that."""

import ctypes
import os
import struct

IN_MOVED_TO = 0x80
HEAD = struct.Struct("iIII")    # inotify(7): watch, mask, cookie, length of the name

_libc = ctypes.CDLL(None, use_errno=True)


class Arrivals:
    """names(): of the files that were renamed into the folder since the last call, in order."""

    def __init__(self, folder):
        self._fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0 or _libc.inotify_add_watch(self._fd, os.fsencode(folder), IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def names(self):
        out, events = [], os.read(self._fd, 65536)
        while events:
            length = HEAD.unpack_from(events)[3]
            out.append(events[HEAD.size:HEAD.size + length].rstrip(b"\0").decode())
            events = events[HEAD.size + length:]
        return out

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._fd)
