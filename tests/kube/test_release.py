# SPDX-License-Identifier: Apache-2.0
"""The chart on a real API server: everything it makes is accepted, and nothing that Helm or kubectl does later touches what the daemon has
written."""

import json

import pytest
import yaml

from kube.client import APPLY, STRATEGIC, path_of
from kube.helm import EXAMPLES, K8S, Helm, example
from kube.release import Release
from machine.wait import wait_until

AGENT = {"source": {"use": "https", "url": "https://updates.example.com/v1", "channel": "stable"}, "schedule": [{"use": "window", "always": True}],
         "installer": {"workload": "deployment/web", "status_config_map": "web-upkeep"}}
VALUES = {"image": {"repository": "registry.test/upkeep"}, "agents": {"web": AGENT}}


@pytest.fixture
def release(space, tmp_path):
    return Release(space, tmp_path, VALUES)


class Written:
    """What the daemon writes, by the names that the chart gives it."""

    WHO, MAPS, LEASE = "upkeep", ("upkeep-journal", "upkeep-journal-web", "web-upkeep"), "upkeep-journal"

    def __init__(self, space):
        self.space = space

    def write(self, text):
        for name in self.MAPS:
            self.space.client.patch("configmaps", self.space.name, name, {"data": {"web": text}}, fieldManager=self.WHO)
        self.space.client.patch("leases", self.space.name, self.LEASE, {"spec": {"holderIdentity": text, "leaseTransitions": 3}}, fieldManager=self.WHO)

    def objects(self):
        return [self.space.client.get("configmaps", self.space.name, name) for name in self.MAPS] + \
            [self.space.client.get("leases", self.space.name, self.LEASE)]

    def read(self):
        return [one.get("data", one.get("spec")) for one in self.objects()]

    def versions(self):
        return [one["metadata"]["resourceVersion"] for one in self.objects()]


def test_no_verb_of_helm_touches_what_the_daemon_has_written(release, space):
    release.install()
    written = Written(space)
    assert written.read() in ([None, None, None, {}], [None] * 4), "the chart brings no data"
    written.write("first")
    before = written.objects()
    release.upgrade(config={"log": {"level": "debug"}}, labels={"a": "b"})
    release.upgrade("--force", config={"log": {"level": "warn"}})
    release.helm.must("rollback", "upkeep", "1")
    release.helm.must("rollback", "upkeep", "2", "--force")
    assert written.objects() == before, "not even a label is changed: the daemon's next write is conditional"
    release.helm.must("uninstall", "upkeep")
    assert space.client.get("roles", space.name) == space.client.get("deployments", space.name) == []
    assert written.objects() == before
    release.install()
    assert written.objects() == before
    assert space.client.delete("configmaps", space.name, "upkeep-journal-web")
    release.upgrade()
    assert written.read() == [before[0]["data"], None, before[2]["data"], before[3]["spec"]], "what somebody has deleted is there again"


def test_nor_does_kubectl_apply(release, space, tmp_path):
    """Whatever is no Helm applies plain objects, from its side or the server's."""
    written = Written(space)
    for number, option in enumerate(((), ("--server-side", "--force-conflicts"))):
        for level in ("debug", "info"):
            objects = release.helm.template({**VALUES, "state": {"hooks": False}, "config": {"log": {"level": level}}})
            (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(objects))
            release.kubectl("apply", *option, "--filename", tmp_path / "all.yaml")
            assert level in space.client.get("configmaps", space.name, "upkeep-config")["data"]["upkeep.toml"]
            if level == "debug":
                written.write(f"round {number}")
        assert written.read()[:3] == [{"web": f"round {number}"}] * 3 and written.read()[3]["holderIdentity"] == f"round {number}"


def placed(text, spaces):
    """The objects of a text, in namespaces of the test in place of those that it names."""
    for former, space in spaces.items():
        text = text.replace(f'namespace: {former}\n', f'namespace: {space.name}\n').replace(f'namespace: "{former}"\n', f'namespace: {space.name}\n')
    return [one for one in yaml.safe_load_all(text) if one]


def test_everything_is_accepted(spaces, tmp_path):
    """By a dry run on the server, which knows of no field that is not there."""
    homes = {"agents": spaces("agents"), "logging": spaces("logging")}
    helm = Helm(tmp_path)
    texts = {name: yaml.safe_dump_all(helm.template(example(name))) for name in EXAMPLES}
    texts |= {file.name: file.read_text() for file in (K8S / "manifests").iterdir() if file.name != "sidecar-patch.yaml"}
    client, seen = homes["agents"].client, set()
    for name, text in texts.items():
        objects = placed(text, homes)
        assert len(objects) > 4
        for one in objects:
            path = path_of(one["kind"].lower() + "s", one["metadata"]["namespace"], one["metadata"]["name"])
            answer = client.ask("PATCH", path, one, kind=APPLY, fieldManager="test", dryRun="All", fieldValidation="Strict", force=True)
            assert answer.status in (200, 201), f"{name}: {answer.text}"
            assert "Warning" not in answer.headers, answer.headers
            seen.add(one["kind"])
    assert seen == {"ConfigMap", "Deployment", "Lease", "Role", "RoleBinding", "ServiceAccount"}

    homes["agents"].workload(name="example-agent", wait=False)
    patch = yaml.safe_load((K8S / "manifests/sidecar-patch.yaml").read_text())
    patched = client.patch("deployments", homes["agents"].name, "example-agent", patch, how=STRATEGIC, dryRun="All", fieldValidation="Strict")
    assert [one["name"] for one in patched["spec"]["template"]["spec"]["containers"]] == ["example-agent", "upkeep"], "who names none means the agent"


def test_its_pods_are_let_into_a_restricted_namespace(release, space):
    """Of the strictest pod security standard."""
    space.client.patch("namespaces", None, space.name, {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}})
    release.install()
    pods = wait_until("its pod runs", lambda: space.client.get("pods", space.name, labelSelector="app.kubernetes.io/instance=upkeep"),
                      lambda all: [pod["status"]["phase"] for pod in all] == ["Running"])
    assert pods[0]["spec"]["serviceAccountName"] == "upkeep" and json.dumps(pods[0]["spec"]["volumes"]).count("serviceAccountToken") == 1


def test_notes_say_how_to_go_on(release, space):
    said = release.install().out
    assert f"kubectl exec -n {space.name} deployment/upkeep -- upkeep status" in said
    sidecar = release.upgrade(mode="sidecar", serviceAccount={"name": "web"}).out
    assert "- name: upkeep\n    image: \"registry.test/upkeep:0.1.0\"" in sidecar and "deployment/web -c upkeep -- upkeep status" in sidecar
