# SPDX-License-Identifier: Apache-2.0
"""The layers of a host on which Upkeep has been installed from its .deb and demo-agent 1.2.3 runs: made once a run and kind, shared
by its machines."""

from .host import Host
from .machine import Machine
from .package import Package

FIRST = Package("1.2.3")

# In the field a call that the filter of a unit denies fails with EPERM. Here it ends the process, so that none goes unnoticed.
STRICT = "[Service]\nSystemCallErrorNumber=kill\n"
STRICT_FILES = [f"/etc/systemd/system/{unit}.d/strict.conf" for unit in ("upkeepd.service", "upkeep-hold@.service", "upkeep-store@.service", "upkeep-conffiles@.service")]


def prepare(workspace, site, deb, kind="apt", strict=False):
    """Boots a machine over the bare root, installs, and powers it off; its disk is the new top layer."""
    root = workspace.root(kind)
    name = f"prepared-{kind}"
    publisher = site.publisher(name, kind)
    publisher.release(FIRST)
    machine = Machine(workspace, name, [root]).up()
    host = Host(machine, publisher)
    host.trust()
    host.install("demo-agent")
    host.run("systemctl enable --now demo-agent")
    if strict:
        for file in STRICT_FILES:
            host.write(file, STRICT)
    host.install_upkeep(deb)
    machine.stop()
    return [machine.folder / "upper", root]
