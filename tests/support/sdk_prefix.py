# SPDX-License-Identifier: Apache-2.0
"""The SDK as a third party has it: installed under a prefix, and plugins outside of the tree, built against that alone."""

import pathlib
import shutil

from machine.shell import run

TESTS = pathlib.Path(__file__).resolve().parent.parent


def install_sdk(build, prefix):
    """What the package upkeep-sdk holds, under `prefix`."""
    run(["cmake", "--install", build, "--component", "sdk", "--prefix", prefix])
    return prefix


def build_example(prefix, folder, name="example-plugin"):
    """Copies that folder of tests/support into `folder`, out of the source tree, and builds and installs it there; returns the module."""
    source, build = folder / "source", folder / "build"
    shutil.copytree(TESTS / "support" / name, source)
    # Makefiles: they leave the compiler's lists of what was included.
    run(["cmake", "-G", "Unix Makefiles", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
         f"-DCMAKE_INSTALL_PREFIX={folder / 'installed'}", "-DCMAKE_CXX_FLAGS=-O1 -Wall -Wextra -Werror",
         "-DCMAKE_CXX_VISIBILITY_PRESET=hidden", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"])
    run(["cmake", "--build", build, "--verbose"], timeout=600)
    run(["cmake", "--install", build])
    module, = (folder / "installed/lib/upkeep/plugins").glob("*.so")
    return module
