# SPDX-License-Identifier: Apache-2.0
"""promtool, fetched when it is first asked for."""

import pathlib
import subprocess

SUPPORT = pathlib.Path(__file__).resolve().parent


def promtool(*words, page=None):
    """Runs promtool and returns (status, everything it printed)."""
    tool = subprocess.run([SUPPORT / "get-promtool"], stdout=subprocess.PIPE, text=True, check=True, timeout=300).stdout.strip()
    done = subprocess.run([tool, *map(str, words)], input=page, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    return done.returncode, done.stdout
