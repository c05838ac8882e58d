# SPDX-License-Identifier: Apache-2.0
"""A namespace of a test, and what the test puts there."""

import time

from kube.account import Account, rules, state_names
from kube.client import MERGE, Refused, path_of
from kube.workload import KINDS, REPOSITORY, Workload, manifest
from machine.wait import wait_until


class Space:
    """`folder` is where the files of its accounts go."""

    def __init__(self, plane, name, folder):
        self.plane, self.client, self.name, self._folder = plane, plane.admin, name, folder
        self.client.create("namespaces", None, {"metadata": {"name": name}})
        wait_until("its default account is there", lambda: self.client.get("serviceaccounts", name, "default"), seconds=90, every=0.02)

    def workload(self, kind="deployment", tag="1.2.3", name="web", wait=True, containers=None, **options):
        """Creates one whose container, named like it, runs the image REPOSITORY:tag; see manifest. wait: until its pods run that."""
        containers = containers or {name: f"{REPOSITORY}:{tag}"}
        self.client.create(KINDS[kind], self.name, manifest(kind, name, containers, **options), fieldManager="helm")
        made = Workload(self.client, kind, self.name, name)
        if wait:
            made.wait_running(tag)
        return made

    def account(self, name="upkeep", allowed=None, workloads=("web",)):
        """A service account with these rules; by default those that Upkeep needs for the workloads."""
        return Account(self.plane, self.name, name, self._folder / f"account-{self.name}-{name}", rules(workloads) if allowed is None else allowed)

    def state(self, workloads=("web",)):
        """Creates the ConfigMaps and Leases that daemons may write, but not create."""
        for name in state_names(workloads):
            self.client.create("configmaps", self.name, {"metadata": {"name": name}})
            self.client.create("leases", self.name, {"metadata": {"name": name}})

    def holder(self, lease="upkeep"):
        """Who has the Lease; empty: nobody."""
        return self.client.get("leases", self.name, lease)["spec"].get("holderIdentity") or ""

    def events(self, controller=None):
        """The events of this namespace, oldest first; `controller`: those that it reported."""
        found = self.client.get("events", self.name)
        mine = [one for one in found if controller is None or one.get("reportingController") == controller]
        return sorted(mine, key=lambda one: one.get("eventTime") or one["metadata"]["creationTimestamp"])

    def refuse(self, name, expression, message, resource="deployments"):
        """From here on admission refuses what is written to such objects of this namespace, unless the expression of CEL holds. Takes effect in
        a moment: wait for it with a dry run."""
        spec = {"failurePolicy": "Fail", "validations": [{"expression": expression, "message": message}],
                "matchConstraints": {"resourceRules": [
                    {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": [resource]}]}}
        self.client.create("validatingadmissionpolicies", None, {"metadata": {"name": f"{self.name}-{name}"}, "spec": spec})
        self.client.create("validatingadmissionpolicybindings", None, {"metadata": {"name": f"{self.name}-{name}"}, "spec": {
            "policyName": f"{self.name}-{name}", "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.name}}}}})

    def wait_refused(self, workload, tag):
        """Until admission refuses that tag in a dry run."""
        def said():
            try:
                workload.set_tag(tag, dryRun="All")
            except Refused as refused:
                return refused.json["message"]
            return None
        return wait_until(f"admission refuses {tag}", said, seconds=30)

    def age_conditions(self, pod, minutes):
        """Makes the pod's conditions so much older than they are."""
        then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 * minutes))
        conditions = [{**one, "lastTransitionTime": then} for one in pod["status"]["conditions"]]
        self.client.patch("pods", self.name, pod["metadata"]["name"], {"status": {"conditions": conditions}}, how=MERGE, sub="status")

    def delete(self):
        """Begins to delete it with all that is in it; see is_gone."""
        self.client.delete("namespaces", None, self.name)

    def is_gone(self):
        return self.client.ask("GET", path_of("namespaces", None, self.name)).status == 404
