# SPDX-License-Identifier: Apache-2.0
"""A whole machine with systemd, polkit and PackageKit, on which Upkeep was installed from its package; and the bare programs on it."""

import base64
import datetime
import os
import pathlib

from machine.deb import deb_for_debian_13, make_deb
from machine.host import Host
from machine.machine import Machine
from machine.prepared import FIRST, prepare
from machine.publisher import WebSite
from machine.workspace import Workspace

from .process import Process


class Booted:
    """Use as a context manager; `host` is the machine as its operator sees it."""

    def __init__(self, build, kind="apt"):
        self._build, self._kind = build, kind

    def __enter__(self):
        self._workspace = Workspace().__enter__()
        self._site = self._machine = None
        try:
            self._site = WebSite(self._workspace)
            deb = make_deb(self._build, self._workspace.folder / "deb") if self._kind == "apt" else deb_for_debian_13()
            layers = prepare(self._workspace, self._site, deb, self._kind)
            publisher = self._site.publisher("bench", self._kind)
            publisher.release(FIRST)
            self._machine = Machine(self._workspace, "bench", layers).up()
            self.host = Host(self._machine, publisher)
            self.host.use_repository()
            for tool in ("bare-idle", "bare-upgrade"):
                program = base64.b64encode((self._build / f"tests/bench/upkeep-bench-{tool}").read_bytes()).decode()
                self._machine.run(f"base64 -d > /usr/local/bin/{tool} && chmod 755 /usr/local/bin/{tool}", input=program)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *problem):
        if self._machine:
            self._machine.down()
        if self._site:
            self._site.server.stop()
        self._workspace.__exit__(*problem)

    def process(self, unit):
        """The main process of a unit, as this host sees it; its memory and wake-ups are read from outside."""
        inside = self.host.unit(unit, "MainPID")
        leader = self._machine.enter_command().split(" -t ")[1].split()[0]
        return Process(_outside(leader, inside))


def phases(host, agent="demo-agent"):
    """phase → seconds since 1970 at which the journal says that the agent's last operation went into it."""
    return {phase["phase"]: datetime.datetime.fromisoformat(phase["at"].replace("Z", "+00:00")).timestamp()
            for phase in host.history(agent)[-1]["phases"]}


def _outside(leader, inside):
    """This host's number of process `inside` of the machine whose process 1 is `leader`."""
    namespace = os.readlink(f"/proc/{leader}/ns/pid")
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            if os.readlink(status.parent / "ns/pid") != namespace:
                continue
            numbers = status.read_text().partition("\nNSpid:")[2].splitlines()[0].split()
        except OSError:
            continue
        if numbers[-1] == inside:
            return int(numbers[0])
    raise AssertionError(f"no process {inside} in the machine")
