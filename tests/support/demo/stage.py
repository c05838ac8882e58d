# SPDX-License-Identifier: Apache-2.0
"""What the demo shows: numbered steps with what they mean, commands with their real output, checks, progress, and a summary."""

import contextlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

WIDTH = min(shutil.get_terminal_size().columns, 110)


class Stage:
    """Prints as it goes. A check that fails raises AssertionError, and the demo ends there."""

    def __init__(self):
        self._started = time.monotonic()
        self._steps = []        # (title, when it began)
        self._checks = 0
        self._live = sys.stdout.isatty()

    def step(self, title, meaning):
        self._steps.append((title, time.monotonic()))
        print(f"\n── {title} " + "─" * max(3, WIDTH - len(title) - 4))
        print(textwrap.fill(meaning, WIDTH - 3, initial_indent="   ", subsequent_indent="   "))

    def say(self, *lines):
        for line in lines:
            print(f"   · {line}")

    def file(self, host, path):
        print(f"   {path}:")
        print(textwrap.indent(host.read(path).rstrip(), "     │ ", lambda line: True))

    def show(self, host, *words):
        """Runs `upkeep WORDS` on the host and shows what it printed; returns that."""
        return self.command("upkeep", words, lambda: host.cli(*words, check=False))

    def command(self, program, words, run):
        """Shows what run(), the program with these words, printed; returns that."""
        print(f"   $ {program} {shlex.join(words)}")
        done = run()
        output = done.stdout + done.stderr
        print(textwrap.indent(output.rstrip(), "     │ ", lambda line: True))
        self.check("it ends with status 0", done.returncode == 0, quiet=True)
        return output

    def check(self, text, holds, quiet=False):
        if not holds:
            raise AssertionError(f"this should hold, but does not: {text}")
        self._checks += 1
        if not quiet:
            print(f"   ✓ {text}")

    @contextlib.contextmanager
    def waiting(self, text):
        """Says what is waited for, and on a terminal how long already."""
        done, began = threading.Event(), time.monotonic()

        def tick():
            while not done.wait(1):
                print(f"\r   … {text} ({time.monotonic() - began:.0f} s)\033[K", end="", flush=True)

        ticker = threading.Thread(target=tick, daemon=True)
        if self._live:
            ticker.start()
        else:
            print(f"   … {text}")
        try:
            yield
        finally:
            done.set()
            if self._live:
                ticker.join()
                print("\r\033[K", end="")

    def long(self, text, argv, folder):
        """Runs a long command with its progress: the last line that it printed, live on a terminal, else every 15 s."""
        began = time.monotonic()
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            child = subprocess.Popen(list(map(str, argv)), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                while child.poll() is None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(1 if self._live else 15)
                        break
                    line = f"   … {text}, {time.monotonic() - began:.0f} s: {_last_line(log)}"[:WIDTH]
                    print(f"\r{line}\033[K" if self._live else line, end="" if self._live else "\n", flush=True)
            finally:
                if child.poll() is None:
                    child.terminate()
                    child.wait()
            print("\r\033[K" * self._live, end="")
            if child.returncode != 0:
                log.seek(0)
                raise AssertionError(f"{' '.join(map(str, argv))} failed:\n" + log.read()[-5000:])
            print(f"   ✓ {text} ({time.monotonic() - began:.0f} s)")

    def failed(self, problem, report):
        print(f"\n✗ FAILED in “{self._steps[-1][0] if self._steps else 'start'}”: {problem}")
        if report:
            print("\nWhat the machine says:\n" + textwrap.indent(report, "  "))

    def summary(self):
        end = time.monotonic()
        print("\n── Summary " + "─" * (WIDTH - 11))
        for (title, began), (_, ended) in zip(self._steps, [*self._steps[1:], ("", end)]):
            print(f"   {title:<60} {ended - began:6.1f} s")
        print(f"   {f'all {self._checks} checks hold':<60} {end - self._started:6.1f} s")


def _last_line(log):
    position = log.seek(0, 2)
    log.seek(max(0, position - 500))
    lines = log.read().split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
