# SPDX-License-Identifier: Apache-2.0
"""What a running process has used, from /proc."""

import pathlib


class Process:
    """`pid` as this host sees it."""

    def __init__(self, pid):
        self.pid = int(pid)
        self._folder = pathlib.Path("/proc") / str(self.pid)

    def memory(self):
        """MB that are resident, and of those the ones that are its own and changed."""
        fields = {}
        for line in (self._folder / "smaps_rollup").read_text().splitlines()[1:]:
            name, value = line.split(":")
            fields[name] = int(value.split()[0]) / 1024
        return fields["Rss"], fields["Private_Dirty"]

    def cpu(self):
        """Seconds on a processor so far, of all its threads, in user and kernel mode; exact, not in ticks."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in (self._folder / "task").iterdir()) / 1e9

    def wakeups(self):
        """How often it went to sleep of its own will so far, in all threads: each time something woke it."""
        total = 0
        for task in (self._folder / "task").iterdir():
            status = (task / "status").read_text()
            total += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
        return total
