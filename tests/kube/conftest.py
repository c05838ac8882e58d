# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the kube layer: a real control plane, one a worker, on which KWOK plays nodes and pods.

`cluster` is the control plane; `space` a namespace of the test's own, `spaces(NAME)` another; `daemon(WORKLOAD, …)` the built upkeepd with one
agent; `faulty` stands between a daemon and the API server; `registry()` is one of images. Needs what support/get-kube builds, and no root.
"""

import itertools
import pathlib
import re
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "support"))

from kube.control_plane import ControlPlane     # noqa: E402
from kube.faulty import Faulty                  # noqa: E402
from kube.kube_daemon import KubeDaemon         # noqa: E402
from kube.registry import Registry             # noqa: E402
from kube.space import Space                    # noqa: E402

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    plane = ControlPlane(tmp_path_factory.mktemp("cluster"), people={"gitops": "people"})
    try:
        yield plane.start()
    finally:
        plane.stop()


@pytest.fixture
def spaces(cluster, tmp_path, request):
    """spaces(NAME): a namespace of its own; all are deleted, without waiting, after the test."""
    made = []

    def one(name):
        made.append(Space(cluster, f"{name}-{next(_numbers)}", tmp_path))
        return made[-1]
    yield one
    for space in made:
        space.delete()


@pytest.fixture
def space(spaces, request):
    return spaces(re.sub("[^a-z0-9]+", "-", request.node.originalname.removeprefix("test_"))[:40].strip("-"))


@pytest.fixture
def faulty(cluster):
    proxy = Faulty(cluster)
    yield proxy
    proxy.stop()


@pytest.fixture
def registry(tmp_path_factory):
    """registry(referrers=True): see Registry."""
    made = []

    def one(referrers=True):
        made.append(Registry(tmp_path_factory.mktemp("registry"), referrers))
        return made[-1]
    yield one
    for one in made:
        one.stop()


@pytest.fixture
def daemon(tmp_path_factory):
    """daemon(workload, account, …): running, with one agent for it; see KubeDaemon. launch_only: it may have to wait for another."""
    made = []

    def one(workload, *words, launch_only=False, **options):
        made.append(KubeDaemon(tmp_path_factory.mktemp("daemon"), workload, *words, **options))
        if launch_only:
            made[-1].launch()
        else:
            made[-1].start()
        return made[-1]
    yield one
    for one in made:
        one.stop()
