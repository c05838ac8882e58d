# SPDX-License-Identifier: Apache-2.0
"""Helm, on the chart in k8s/chart."""

import dataclasses
import json
import pathlib
import subprocess

import yaml
from daemon_process import without_proxies
from kube.programs import program

K8S = pathlib.Path(__file__).resolve().parent.parent.parent.parent / "k8s"
CHART = K8S / "chart"
VERSION = "--kube-version=1.35.0"   # of the cluster that is not asked; one that is built as a module knows of an ancient one
EXAMPLES = sorted(file.name.removesuffix("-values.yaml") for file in (CHART / "ci").glob("*-values.yaml"))


def example(name):
    """The values of that name."""
    return yaml.safe_load((CHART / f"ci/{name}-values.yaml").read_text())


@dataclasses.dataclass
class Done:
    status: int
    out: str
    err: str

    @property
    def objects(self):
        return [one for one in yaml.safe_load_all(self.out) if one]


class Helm:
    """Of one namespace; `kubeconfig` for the verbs that ask a cluster. What it keeps for itself is in `folder`."""

    def __init__(self, folder, kubeconfig="/nonexistent", space="agents"):
        self._space, self._values = space, pathlib.Path(folder) / "values.json"
        self._environment = {**without_proxies(), "KUBECONFIG": str(kubeconfig), **{f"HELM_{part}_HOME": str(folder) for part in ("CACHE", "CONFIG", "DATA")}}

    def run(self, *words, values=None):
        options = []
        if values is not None:
            self._values.write_text(json.dumps(values))
            options = ["--values", self._values]
        done = subprocess.run([program("helm"), *map(str, words), "--namespace", self._space, *options], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, env=self._environment)
        return Done(done.returncode, done.stdout, done.stderr)

    def must(self, *words, **options):
        done = self.run(*words, **options)
        assert done.status == 0, done.out + done.err
        return done

    def template(self, values, *options, chart=CHART, release="upkeep"):
        """The objects that the chart makes, those of hooks among them."""
        return self.must("template", release, chart, VERSION, *options, values=values).objects


def named(objects, kind, name=None):
    """The one of that kind (and name)."""
    found = [one for one in objects if one["kind"] == kind and name in (None, one["metadata"]["name"])]
    assert len(found) == 1, [(one["kind"], one["metadata"]["name"]) for one in objects]
    return found[0]
