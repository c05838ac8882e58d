# SPDX-License-Identifier: Apache-2.0
"""The chart's own pod: the image, run from its own root file system with what the chart makes, keeps a workload of a real cluster with the
rights that the chart gives it, and needs no others. Needs root."""

import json
import urllib.error
import urllib.request

import pytest

from daemon_process import let_others_in
from kube.helm import named
from kube.pod import Pod
from kube.release import Release
from machine.wait import wait_until
from servers import Authority, Nginx, free_port


@pytest.fixture
def channel(tmp_path):
    """A server of the channel `current`, with an authority of its own."""
    authority = Authority(tmp_path, "channel-ca")
    server = Nginx(tmp_path / "nginx", authority.issue("channel"))
    server.authority = authority
    server.publish(version="1.2.3")
    yield server
    server.stop()


class Site:
    """A workload, the installed chart, and the pods of it that a test runs."""

    def __init__(self, space, tmp_path, channel, shape="statefulset", **installer):
        let_others_in(tmp_path)
        self.space, self._folder, self._pods, self.port = space, tmp_path, [], free_port()
        self.workload = space.workload(shape)
        self._authority = {"kind": "ConfigMap", "metadata": {"name": "channel-ca"}, "data": {"ca.crt": channel.authority.crt.read_text()}}
        space.client.create("configmaps", space.name, self._authority)
        source = {"use": "https", "url": channel.url, "channel": "current", "poll": "1s", "ca_file": "/etc/upkeep/ca/channel.crt"}
        agent = {"source": source, "schedule": [{"use": "window", "always": True}, {"use": "lease"}], "health": {"soak": "1s"},
                 "installer": {"workload": self.workload.shown, "status_config_map": "web-upkeep", "verify": {"resolve": False}, **installer}}
        self.release = Release(space, tmp_path, {
            "image": {"repository": "registry.test/upkeep"}, "listen": f"0.0.0.0:{self.port}", "agents": {"web": agent},
            "files": [{"configMap": "channel-ca", "items": {"ca.crt": "ca/channel.crt"}}]})
        self.release.install()
        self.account = self.release.account()

    def pod(self):
        """One more, running."""
        folder = self._folder / f"upkeep-{len(self._pods)}"
        folder.mkdir()
        objects = [*self.release.helm.template(self.release.values), self._authority]
        self._pods.append(Pod(folder, objects, self.account).start())
        return self._pods[-1]

    def ask(self, path):
        """Status and text of the port for probes."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def probes(self, pod):
        """What a kubelet gets: is it alive, is it ready."""
        assert pod.spec["ports"] == [{"name": "metrics", "containerPort": self.port}]
        asked = [pod.spec[name]["httpGet"] for name in ("livenessProbe", "readinessProbe")]
        assert [get["port"] for get in asked] == ["metrics"] * 2
        return [self.ask(get["path"])[0] for get in asked]

    def config_map(self, name):
        return self.space.client.get("configmaps", self.space.name, name).get("data", {})

    def holder(self):
        return self.space.client.get("leases", self.space.name, "upkeep-journal")["spec"].get("holderIdentity")

    def stop(self):
        for pod in self._pods:
            pod.container.stop()


@pytest.fixture
def site(space, tmp_path, channel):
    made = Site(space, tmp_path, channel)
    yield made
    made.stop()


def ended(result, version):
    def good(now):
        last = now["last_operation"] or {"result": None}
        return now["phase"] in ("idle", "waiting") and last["result"] == result and last["to"].endswith(f":{version}")
    return good


def test_story(site, channel):
    pod = site.pod()
    wait_until("it is ready", lambda: site.probes(pod) == [200, 200])
    pod.wait_agent("web", lambda now: now["decision"]["reason"] == "up_to_date", "it is up to date")
    channel.publish(version="2.3.4")
    pod.wait_agent("web", ended("committed", "2.3.4"), "2.3.4 is committed")
    site.workload.wait_running("2.3.4")
    assert site.holder().startswith("upkeep-0")
    assert site.config_map("upkeep-journal") == {"web": "upkeep-journal-web"}
    assert any("committed" in text for text in site.config_map("upkeep-journal-web").values())
    shown = wait_until("the status is shown", lambda: json.dumps(site.config_map("web-upkeep")), lambda text: "2.3.4" in text)
    assert "up_to_date" in shown
    assert site.space.events(), "events tell of it"

    channel.publish(version="2.4.0-badcrash")
    pod.wait_agent("web", ended("rolled_back", "2.4.0-badcrash"), "the bad one is taken back")
    assert pod.agents["web"]["quarantined"] == ["2.4.0-badcrash"]
    site.workload.wait_running("2.3.4")
    assert pod.container.stop("TERM") == 0
    assert not site.holder(), "whoever stands by need not wait"


def test_the_next_pod_goes_on(site, channel):
    pod = site.pod()
    pod.wait_agent("web", lambda now: now["decision"]["reason"] == "up_to_date", "it is up to date")
    channel.publish(version="2.3.4-slow")
    operation = pod.wait_agent("web", lambda now: now["phase"] in ("applying", "activating", "soaking"), "it is under way")["operation"]["id"]
    pod.container.stop("KILL")
    later = site.pod()
    now = later.wait_agent("web", ended("committed", "2.3.4-slow"), "the next one has ended it", seconds=90)
    assert now["last_operation"]["id"] == operation
    site.workload.wait_running("2.3.4-slow")


def test_a_trouble_is_no_reason_for_a_restart(site):
    """Without rights it is ill, and told to be; alive all the same, and well as soon as it has them."""
    site.release.upgrade(rbac={"create": False})
    pod = site.pod()
    status, said = wait_until("it tells of its trouble", lambda: site.ask("/healthz"), lambda answer: answer[0] == 503)
    assert "who may write the journals is not known" in said and "forbidden" in said
    assert site.probes(pod) == [200, 200]
    site.release.upgrade(rbac={"create": True})
    pod.wait_agent("web", lambda now: now["decision"]["reason"] == "up_to_date", "it goes on")
    assert site.ask("/healthz")[0] == 200


def test_no_right_is_missing_and_none_is_idle(site, channel):
    """By the audit log: nothing that it asked for was refused, and each rule of its role was used."""
    pod = site.pod()
    pod.wait_agent("web", lambda now: now["decision"]["reason"] == "up_to_date", "it is up to date")
    channel.publish(version="2.0.0-badcrash")
    pod.wait_agent("web", ended("rolled_back", "2.0.0-badcrash"), "the bad one is taken back")
    channel.publish(version="2.3.4")
    pod.wait_agent("web", ended("committed", "2.3.4"), "2.3.4 is committed")
    asked = site.account.requests()
    assert [one for one in asked if one.get("responseStatus", {}).get("code") in (401, 403)] == []
    used = {(one["objectRef"].get("apiGroup", ""), one["objectRef"]["resource"], one["verb"]) for one in asked if "objectRef" in one}
    role = named(site.release.helm.template(site.release.values), "Role")
    given = {(group, kind, verb) for rule in role["rules"] for group in rule["apiGroups"] for kind in rule["resources"] for verb in rule["verbs"]}
    assert used <= given
    spare = {("apps", "statefulsets", "update")}     # asked for where a patch is refused, by roles made for older updaters
    assert given - used == spare
