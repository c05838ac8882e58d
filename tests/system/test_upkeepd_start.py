# SPDX-License-Identifier: Apache-2.0
"""What `upkeepd` itself says: its options, and a host that has no identity."""

import os
import subprocess

from conftest import BUILD

UPKEEPD = BUILD / "daemon/upkeepd"
USAGE = "usage: upkeepd [--config FOLDER] [--plugins FOLDER] [--version]\n"


def run(*argv):
    return subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_help_is_an_answer_and_a_wrong_option_an_error():
    asked = run(UPKEEPD, "--help")
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, USAGE, "")
    wrong = run(UPKEEPD, "--halp")
    assert (wrong.returncode, wrong.stdout, wrong.stderr) == (2, "", USAGE)


def test_a_host_without_a_machine_id_is_told_what_that_means(tmp_path):
    # It cannot listen there, so it ends by itself.
    (tmp_path / "upkeep.toml").write_text(f'[daemon]\nstate = "{tmp_path}/state"\n[control]\nsocket = "{tmp_path}/none/control.sock"\n')
    (tmp_path / "state").mkdir()
    warning = "no machine id, so every host without one has the same place in a spread: "
    start = [UPKEEPD, "--config", tmp_path, "--plugins", BUILD / "plugins-built"]
    assert warning not in (usual := run(*start)).stderr
    assert usual.returncode == 1 and "control socket: " in usual.stderr
    namespace = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount", "--"]
    without = run(*namespace, "sh", "-c", 'mount --bind /dev/null /etc/machine-id && exec "$@"', "sh", *start)
    assert warning in without.stderr
