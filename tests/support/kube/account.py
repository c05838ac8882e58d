# SPDX-License-Identifier: Apache-2.0
"""A service account with a role, as the programs of a pod see it: a folder with token, ca.crt and namespace, which a kubelet would keep fresh."""

import os
import time

from kube.client import path_of
from kube.control_plane import ISSUER

LEEWAY = 60     # seconds that an API server still takes a token that has expired
APPS = ("deployments", "statefulsets", "daemonsets")


def state_names(workloads):
    """Of the ConfigMaps and Leases that daemons for these workloads write."""
    return ["upkeep", *(f"upkeep-{name}" for name in workloads)]


def rules(workloads=("web",), write=("get", "watch", "patch", "update")):
    """What Upkeep needs in a namespace to keep these workloads, as the rules of a Role; the same as the chart's."""
    return [{"apiGroups": ["apps"], "resources": list(APPS), "resourceNames": list(workloads), "verbs": list(write)},
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "delete"]},
            {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create"]},
            {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": state_names(workloads), "verbs": ["get", "patch", "update"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": state_names(workloads), "verbs": ["get", "update"]}]


class Account:
    """Of a namespace. `folder` is laid out as kubelets do it: all files are links into a folder that is swapped as a whole.

    allowed: the rules of its role; None: somebody else has made account and rights.
    """

    def __init__(self, plane, space, name, folder, allowed):
        self._plane, self.space, self.name, self.folder, self._turn = plane, space, name, folder, 0
        self.user = f"system:serviceaccount:{space}:{name}"
        if allowed is not None:
            plane.admin.create("serviceaccounts", space, {"metadata": {"name": name}})
            plane.admin.create("roles", space, {"metadata": {"name": name}, "rules": allowed})
            plane.admin.create("rolebindings", space, {
                "metadata": {"name": name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": space}]})
        folder.mkdir()
        for file in ("token", "ca.crt", "namespace"):
            (folder / file).symlink_to(f"..data/{file}")
        self.mount(self.request_token())

    def allow(self, allowed):
        """From here on its role has these rules."""
        self._plane.admin.replace("roles", self.space, {"metadata": {"name": self.name}, "rules": allowed})

    def environment(self, port=None):
        """What a pod's programs find in their environment. port: that of a proxy before the API server."""
        return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(port or self._plane.port),
                "UPKEEP_SERVICE_ACCOUNT_DIR": str(self.folder)}

    def request_token(self, seconds=3600, **bound):
        """One that the API server gives; it gives none for less than ten minutes."""
        asked = {"spec": {"expirationSeconds": seconds, **bound}}
        path = path_of("serviceaccounts", self.space, self.name, "token")
        return self._plane.admin.must("POST", path, asked)["status"]["token"]

    def signed_token(self, seconds):
        """One like it, signed with the API server's own key, that is valid for so long; negative: it has expired."""
        now, uid = int(time.time()), self._plane.admin.get("serviceaccounts", self.space, self.name)["metadata"]["uid"]
        return self._plane.key.token({
            "iss": ISSUER, "aud": [ISSUER], "sub": self.user, "iat": now - 3600, "nbf": now - 3600, "exp": now + seconds - LEEWAY,
            "kubernetes.io": {"namespace": self.space, "serviceaccount": {"name": self.name, "uid": uid}}})

    def mount(self, token):
        """Puts this token into the folder, as a kubelet does: all files change at once."""
        self._turn += 1
        data, link = self.folder / f"..turn-{self._turn}", self.folder / "..data_tmp"
        data.mkdir()
        for file, text in (("token", token), ("ca.crt", self._plane.authority.crt.read_text()), ("namespace", self.space)):
            (data / file).write_text(text)
        link.symlink_to(data.name)
        os.rename(link, self.folder / "..data")

    def requests(self, since=0):
        """What it has asked for, from the `since`th request on, oldest first: the audit log's events, one a request."""
        last = {event["auditID"]: event for event in self._plane.audit() if event["user"]["username"] == self.user}
        return list(last.values())[since:]
