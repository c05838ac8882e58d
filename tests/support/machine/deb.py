# SPDX-License-Identifier: Apache-2.0
"""upkeep_VERSION_amd64.deb, as cpack makes it of a finished build. Machines get Upkeep from it alone, never from the build folder."""

import pathlib

from . import shell

HERE = pathlib.Path(__file__).resolve().parent


def make_deb(build, folder):
    """Packs the build folder `build`, and returns the package, which lies in `folder`."""
    folder.mkdir()
    shell.run(["cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", folder], timeout=300)
    return next(folder.glob("upkeep_*_*.deb"))


def deb_for_debian_13():
    """Built from this checkout for machines with Debian 13, where the libraries are others; it lies in the cache folder."""
    return next(_for_debian_13().glob("upkeep_*_*.deb"))


def rpm_for_debian_13():
    """Likewise, as rpm hosts get it."""
    return next(_for_debian_13().glob("upkeep-[0-9]*.rpm"))


def _for_debian_13():
    return pathlib.Path(shell.run([HERE / "build-deb"], timeout=1800).stdout.strip())
