# SPDX-License-Identifier: Apache-2.0
"""What the chart lets the daemon do, as the real authorizer judges it: all that it needs, on what it is named for, and nothing else."""

import pytest

from kube.client import STRATEGIC, Client, path_of
from kube.release import Release
from machine.wait import wait_until

APPS, CORE, COORDINATION, EVENTS, RBAC = "apps", "", "coordination.k8s.io", "events.k8s.io", "rbac.authorization.k8s.io"
AGENT = {"source": {"use": "https", "url": "https://updates.example.com/v1", "channel": "stable"}, "schedule": [{"use": "window", "always": True}],
         "installer": {"workload": "statefulset/web", "status_config_map": "web-upkeep"}}
MAPS = ("upkeep-journal", "upkeep-journal-web", "web-upkeep")

NEEDED = [*((verb, APPS, "statefulsets", "web") for verb in ("get", "watch", "patch", "update")),
          *((verb, CORE, "pods", "") for verb in ("get", "list", "delete")),
          ("delete", CORE, "pods", "web-0"), ("create", EVENTS, "events", ""),
          *((verb, CORE, "configmaps", name) for verb in ("get", "patch", "update") for name in MAPS),
          *((verb, COORDINATION, "leases", "upkeep-journal") for verb in ("get", "update"))]
REFUSED = [*((verb, APPS, "statefulsets", "web") for verb in ("list", "create", "delete", "deletecollection")),
           *((verb, APPS, "statefulsets", "other") for verb in ("get", "patch", "update", "delete")),
           *((verb, APPS, "statefulsets", "") for verb in ("list", "watch", "create")),
           ("patch", APPS, "statefulsets/status", "web"), ("update", APPS, "statefulsets/scale", "web"),
           *(("patch", APPS, kind, "web") for kind in ("deployments", "daemonsets", "replicasets")),
           *((verb, CORE, "pods", "") for verb in ("watch", "create", "deletecollection")), ("patch", CORE, "pods", "web-0"),
           *(("create", CORE, f"pods/{sub}", "web-0") for sub in ("exec", "attach", "portforward", "eviction", "ephemeralcontainers")),
           ("get", CORE, "pods/log", "web-0"),
           *((verb, CORE, "secrets", "") for verb in ("list", "watch", "create")), ("get", CORE, "secrets", "web"),
           *((verb, CORE, "configmaps", "") for verb in ("list", "watch", "create")),
           ("get", CORE, "configmaps", "upkeep-config"), ("update", CORE, "configmaps", "upkeep-config"), ("delete", CORE, "configmaps", "upkeep-journal"),
           *((verb, COORDINATION, "leases", "upkeep-journal") for verb in ("create", "delete", "list")), ("update", COORDINATION, "leases", "other"),
           *((verb, EVENTS, "events", "") for verb in ("list", "delete")), ("create", CORE, "events", ""),
           ("create", CORE, "serviceaccounts/token", "upkeep"), ("impersonate", CORE, "serviceaccounts", "default"),
           *((verb, RBAC, kind, "upkeep") for verb in ("create", "update", "escalate", "bind") for kind in ("roles",)),
           ("create", RBAC, "rolebindings", ""), ("get", CORE, "nodes", ""), ("get", CORE, "namespaces", "")]


@pytest.fixture
def release(space, tmp_path):
    made = Release(space, tmp_path, {"image": {"repository": "registry.test/upkeep"}, "replicas": 0, "agents": {"web": AGENT}})
    made.install()
    return made


def client_of(release):
    """As the account of the chart, once the authorizer has heard of its role."""
    plane = release.space.plane
    client = Client(plane.port, plane.authority, release.account().request_token())
    settle(client, release.space.name, ("get", CORE, "configmaps", "upkeep-journal"))
    return client


def settle(client, space, asked, wanted=True):
    """Waits: the authorizer hears of a changed role a moment later."""
    wait_until(f"{asked} is judged anew", lambda: allowed(client, space, *asked) == wanted, seconds=10, every=0.02)


def allowed(client, space, verb, group, resource, name):
    """What the authorizer says of whom the token is for."""
    kind, _, sub = resource.partition("/")
    asked = {"namespace": space, "verb": verb, "group": group, "resource": kind, "subresource": sub, "name": name}
    said = client.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {"resourceAttributes": asked}})
    return said["status"]["allowed"]


def test_needed_and_refused(release, space, spaces):
    client, elsewhere = client_of(release), spaces("elsewhere").name
    assert [one for one in NEEDED if not allowed(client, space.name, *one)] == []
    assert len(REFUSED) > 45 and [one for one in REFUSED if allowed(client, space.name, *one)] == []
    assert [one for one in NEEDED if allowed(client, elsewhere, *one)] == []
    assert [one for one in NEEDED if allowed(client, "", *one)] == [], "in all namespaces"


def test_one_workload_is_watched_by_its_name(release, space):
    """resourceNames cover a watch that selects by metadata.name, and no other; nothing is listed."""
    space.workload("statefulset", wait=False)
    space.workload("statefulset", name="other", wait=False)
    client, path = client_of(release), path_of("statefulsets", space.name)

    def status(**query):
        return client.ask("GET", path, seconds=60, **query).status
    assert status(watch=True, timeoutSeconds=1, fieldSelector="metadata.name=web") == 200
    assert [status(), status(fieldSelector="metadata.name=web"), status(watch=True, timeoutSeconds=1),
            status(watch=True, timeoutSeconds=1, fieldSelector="metadata.name=other"), status(labelSelector="app=web")] == [403] * 5


def test_requests_that_are_made(release, space):
    """What passes is not only judged but done, and what is refused is refused to those who do it."""
    space.workload("statefulset", wait=False)
    space.workload("statefulset", name="other", wait=False)
    client = client_of(release)
    image = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "registry.test/apps/web:2.0.0"}]}}}}

    def patch(kind, name, body):
        return client.ask("PATCH", path_of(kind, space.name, name), body, kind=STRATEGIC, fieldManager="upkeep").status
    assert [patch("statefulsets", "web", image), patch("statefulsets", "other", image)] == [200, 403]
    for name in MAPS:
        mine = client.get("configmaps", space.name, name)
        client.replace("configmaps", space.name, {**mine, "data": {"a": "b"}})
        assert patch("configmaps", name, {"data": {"a": "c"}}) == 200
    lease = client.get("leases", space.name, "upkeep-journal")
    client.replace("leases", space.name, {**lease, "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}})
    assert patch("leases", "upkeep-journal", {"spec": {"holderIdentity": "you"}}) == 403
    event = {"metadata": {"name": "web.1"}, "eventTime": "2027-01-05T02:00:00.000000Z", "reportingController": "upkeep.dev/upkeep",
             "reportingInstance": "a", "action": "Upgrade", "reason": "Started", "type": "Normal", "note": "text",
             "regarding": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "namespace": space.name}}
    client.create("events", space.name, event)
    assert client.ask("POST", path_of("configmaps", space.name), {"metadata": {"name": "more"}}).status == 403
    assert client.ask("GET", path_of("secrets", space.name)).status == 403


def test_secrets_only_those_that_are_named(release, space):
    release.upgrade(rbac={"secrets": ["login"]})
    client = client_of(release)
    settle(client, space.name, ("get", CORE, "secrets", "login"))
    for verb, name in (("get", "other"), ("get", ""), ("list", "login"), ("update", "login")):
        assert not allowed(client, space.name, verb, CORE, "secrets", name), f"{verb} {name}"


def test_journals_of_agents_that_are_no_more(release, space):
    release.upgrade(agents={"other": AGENT}, state={"former": ["web"]})
    client = client_of(release)
    for name in ("other", "web"):
        settle(client, space.name, ("update", CORE, "configmaps", f"upkeep-journal-{name}"))
    release.upgrade(state={})
    settle(client, space.name, ("update", CORE, "configmaps", "upkeep-journal-web"), False)


def test_workloads_in_other_namespaces(release, space, spaces):
    """There, too, for the workload alone; the lease and the journal stay where the release is."""
    there = spaces("there").name
    release.upgrade(agents={"web": {**AGENT, "installer": {"workload": "daemonset/agent", "namespace": there}}})
    client = client_of(release)
    settle(client, there, ("patch", APPS, "daemonsets", "agent"))
    settle(client, space.name, ("delete", CORE, "pods", ""), False)
    assert allowed(client, there, "delete", CORE, "pods", "") and not allowed(client, there, "get", CORE, "configmaps", "upkeep-journal")
    assert not allowed(client, there, "update", COORDINATION, "leases", "upkeep-journal")
    assert allowed(client, space.name, "update", CORE, "configmaps", "upkeep-journal")


def test_two_releases_of_one_name_share_a_foreign_namespace(release, space, spaces, tmp_path):
    """Each has a role of its own there; that one goes takes nothing from the other."""
    there, neighbour = spaces("there").name, spaces("neighbour")
    (tmp_path / "second").mkdir()
    second = Release(neighbour, tmp_path / "second", release.values)
    for one, name in ((release, "web"), (second, "other")):
        values = {"agents": {"web": {**AGENT, "installer": {"workload": f"daemonset/{name}", "namespace": there}}}}
        if one is second:
            one.values = {**one.values, **values}
            one.install()
        else:
            one.upgrade(**values)
    first_client, second_client = client_of(release), client_of(second)
    settle(first_client, there, ("patch", APPS, "daemonsets", "web"))
    settle(second_client, there, ("patch", APPS, "daemonsets", "other"))
    assert not allowed(first_client, there, "patch", APPS, "daemonsets", "other") and not allowed(second_client, there, "patch", APPS, "daemonsets", "web")
    release.helm.must("uninstall", "upkeep")
    assert allowed(second_client, there, "patch", APPS, "daemonsets", "other")
