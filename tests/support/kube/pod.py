# SPDX-License-Identifier: Apache-2.0
"""A pod of the chart's Deployment, run from the image's own root file system: this is its kubelet."""

import base64
import json

from kube.helm import named
from kube.image import Container
from machine.wait import wait_until

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def project(volume, objects, folder):
    """Writes what a projected volume has of these objects, laid out as kubelets do it: links into a folder that is swapped as a whole."""
    data = folder / "..2027_01_01"
    for source in volume["projected"]["sources"]:
        kind, wanted = ("Secret", source["secret"]) if "secret" in source else ("ConfigMap", source["configMap"])
        has = named(objects, kind, wanted["name"])["data"]
        for item in wanted["items"]:
            file = data / item["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(base64.b64decode(has[item["key"]]) if kind == "Secret" else has[item["key"]].encode())
            file.chmod(volume["projected"]["defaultMode"])
    data.mkdir(exist_ok=True)
    (folder / "..data").symlink_to(data.name)
    for one in sorted(data.iterdir()):
        (folder / one.name).symlink_to(f"..data/{one.name}")
    return folder


class Pod:
    """objects: those of the chart, and the Secrets and ConfigMaps that they name. account: whose service account's folder is mounted."""

    def __init__(self, folder, objects, account):
        deployment = named(objects, "Deployment")
        spec = deployment["spec"]["template"]["spec"]
        [self.spec] = spec["containers"]
        volumes = {one["name"]: one for one in spec["volumes"]}
        mounts = {ACCOUNT: account.folder}
        for one in self.spec["volumeMounts"]:
            volume = volumes[one["name"]]
            below = folder / one["name"]
            below.mkdir(exist_ok=True)
            mounts[one["mountPath"]] = project(volume, objects, below) if "projected" in volume else None
        environment = {**{key: value for key, value in account.environment().items() if key.startswith("KUBERNETES_")}, "HOSTNAME": folder.name,
                       **{one["name"]: one.get("value", folder.name) for one in self.spec["env"]}}
        self.container = Container(folder, mounts, environment, self.spec.get("args"))
        security = {**spec["securityContext"], **self.spec["securityContext"]}
        user = self.container.config["process"]["user"]
        assert user == {"uid": security["runAsUser"], "gid": security["runAsGroup"]} and user["uid"], "the image's user and the chart's are one"
        assert security["readOnlyRootFilesystem"] and security["capabilities"] == {"drop": ["ALL"]} and not security["allowPrivilegeEscalation"]

    def start(self):
        self.container.start()
        return self

    def upkeep(self, *words):
        return self.container.exec("upkeep", *words)

    @property
    def agents(self):
        """Of `upkeep status`, by name."""
        done = self.upkeep("status", "--json")
        assert done.returncode == 0, done.stderr + self.container.log[-3000:]
        return {one["name"]: one for one in json.loads(done.stdout)["agents"]}

    def wait_agent(self, name, good, text, seconds=60):
        return wait_until(text, lambda: self.agents[name], good, seconds=seconds)
