# SPDX-License-Identifier: Apache-2.0
"""A full disk under the state folder: what cannot be journalled is not done; once there is room again, work goes on."""

from machine.package import Package

STATE = "/var/lib/upkeep"


def test_nothing_is_done_that_cannot_be_journalled(boot):
    host = boot("disk-full")
    host.run(f"systemctl stop upkeepd && mount -t tmpfs -o size=1m,mode=750,uid=upkeep,gid=upkeep tmpfs {STATE} && systemctl start upkeepd")
    host.keep_up()
    host.wait_reason("up_to_date")

    host.run(f"cat /dev/zero > {STATE}/fill", check=False)
    host.publisher.release(Package("2.3.4"))
    # The journal's last block has room for some more lines; after that nothing is taken any more.
    answers = [host.cli("suspend", "--reason", "x" * 500, check=False) for _ in range(12)]
    assert answers[-1].returncode == 1 and "cannot be recorded" in answers[-1].stdout + answers[-1].stderr, answers
    host.cli("run", check=False)
    assert host.status()["installed"] == "1.2.3-1" and host.installed() == "1.2.3"

    host.run(["rm", f"{STATE}/fill"])
    host.cli("resume")
    host.wait_result("committed", "2.3.4", seconds=120)
