# SPDX-License-Identifier: Apache-2.0
"""A real terminal for a program: a pty that is its controlling terminal, and an emulator that knows what the screen shows."""

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time

import pyte


class Terminal:
    """Runs `words`; `screen` is what a person sees, `raw` all that was written."""

    def __init__(self, words, columns=80, lines=40, **environment):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._emulator = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._emulator)
        self._lock = threading.Condition()
        self.raw = b""
        self.program = subprocess.Popen(
            [str(word) for word in words], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with contextlib.suppress(OSError):  # how Linux says that the other side has closed
            while piece := os.read(self._ours, 65536):
                with self._lock:
                    self.raw += piece
                    self._stream.feed(piece)
                    self._lock.notify_all()

    @property
    def screen(self):
        with self._lock:
            return [line.rstrip() for line in self._emulator.display if line.strip()]

    @property
    def terminal(self):
        """Its descriptor, for questions about its settings."""
        return self._ours

    def type(self, keys):
        os.write(self._ours, keys.encode())

    def wait_for(self, condition, seconds=20):
        """condition(lines of the screen)"""
        end = time.monotonic() + seconds
        while not condition(self.screen):
            with self._lock:
                self._lock.wait(0.1)
            assert time.monotonic() < end, "\n".join(self.screen)

    def end(self):
        """Waits for the program; its exit status."""
        status = self.program.wait(timeout=60)
        self._reader.join(timeout=10)
        os.close(self._ours)
        return status

    def kill(self):
        self.program.kill()
        return self.end()
