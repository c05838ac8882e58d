# SPDX-License-Identifier: Apache-2.0
"""The chart by itself: it is without blemish, makes configurations that the daemon takes, refuses wrong values, and is what the plain manifests
were made with. No cluster is asked."""

import copy
import os
import re
import subprocess
import tomllib

import pytest
import yaml

from daemon_process import BUILD
from kube.helm import CHART, EXAMPLES, K8S, VERSION, Helm, example, named
from kube.pod import project
from kube.programs import program


@pytest.fixture
def helm(tmp_path):
    return Helm(tmp_path)


def config_of(objects, folder):
    """/etc/upkeep as the pod has it; Secrets and ConfigMaps of others are made up."""
    volumes = named(objects, "Deployment")["spec"]["template"]["spec"]["volumes"]
    volume = next(one for one in volumes if one["name"] == "upkeep-config")
    ours = {one["metadata"]["name"] for one in objects if one["kind"] == "ConfigMap"}
    for source in volume["projected"]["sources"]:
        kind, wanted = ("Secret", source["secret"]) if "secret" in source else ("ConfigMap", source["configMap"])
        if kind == "Secret" or wanted["name"] not in ours:
            objects = [*objects, {"kind": kind, "metadata": {"name": wanted["name"]}, "data": {item["key"]: "" for item in wanted["items"]}}]
    folder.mkdir()
    return project(volume, objects, folder)


def test_lint(helm):
    for values in (None, *map(example, EXAMPLES)):
        done = helm.run("lint", "--strict", CHART, VERSION, values=values)
        assert done.status == 0, done.out + done.err


def check(folder):
    done = subprocess.run([BUILD / "daemon/cli/upkeep", "config", "check", folder, "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, env={**os.environ, "UPKEEP_PLUGINS": str(BUILD / "plugins-built")})
    return done.returncode, yaml.safe_load(done.stdout)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_daemon_takes_the_configuration(helm, tmp_path, name):
    objects = helm.template({**example(name), "mode": "deployment"})
    folder = config_of(objects, tmp_path / "etc")
    status, said = check(folder)
    assert status == 0 and said["errors"] == [], said
    assert sorted(file.stem for file in (folder / "agents.d").iterdir()) == sorted(example(name)["agents"])


def test_the_values_of_the_readme(helm, tmp_path):
    shown = re.search(r"```yaml\n(image:.*?)```", (K8S / "README.md").read_text(), re.DOTALL)[1]
    status, said = check(config_of(helm.template(yaml.safe_load(shown)), tmp_path / "etc"))
    assert status == 0, said


def test_texts_and_numbers_come_through(helm, tmp_path):
    """What stands in values is what the daemon reads, whatever characters are in it; a wrong value is found where it stands."""
    values = example("deployment")
    agent = values["agents"]["example-agent"]
    odd = "a \"b\" \\ 'c' #d = [e] ${f} {{ g }} <&> \u00e9\t\u2028 h"
    agent["source"]["channel"] = odd
    agent["policy"] = {"major_skip": 1000000}
    status, said = check(config_of(helm.template(values), tmp_path / "etc"))
    text = (tmp_path / "etc/agents.d/example-agent.toml").read_text()
    read = tomllib.loads(text)
    assert read["source"]["channel"] == odd and read["policy"] == {"major_skip": 1000000} and type(read["policy"]["major_skip"]) is int
    agent["policy"] = {"major_skip": "many"}
    status, said = check(config_of(helm.template(values), tmp_path / "other"))
    assert status == 1 and "major_skip" in str(said["errors"])


def changed(**changes):
    """The example with what stands at these paths (a.b.c, with __ for dots) changed."""
    values = copy.deepcopy(example("deployment"))
    for path, value in changes.items():
        at = values
        *folders, last = path.replace("example_agent", "example-agent").split("__")
        for one in folders:
            at = at.setdefault(one, {})
        at[last] = value
    return values


WRONG = {
    "unknown key": {"replicaCount": 2},
    "mode": {"mode": "daemonset"},
    "sidecar without an account": {"mode": "sidecar"},
    "tag in the repository": {"image__repository": "registry.example.com/upkeep:1.0"},
    "digest": {"image__digest": "sha256:abc"},
    "pull policy": {"image__pullPolicy": "Sometimes"},
    "agent's name": {"agents__Example": example("deployment")["agents"]["example-agent"]},
    "agent without a schedule": {"agents__example_agent__schedule": []},
    "kind of workload": {"agents__example_agent__installer__workload": "job/example-agent"},
    "workload without a kind": {"agents__example_agent__installer__workload": "example-agent"},
    "key of the installer": {"agents__example_agent__installer__wrokload": "deployment/x"},
    "other installer": {"agents__example_agent__installer__use": "apt"},
    "also": {"agents__example_agent__installer__also": "helper"},
    "source without use": {"agents__example_agent__source": {"url": "https://updates.example.com"}},
    "replicas": {"replicas": "two"},
    "listen": {"listen": "9464"},
    **{f"listen where no kubelet is, {address}": {"listen": f"{address}:9464"} for address in ("127.0.0.1", "localhost", "[::1]", "10.0.0.1")},
    "port of upkeep.toml": {"config": {"control": {"listen": "0.0.0.0:9465"}}},
    "journal of upkeep.toml": {"config": {"state": {"name": "other"}}},
    **{f"empty {key}": {f"agents__example_agent__installer__{key}": value} for key, value in
       {**dict.fromkeys(("namespace", "container", "image", "tag", "progress_deadline", "status_config_map"), ""), "also": [""]}.items()},
    "file that climbs": {"files": [{"secret": "x", "items": {"k": "../upkeep.toml"}}]},
    "file of two": {"files": [{"secret": "x", "configMap": "y", "items": {"k": "p"}}]},
    "tolerations": {"tolerations": {"key": "x"}},
    "env": {"extraEnv": {"A": "b"}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_wrong_values_are_refused(helm, wrong):
    done = helm.run("template", "upkeep", CHART, VERSION, values=changed(**wrong))
    assert done.status != 0 and "values don't meet the specifications of the schema" in done.err, done.out + done.err


def test_a_place_for_the_image_is_asked_for(helm):
    done = helm.run("template", "upkeep", CHART, VERSION)
    assert done.status != 0 and "image.repository: where you have put the image" in done.err


def test_another_configuration_is_another_pod(helm):
    def pod(values):
        return named(helm.template(values), "Deployment")["spec"]["template"]
    same, other = pod(changed(annotations={"a": "b"})), pod(changed(config={"log": {"level": "debug"}}))
    assert same == pod(changed()) != other


def test_sidecar(helm, tmp_path):
    """No pod and no account of its own; the container is the one of a pod of its own, told and to be included by others' charts."""
    objects = helm.template(example("sidecar"))
    assert not [one for one in objects if one["kind"] in ("Deployment", "ServiceAccount")]
    assert named(objects, "RoleBinding")["subjects"] == [{"kind": "ServiceAccount", "name": "example-agent", "namespace": "agents"}]
    own = named(helm.template({**example("sidecar"), "mode": "deployment"}), "Deployment")["spec"]["template"]["spec"]
    patch = yaml.safe_load((K8S / "manifests/sidecar-patch.yaml").read_text())["spec"]["template"]["spec"]
    assert {key: value for key, value in patch.items() if not key.startswith("$")} == {"containers": own["containers"], "volumes": own["volumes"]}

    theirs = tmp_path / "theirs"
    (theirs / "templates").mkdir(parents=True)
    (theirs / "charts").mkdir()
    (theirs / "charts/upkeep").symlink_to(CHART)
    (theirs / "Chart.yaml").write_text("apiVersion: v2\nname: theirs\nversion: 1.0.0\ndependencies:\n- name: upkeep\n  version: 0.1.0\n")
    (theirs / "templates/pod.yaml").write_text(
        "kind: Pod\nmetadata: {name: theirs}\nspec:\n  containers:\n    - {{ include \"upkeep.container\" .Subcharts.upkeep | nindent 6 | trim }}\n"
        "  volumes: {{- include \"upkeep.volumes\" .Subcharts.upkeep | nindent 4 }}\n")
    objects = helm.template({"upkeep": example("sidecar")}, chart=theirs)
    assert named(objects, "Pod", "theirs")["spec"] == {"containers": own["containers"], "volumes": own["volumes"]}


def test_the_manifests_are_what_the_chart_makes(tmp_path):
    subprocess.run([K8S / "make-manifests", tmp_path / "made"], check=True, timeout=60, env={**os.environ, "HELM": str(program("helm"))})
    made = {file.name: file.read_text() for file in (tmp_path / "made").iterdir()}
    assert made == {file.name: file.read_text() for file in (K8S / "manifests").iterdir()}, "run k8s/make-manifests"
    assert not [name for name, text in made.items() if "helm.sh/hook" in text or "Helm" in text.split("---", 1)[1:]]


def strings(value, path=""):
    """Each text in it, with its path."""
    if isinstance(value, (dict, list)):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(one, f"{path}/{key}")
    elif isinstance(value, str):
        yield path, value


def test_the_manifests_need_nothing_but_what_the_readme_says():
    """Whoever changes what says `example` has changed all that is somebody else's; each Secret is one that a command of the README makes."""
    made = set(re.findall(r"^    kubectl .*create secret generic (\S+)", (K8S / "README.md").read_text(), re.MULTILINE))
    assert made == {example("full")["dockerConfigSecret"]}
    for file in ("deployment.yaml", "sidecar.yaml", "sidecar-patch.yaml"):
        texts = list(strings(list(yaml.safe_load_all((K8S / "manifests" / file).read_text()))))
        assert {text for path, text in texts if re.search(r"/(secret|secretKeyRef|imagePullSecrets/\d+)/name$|/secretName$", path)} <= made
        assert not [path for path, _ in texts if "checksum" in path or "/data/key." in path], "what no edit would change, and whose key is it?"
        foreign = [text for path, text in texts if path.endswith("/image")]
        for agent in (tomllib.loads(text) for path, text in texts if "/data/agent." in path):
            foreign += [agent["source"]["url"], *(text for key, text in agent["installer"].items() if key != "use")]
        assert foreign and [text for text in foreign if "example" not in text] == []
