# SPDX-License-Identifier: Apache-2.0
"""Servers and tools that get-servers builds, and programs that get-tool fetches, when they are first asked for."""

import functools
import pathlib
import subprocess

SUPPORT = pathlib.Path(__file__).resolve().parent


@functools.lru_cache(maxsize=1)
def programs():
    """The folder that holds minio, versitygw, fake-gcs-server, ec2-metadata-mock and hclfmt; in its folder python, the module hcl2."""
    done = subprocess.run([SUPPORT / "get-servers"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True, timeout=3600)
    return pathlib.Path(done.stdout.strip())


@functools.lru_cache
def of_debian(package):
    """The program that get-tool takes out of Debian's package."""
    return subprocess.run([SUPPORT / "get-tool", package], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                          timeout=300).stdout.strip()
