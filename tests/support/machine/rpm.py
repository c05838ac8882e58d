# SPDX-License-Identifier: Apache-2.0
"""upkeep-VERSION.rpm and upkeep-sdk-VERSION.rpm, as systemd/rpm/build makes them of a finished build."""

import pathlib

from . import shell

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "systemd/rpm"


def make_rpms(build, folder):
    """Packs the build folder `build` into `folder`, and returns upkeep's package and upkeep-sdk's."""
    shell.run([FOLDER / "build", folder, build], timeout=300)
    main, = folder.glob("upkeep-[0-9]*.rpm")
    sdk, = folder.glob("upkeep-sdk-[0-9]*.rpm")
    return main, sdk
