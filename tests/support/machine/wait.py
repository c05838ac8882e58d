# SPDX-License-Identifier: Apache-2.0
"""Waiting for something to become true, with a deadline and a useful message when it does not."""

import time


def wait_until(text, look, good=bool, seconds=30, every=0.1):
    """Calls look() until good(of its result), and returns that result.

    `text` says what is waited for. After `seconds` it fails with `text` and the last result; a look() that raises is tried again until
    then.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            last = look()
            if good(last):
                return last
        except (AssertionError, KeyError, TypeError, ValueError, OSError) as problem:
            last = problem
        if time.monotonic() >= end:
            raise AssertionError(f"waited {seconds} s in vain: {text}\nlast seen: {last!r}")
        time.sleep(every)
