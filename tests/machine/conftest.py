# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the machine layer. `boot(NAME)` gives a test a machine of its own, on which Upkeep and demo-agent 1.2.3 are installed;
`boot(NAME, kind="dnf")` or "zypp" one whose packages are rpm's.

Needs root and systemd-nspawn; without them every test fails, and says so. A failing test shows what the daemons on its machines logged.
"""

import functools
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "support"))

from daemon_process import BUILD                # noqa: E402
from machine.deb import deb_for_debian_13, make_deb     # noqa: E402
from machine.host import Host                   # noqa: E402
from machine.machine import Machine             # noqa: E402
from machine.prepared import FIRST, prepare     # noqa: E402
from machine.publisher import WebSite           # noqa: E402
from machine.workspace import Workspace         # noqa: E402


@pytest.fixture(scope="session")
def workspace():
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def site(workspace):
    site = WebSite(workspace)
    yield site
    site.server.stop()


@pytest.fixture(scope="session")
def deb(workspace):
    return make_deb(BUILD, workspace.folder / "deb")


@pytest.fixture(scope="session")
def prepared(workspace, site, request):
    """prepared(kind): the layers of a machine of this kind, made when a test first asks for them."""
    @functools.cache
    def one(kind):
        return prepare(workspace, site, request.getfixturevalue("deb") if kind == "apt" else deb_for_debian_13(), kind, strict=True)

    return one


@pytest.fixture(scope="session")
def layers(prepared):
    return prepared("apt")


@pytest.fixture
def boot(workspace, site, prepared, request):
    """boot(name, kind="apt"): a running Host; its publisher offers 1.2.3, in repository and channel. No agent is configured yet.

    Whatever the test does with it: a system call that a unit's filter denies ends the process that made it, and fails the test.
    """
    hosts = request.node.hosts = []

    def one(name, kind="apt"):
        layers = prepared(kind)
        publisher = site.publisher(name, kind)
        publisher.release(FIRST)
        machine = Machine(workspace, name, layers)
        host = Host(machine, publisher)
        hosts.append(host)
        machine.up()
        host.use_repository()
        return host

    yield one
    killed = {host.machine.name: host.killed_by_filter() for host in hosts if host.machine.is_up()}
    for host in hosts:
        host.machine.down()
    assert not any(killed.values()), f"killed for a forbidden system call: {killed}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and call.when == "call":
        for host in getattr(item, "hosts", []):
            report.sections.append((f"machine {host.machine.name}", host.report()))
