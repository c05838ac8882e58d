# SPDX-License-Identifier: Apache-2.0
"""Releases that do not hold: whatever way the new version fails in, the former one is put back by itself."""

import pytest

from machine.package import Package


@pytest.mark.parametrize("behaviour", ["no-start", "late:2"])
def test_taken_back(boot, behaviour):
    host = boot("bad-" + behaviour.replace(":", "-"))
    host.keep_up(soak="20s")
    host.publisher.release(Package("3.0.0", behaviour=behaviour))

    host.wait_result("rolled_back", "3.0.0")
    assert host.installed() == host.running() == "1.2.3"

    # It is not tried again, but what comes after it is.
    assert host.wait_reason("quarantined")["decision"]["action"] == "none"
    host.configure(soak="2s")
    host.cli("reload")
    host.publisher.release(Package("3.0.1"))
    host.wait_result("committed", "3.0.1")
