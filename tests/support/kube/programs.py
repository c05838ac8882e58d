# SPDX-License-Identifier: Apache-2.0
"""The programs that get-kube builds, when they are first asked for."""

import functools
import pathlib
import subprocess

SUPPORT = pathlib.Path(__file__).resolve().parent.parent
MODULES = {"etcd": "k8s", "hyperkube": "k8s", "kwok": "kwok", "refreg": "registry", "crane": "registry", "cosign": "cosign", "helm": "helm"}


@functools.lru_cache
def program(name):
    """Where it is: etcd, hyperkube (API server, controllers, scheduler, kubectl), kwok, refreg, crane, cosign or helm."""
    done = subprocess.run([SUPPORT / "get-kube", MODULES[name]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                          timeout=3600)
    return pathlib.Path(done.stdout.strip()) / name
