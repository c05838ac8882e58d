# SPDX-License-Identifier: Apache-2.0
"""The chart, installed by Helm into a namespace of a test."""

import subprocess

from daemon_process import without_proxies
from kube.account import Account
from kube.helm import CHART, Helm
from kube.programs import program


class Release:
    """Called upkeep, in `space`; `values` are those of the last install or upgrade."""

    name = "upkeep"

    def __init__(self, space, folder, values):
        self.space, self.values, self._folder = space, values, folder
        (folder / "helm").mkdir()
        self.helm = Helm(folder / "helm", space.plane.kubeconfig(), space.name)

    def kubectl(self, *words):
        """What it says; it has to succeed."""
        options = ["--kubeconfig", self.space.plane.kubeconfig(), "--namespace", self.space.name]
        done = subprocess.run([program("hyperkube"), "kubectl", *options, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env=without_proxies())
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, *options):
        return self.helm.must("install", self.name, CHART, *options, values=self.values)

    def upgrade(self, *options, **values):
        self.values = {**self.values, **values}
        return self.helm.must("upgrade", self.name, CHART, *options, values=self.values)

    def account(self):
        """The one that the chart made."""
        return Account(self.space.plane, self.space.name, self.name, self._folder / "account", None)
