# SPDX-License-Identifier: Apache-2.0
"""The namespace is deleted under an operation, with workload and account: the daemon says what is missing, asks seldom, and lives on."""

from machine.wait import wait_until


def test_namespace_goes(cluster, space, daemon, faulty):
    web = space.workload()
    upkeepd = daemon(web, space.account(), port=faulty.port, soak="1m", version="2.3.4")
    upkeepd.wait_phase("soaking")
    space.delete()
    wait_until("the namespace is gone", space.is_gone, seconds=60)
    refused = wait_until("the daemon has met it", lambda: [one for one in faulty.exchanges if one.status in (401, 403, 404)], seconds=60)
    asked = len(faulty.exchanges)
    upkeepd.cli("check")
    assert upkeepd.alive and refused
    assert len(faulty.exchanges) - asked < 20
