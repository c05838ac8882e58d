# SPDX-License-Identifier: Apache-2.0
"""A Deployment, StatefulSet or DaemonSet of a test, and its pods, as their owner sees them."""

from kube.client import STRATEGIC
from machine.wait import wait_until

KINDS = {"deployment": "deployments", "statefulset": "statefulsets", "daemonset": "daemonsets"}
REPOSITORY = "registry.test/apps/web"


def manifest(kind, name, containers, replicas=2, annotations=None, cpu="0", **spec):
    """containers: name → image. cpu: what each asks for. spec: more of the workload's spec; "pod" is more of its pods'."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {
        "terminationGracePeriodSeconds": 0, **spec.pop("pod", {}),
        "containers": [{"name": one, "image": image, "resources": {"requests": {"cpu": cpu}}} for one, image in containers.items()]}}
    more = {"deployment": {"replicas": replicas}, "statefulset": {"replicas": replicas, "serviceName": name}, "daemonset": {}}[kind]
    return {"metadata": {"name": name, "annotations": annotations or {}},
            "spec": {"selector": {"matchLabels": labels}, "template": template, **more, **spec}}


class Workload:
    """`shown` is "deployment/web", as the installer's key names it."""

    def __init__(self, client, kind, space, name):
        self._client, self.kind, self.space, self.name = client, kind, space, name
        self.shown, self.plural = f"{kind}/{name}", KINDS[kind]

    @property
    def object(self):
        return self._client.get(self.plural, self.space, self.name)

    @property
    def annotations(self):
        return self.object["metadata"].get("annotations", {})

    def images(self):
        """Container → image, as the pod template has it."""
        return {one["name"]: one["image"] for one in self.object["spec"]["template"]["spec"]["containers"]}

    def image(self, container=None):
        return self.images()[container or self.name]

    def tag(self, container=None):
        return self.image(container).partition("@")[0].rpartition(":")[2]

    def patch(self, body, who="somebody", how=STRATEGIC, **query):
        """who: the field manager."""
        return self._client.patch(self.plural, self.space, self.name, body, how=how, fieldManager=who, **query)

    def set_image(self, image, who="somebody", container=None, **query):
        return self.patch({"spec": {"template": {"spec": {"containers": [{"name": container or self.name, "image": image}]}}}}, who, **query)

    def set_tag(self, tag, who="somebody", **query):
        return self.set_image(f"{self.image().partition('@')[0].rpartition(':')[0]}:{tag}", who, **query)

    def annotate(self, who="somebody", **notes):
        """Keys with _ for - and . are awkward: pass them as **{"upkeep.dev/skip": "true"}; None takes one away."""
        return self.patch({"metadata": {"annotations": notes}}, who)

    def managers(self):
        """The field managers that own an image of the pod template."""
        return {one["manager"] for one in self.object["metadata"]["managedFields"]
                if "'f:image'" in str(one.get("fieldsV1", {}).get("f:spec", {}))}

    def delete(self):
        return self._client.delete(self.plural, self.space, self.name)

    def pods(self):
        """Those that are not being deleted, by name."""
        found = self._client.get("pods", self.space, labelSelector=f"app={self.name}")
        return sorted((pod for pod in found if "deletionTimestamp" not in pod["metadata"]), key=lambda pod: pod["metadata"]["name"])

    def running(self):
        """The tags of the pods that are ready, one a pod."""
        return [pod["spec"]["containers"][0]["image"].partition("@")[0].rpartition(":")[2] for pod in self.pods() if is_ready(pod)]

    def wait_running(self, tag, seconds=60):
        """Until all pods are ready and of this tag."""
        return self.wait_tags([tag] * self.object["spec"].get("replicas", 3), seconds)     # a DaemonSet has one on each node

    def wait_tags(self, tags, seconds=60):
        """Until the pods, by name, are ready and of these tags, and there is no other."""
        def look():
            return self.running(), len(self.pods())
        return wait_until(f"the pods of {self.shown} run {tags}", look, lambda now: now == (tags, len(tags)), seconds=seconds)


def is_ready(pod):
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod.get("status", {}).get("conditions", []))


def waiting(pod):
    """Why its containers wait: ["CrashLoopBackOff"]."""
    return [one["state"]["waiting"]["reason"] for one in pod["status"].get("containerStatuses", []) if "waiting" in one["state"]]
