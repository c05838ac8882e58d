# SPDX-License-Identifier: Apache-2.0
"""promtool, fetched when it is first asked for."""

import subprocess

from tools import of_debian


def promtool(*words, page=None):
    """Runs promtool and returns (status, everything it printed)."""
    done = subprocess.run([of_debian("prometheus"), *map(str, words)], input=page, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    return done.returncode, done.stdout
