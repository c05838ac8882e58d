# SPDX-License-Identifier: Apache-2.0
"""A daemon whose agents between them show everything that the API can say: each stands in another state, by its journal,
its configuration or its channel."""

import journal
from daemon import Daemon


def lively(folder, build):
    daemon = Daemon(folder, build)
    state = daemon.folder
    daemon.play("web", more=f'[hooks]\nbefore_apply = ["/usr/bin/true"]\n[health]\nsoak = "1s"\n[[health.probe]]\nuse = "command"\ncommand = ["/usr/bin/test", "!", "-e", "{state}/sick"]\n'
                            'interval = "1s"\nsuccesses = 1\nfailures = 1')
    daemon.play("closed", window="never")
    daemon.release("2.0.0", "closed")
    daemon.play("tried", channel="closed", window="never")  # for commands that change it in ways that no test looks at
    daemon.play("silent", channel="missing")  # its channel says nothing that can be read
    daemon.release("no version", "missing")
    daemon.play("absent", installed="")
    daemon.play("frozen", window="never")
    journal.write(state, "frozen", ("installed", "", {"version": "1.0.0-1", "by": "first"}), *journal.rolled_back("op-0"),
                  *journal.committed("op-1"), *journal.committed("op-2"),
                  ("installed", "", {"version": "1.0.0-1", "by": "others"}),
                  ("suspended", "", {"actor": "ada (uid 1000)", "reason": "freeze", "until": "2099-01-01T00:00:00Z"}),
                  ("pinned", "", {"actor": "ada (uid 1000)", "version": "1.0.0", "allow_downgrade": False}))
    daemon.play("stuck")
    journal.write(state, "stuck", *journal.stuck("op-9"))
    daemon.play("jammed")
    journal.write(state, "jammed", *journal.stuck("op-8"))
    daemon.play("damaged")
    damaged = journal.write(state, "damaged", *journal.committed("op-1"))
    damaged.write_text(damaged.read_text().replace("healthy", "health!"))
    daemon.configure("broken", "[source]\nuse = 'nothing'\n")
    for orphan in ("orphan", "orphan-2"):
        journal.write(state, orphan, *journal.committed("op-1"))
    return daemon
