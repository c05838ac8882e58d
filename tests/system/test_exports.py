# SPDX-License-Identifier: Apache-2.0
"""What programs and their plugins export: Asio's statics, which must be the same for all of them, the plugin's symbol, and nothing else;
and what the program that runs as root does not load."""

import subprocess

import pytest
from conftest import BUILD

PROGRAMS = ("daemon/upkeepd", "daemon/cli/upkeep")
STATICS = "asio::detail::call_stack<asio::detail::thread_context, asio::detail::thread_info_base>::top_"


def exported(file):
    """Name → kind, as nm says it, of what the file defines for others; "u" is unique in a process."""
    lines = subprocess.run(["nm", "-DC", "--defined-only", BUILD / file], capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split(maxsplit=2)[2]: line.split(maxsplit=2)[1] for line in lines}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_exports_what_asio_keeps_once_and_nothing_of_its_own(program):
    symbols = exported(program)
    assert STATICS in symbols
    assert [name for name in symbols if "upkeep::" in name and "asio::" not in name] == []


@pytest.mark.parametrize("plugin", sorted(file.name for file in (BUILD / "plugins-built").glob("*.so")))
def test_a_plugin_shares_its_statics_with_the_programs_that_load_it(plugin):
    symbols = exported(f"plugins-built/{plugin}")
    assert "upkeep_plugin" in symbols and STATICS in symbols
    assert [name for name in symbols if "upkeep::" in name and "asio::" not in name] == []
    statics = {name for name, kind in symbols.items() if kind == "u"}
    for program in PROGRAMS:
        assert statics - exported(program).keys() == set(), f"{plugin} would have a copy of its own beside {program}'s"


def test_what_runs_as_root_loads_nothing_that_speaks_to_a_network_or_a_bus():
    dynamic = subprocess.run(["readelf", "-d", BUILD / "daemon/root/upkeep-root"], capture_output=True, text=True, check=True).stdout
    needed = [line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "(NEEDED)" in line]
    assert any(name.startswith("libc.so") for name in needed)
    assert [name for name in needed if name.startswith(("libcurl", "libsystemd", "libmicrohttpd", "libssl", "libspdlog"))] == []
