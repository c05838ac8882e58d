# SPDX-License-Identifier: Apache-2.0
"""upkeep_VERSION_amd64.deb, as cpack makes it of a finished build. Machines get Upkeep from it alone, never from the build folder."""

from . import shell


def make_deb(build, folder):
    """Packs the build folder `build`, and returns the package, which lies in `folder`."""
    folder.mkdir()
    shell.run(["cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", folder], timeout=300)
    return next(folder.glob("upkeep_*_*.deb"))
