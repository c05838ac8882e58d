# SPDX-License-Identifier: Apache-2.0
"""The workloads that each story is told of: how they are made, and which of their pods a new version reaches."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Shape:
    kind: str
    spec: dict = dataclasses.field(default_factory=dict)
    kept: int = 0       # so many pods keep the old version, as a partition says

    def make(self, space, tag="1.2.3", **options):
        return space.workload(self.kind, tag, **self.spec, **options)

    def wait_running(self, workload, tag, former=None):
        """Until the new version runs wherever it is to run."""
        if not self.kept:
            return workload.wait_running(tag)
        count = workload.object["spec"]["replicas"]
        return workload.wait_tags([former] * self.kept + [tag] * (count - self.kept))


SHAPES = {
    "deployment": Shape("deployment"),
    "ordered": Shape("statefulset"),
    "parallel": Shape("statefulset", {"podManagementPolicy": "Parallel"}),
    "partition": Shape("statefulset", {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}, kept=2),
    "daemonset": Shape("daemonset"),
}
