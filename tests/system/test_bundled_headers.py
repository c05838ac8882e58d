# SPDX-License-Identifier: Apache-2.0
"""UPKEEP_BUNDLED_HEADERS, for distributions without a fit Asio or tl-expected: the library and a third party's plugin are compiled with the
headers of that folder, which the SDK brings along, and with none of the distribution's."""

import shutil

import pytest
from conftest import TESTS
from machine.shell import run
from sdk_prefix import build_example, install_sdk

INCLUDE = "/usr/include"


@pytest.fixture
def headers(tmp_path):
    """As they are unpacked from their releases."""
    folder = tmp_path / "headers"
    shutil.copytree(f"{INCLUDE}/asio", folder / "asio")
    shutil.copy(f"{INCLUDE}/asio.hpp", folder)
    shutil.copytree(f"{INCLUDE}/tl", folder / "tl")
    return folder


def configure(build, headers, **more):
    return run(["cmake", "-G", "Ninja", "-S", TESTS.parent, "-B", build, "-DUPKEEP_TESTS=OFF", "-DCMAKE_INSTALL_PREFIX=/usr",
                "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0", f"-DUPKEEP_BUNDLED_HEADERS={headers}"], **more)


def files_read(build):
    """What the compiler included, from outside of the build."""
    return {word for line in run(["ninja", "-C", build, "-t", "deps"]).stdout.split("\n") if (word := line.strip()).startswith("/")}


def test_the_headers_of_that_folder_are_used_and_come_with_the_sdk(headers, tmp_path):
    build, prefix = tmp_path / "build", tmp_path / "prefix"
    configure(build, headers)
    run(["cmake", "--build", build, "--target", "upkeep_sdk"], timeout=600)
    read = files_read(build)
    assert {f"{headers}/tl/expected.hpp", f"{headers}/asio/awaitable.hpp"} <= read
    assert [path for path in read if path.startswith((f"{INCLUDE}/asio", f"{INCLUDE}/tl"))] == []

    install_sdk(build, prefix)
    bundled = prefix / "include/upkeep/bundled"
    assert {path.relative_to(bundled) for path in bundled.rglob("*pp")} == {path.relative_to(headers) for path in headers.rglob("*pp")}
    build_example(prefix, tmp_path / "plugin")
    lists = "".join(path.read_text() for path in (tmp_path / "plugin/build").rglob("*.d"))
    assert f"{bundled}/tl/expected.hpp" in lists and f"{bundled}/asio/awaitable.hpp" in lists
    assert f" {INCLUDE}/asio" not in lists and f" {INCLUDE}/tl" not in lists


def test_a_folder_without_them_is_an_error_that_names_it(tmp_path):
    done = configure(tmp_path / "build", tmp_path / "nothing-here", check=False)
    assert done.returncode != 0
    assert f"neither asio.hpp nor tl/expected.hpp in\n  {tmp_path / 'nothing-here'}" in done.stderr.replace("  there", "there")
