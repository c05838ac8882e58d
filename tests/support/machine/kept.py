# SPDX-License-Identifier: Apache-2.0
"""The package store of a host, as its tests look at it, and the repository that drops what it offered."""

import contextlib

STORE = "/var/lib/upkeep-store/demo-agent"


def kept(host, name="demo-agent"):
    """The versions that are kept and whole, the installed one first."""
    store = host.json("store", "show", name)["stores"][0]
    return [copy["version"] for copy in store["copies"] if copy["verifies"]]


def package_file(host, version):
    """The kept package of this version."""
    copy = next(copy for copy in host.json("store", "show", "demo-agent")["stores"][0]["copies"] if copy["version"] == version)
    return host.run(f"find {copy['folder']}/pool -name '*.deb'").stdout.strip()


def offer_only(host, *packages):
    """The repository has dropped everything else, this host has read so, and Upkeep has looked."""
    host.publisher.repo.offer_only(*packages)
    if host.kind.name == "apt":
        host.run("apt-get clean")     # else apt would take what it has downloaded earlier
        host.read_lists()
    else:
        host.run("pkcon refresh force")     # PackageKit's lists are not those of dnf
    host.cli("check")


@contextlib.contextmanager
def no_network(host):
    """The one server is down, for every test machine; they run one after the other."""
    server = host.publisher.site.server
    server.stop()
    try:
        yield
    finally:
        server.start()
