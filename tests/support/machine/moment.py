# SPDX-License-Identifier: Apache-2.0
"""Moments of a real upgrade, named after what the agent's journal has just written, and who dies at them.

All of it is done from outside the machine: the journal lies in the machine's upper folder, and its processes are this host's too. So a kill
follows the journal's bytes within two milliseconds.
"""

import dataclasses
import datetime
import json
import os
import pathlib
import random
import signal
import time

from .host import AGENT

SEED = os.environ.get("UPKEEP_SEED") or str(datetime.date.today())
LONGEST = 60     # seconds that a moment may let wait for itself


@dataclasses.dataclass(frozen=True)
class Moment:
    """`victim` dies so many milliseconds after an upgrade to a `good` or `bad` release has journalled that it is in `phase`."""

    victim: str
    release: str
    phase: str
    after: int = 0

    def __str__(self):
        return f"{self.victim}-{self.release}-{self.phase}+{self.after}ms"


def moments(victim, **phases):
    """good_applying=range(0, 200, 50), … as a list."""
    return [Moment(victim, *name.split("_", 1), after) for name, times in phases.items() for after in times]


def sample(everything, count):
    """So many of the list, one out of each equal stretch of it; all of it with UPKEEP_LONG. Another choice each day, or by UPKEEP_SEED."""
    if os.environ.get("UPKEEP_LONG"):
        return everything
    dice = random.Random(SEED)
    bounds = [len(everything) * i // count for i in range(count + 1)]
    return [everything[dice.randrange(low, high)] for low, high in zip(bounds, bounds[1:])]


class Journal:
    """The journal of one agent of a machine, read from outside."""

    def __init__(self, machine, agent=AGENT):
        self._file = machine.folder / "upper/var/lib/upkeep/agents" / agent / "journal.jsonl"

    def entries(self):
        """What it holds now, without a line that is being written."""
        return [json.loads(line) for line in self._file.read_bytes().split(b"\n")[:-1] if line]

    def last(self):
        return self.entries()[-1]["seq"]

    def wait(self, phase, since):
        """Returns as soon as it has an entry behind number `since` that goes into `phase`, with that entry."""
        end, size = time.monotonic() + LONGEST, None
        while time.monotonic() < end:
            now = self._file.stat()
            if (now.st_ino, now.st_size) != size:     # parsing costs more than the moment may be late
                size = now.st_ino, now.st_size
                found = [entry for entry in self.entries() if entry["seq"] > since and phase_of(entry) == phase]
                if found:
                    return found[0]
            time.sleep(0.001)
        raise AssertionError(f"no entry goes into {phase} within {LONGEST} s: {self.entries()[-3:]}")


def phase_of(entry):
    """The phase that an entry of a journal goes into; None: it does not."""
    return "preparing" if entry["event"] == "begin" else entry["fields"].get("phase") if entry["event"] in ("phase", "end") else None


def strike(moment, machine, since):
    """Waits for the moment behind entry `since`, and kills. A machine that was killed is down afterwards."""
    Journal(machine).wait(moment.phase, since)
    end = time.monotonic() + moment.after / 1000
    while time.monotonic() < end:
        time.sleep(0.001)
    if moment.victim == "machine":
        machine.power_cut()
    else:
        kill(machine, {"daemon": "upkeepd", "packagekitd": "packagekitd"}[moment.victim])


def kill(machine, program, how=signal.SIGKILL):
    """Sends the machine's processes that run `program` a signal; returns how many there were."""
    found = 0
    for pid in machine.processes():
        try:
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == program:
                os.kill(pid, how)
                found += 1
        except OSError:     # gone meanwhile
            pass
    return found


def kill_at_once(machine, *programs):
    """All that run one of these; returns how many there were. First they are stopped: one that outlives another by a moment tidies up."""
    return min(sum(kill(machine, program, how) for program in programs) for how in (signal.SIGSTOP, signal.SIGKILL))


# Who installs for PackageKit; a program that libzypp has started outlives packagekitd.
INSTALLERS = ("packagekitd", "rpm", "zypp-rpm")
