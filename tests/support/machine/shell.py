# SPDX-License-Identifier: Apache-2.0
"""Running programs on this host, and knowing whether a process still lives."""

import contextlib
import os
import pathlib
import signal
import subprocess


class CommandFailed(AssertionError):
    """A program that had to succeed did not; the text holds what it printed."""


def run(argv, check=True, input=None, timeout=60, env=None):
    """Runs a program to its end and returns it with .stdout and .stderr as text.

    Raises CommandFailed when it fails and `check` is set, or when it outlives `timeout` seconds (it is killed then, with its children).
    """
    argv = [str(word) for word in argv]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, errors="replace", env=env, start_new_session=True)
    try:
        out, err = child.communicate(input, timeout=timeout)
    except BaseException as problem:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if isinstance(problem, subprocess.TimeoutExpired):
            raise CommandFailed(f"not done after {timeout} s: {' '.join(argv)}") from None
        raise
    done = subprocess.CompletedProcess(argv, child.returncode, out, err)
    if check and done.returncode != 0:
        raise CommandFailed(f"status {done.returncode}: {' '.join(argv)}\n{out}{err}")
    return done


def alive(pid):
    """False for a zombie too: on some hosts nobody reaps orphans promptly."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return False
    return state not in ("Z", "X", "")
