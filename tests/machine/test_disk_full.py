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
    refused = host.cli("run", check=False)
    assert refused.returncode == 1 and "No space left" in refused.stdout + refused.stderr, refused
    assert host.status()["installed"] == "1.2.3-1" and host.installed() == "1.2.3"

    host.run(["rm", f"{STATE}/fill"])
    host.wait_result("committed", "2.3.4", seconds=120)
