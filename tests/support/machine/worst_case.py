# SPDX-License-Identifier: Apache-2.0
"""The words of the README's table of what the user `upkeep` can do at worst, as its proofs use them."""

import contextlib

REFUSALS = ("Access denied", "authentication", "Permission denied", "Operation not permitted", "Read-only file system", "obtain auth",
            "No such file or directory")


@contextlib.contextmanager
def proves(row):
    """What is inside proves this row of the table; tests/unit/worst_case_table_test.cpp compares them word by word."""
    try:
        yield
    except AssertionError as problem:
        raise AssertionError(f"the README says: {row}\n{problem}") from problem


def allowed(done):
    assert done.returncode == 0, told(done)


def denied(done, *words):
    """It failed, and because it may not: with one of `words`, or of what the kernel, polkit and systemd say then."""
    said = done.stdout + done.stderr
    assert done.returncode != 0 and any(word in said for word in words or REFUSALS), told(done)


def told(done):
    command = done.args[done.args.index("--", done.args.index("--") + 1) + 1:]
    return f"{command}\nstatus {done.returncode}: {done.stdout}{done.stderr}"
