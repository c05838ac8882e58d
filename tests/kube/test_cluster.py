# SPDX-License-Identifier: Apache-2.0
"""The cluster is what the tests take it for: real controllers roll out and get stuck as they do, pods behave by their tags, rights are judged,
requests are counted, and a server that is down comes back with all it knew."""

import time

import pytest

from kube.client import Client, Refused, path_of
from kube.faulty import cut_after, cut_before, says, twice
from kube.workload import is_ready, waiting
from machine.wait import wait_until

KINDS = ["deployment", "statefulset", "daemonset"]


@pytest.mark.parametrize("kind", KINDS)
def test_rollout(space, kind):
    web = space.workload(kind)
    web.set_tag("2.3.4", who="upkeep")
    web.wait_running("2.3.4")
    assert web.managers() == {"upkeep"}


@pytest.mark.parametrize("tag, state", [("badpull", ["ImagePullBackOff"]), ("badready", []), ("badcrash", ["CrashLoopBackOff"])])
def test_bad_tags(space, tag, state):
    web = space.workload(tag=f"2.0.0-{tag}", wait=False)
    pod = wait_until("a pod is in that state", lambda: next(
        (pod for pod in web.pods() if pod["status"].get("podIP") and waiting(pod) == state and (state or pod["status"]["phase"] == "Running")), None))
    assert not is_ready(pod)
    if tag == "badcrash":
        wait_until("it was restarted", lambda: [pod["status"]["containerStatuses"][0]["restartCount"] for pod in web.pods()],
                   lambda all: max(all) >= 2)


def test_ready_at_first(space):
    web = space.workload(tag="2.0.0-badlater")
    wait_until("they crash", lambda: [waiting(pod) for pod in web.pods()], lambda all: ["CrashLoopBackOff"] in all)


def test_slow(space):
    began = time.monotonic()
    space.workload(tag="2.0.0-slow")
    assert time.monotonic() - began >= 3


def test_ordered_pods_stay_stuck(space):
    """Facts: kubernetes #67250. The image is put back, and the pod with the bad one stays until somebody deletes it."""
    web = space.workload("statefulset")
    web.set_tag("2.0.0-badcrash")
    wait_until("the last pod crashes", lambda: [waiting(pod) for pod in web.pods()], lambda all: all[-1:] == [["CrashLoopBackOff"]])
    web.set_tag("1.2.3")
    wait_until("the controller knows", lambda: web.object, lambda now: now["status"]["observedGeneration"] == now["metadata"]["generation"])
    assert len(web.running()) == 1
    space.client.delete("pods", space.name, web.pods()[-1]["metadata"]["name"])
    web.wait_running("1.2.3")


def test_rights_and_requests(cluster, space):
    web = space.workload(wait=False)
    account = space.account()
    client = Client(cluster.port, cluster.authority, account.request_token())
    assert client.get("deployments", space.name, "web")["metadata"]["name"] == "web"
    path = path_of("deployments", space.name, "web")
    for method, status in (("PATCH", 200), ("DELETE", 403)):
        answer = client.ask(method, path, {"metadata": {"labels": {"a": "b"}}} if method == "PATCH" else None, kind="application/merge-patch+json",
                            fieldManager="upkeep" if method == "PATCH" else None)
        assert answer.status == status, answer.text
    with pytest.raises(Refused, match="403"):
        client.get("secrets", space.name)
    asked = wait_until("all four are in the log", account.requests, lambda all: len(all) == 4, every=0.02)
    assert [(one["verb"], one["responseStatus"]["code"]) for one in asked] == [("get", 200), ("patch", 200), ("delete", 403), ("list", 403)]
    assert asked[1]["requestObject"] == {"metadata": {"labels": {"a": "b"}}}


def test_tokens_expire(cluster, space):
    space.workload(wait=False)
    account = space.account()
    path = path_of("deployments", space.name, "web")

    def status(token):
        return Client(cluster.port, cluster.authority, token).ask("GET", path).status
    assert [status(account.signed_token(60)), status(account.signed_token(-60)), status("x"), status(None)] == [200, 401, 401, 403]
    before = (account.folder / "token").read_text()
    account.mount(account.request_token())
    assert (account.folder / "token").read_text() != before and (account.folder / "ca.crt").read_text() == cluster.authority.crt.read_text()


def test_admission(space):
    web = space.workload(wait=False)
    space.refuse("tags", "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':9.9.9'))", "not that one")
    assert "not that one" in space.wait_refused(web, "9.9.9")
    web.set_tag("9.9.8", dryRun="All")
    assert web.tag() == "1.2.3"


def test_restart_of_the_server(cluster, space):
    web = space.workload()
    cluster.down()
    with pytest.raises(OSError):
        cluster.admin.get("nodes")
    cluster.up()
    web.set_tag("2.3.4")
    web.wait_running("2.3.4")


def test_namespace_goes(space):
    space.workload()
    space.delete()
    wait_until("it is gone", space.is_gone)


def test_faults(cluster, space, faulty):
    # Not a workload, into which its controller writes meanwhile.
    cluster.admin.create("configmaps", space.name, {"metadata": {"name": "web"}})
    client = Client(faulty.port, cluster.authority, cluster.tokens["admin"])
    path = path_of("configmaps", space.name, "web")

    def read():
        return cluster.admin.get("configmaps", space.name, "web")

    def annotate(value, **more):
        return client.ask("PATCH", path, {"metadata": {"annotations": {"n": value}, **more}}, kind="application/merge-patch+json")

    def seen():
        return read()["metadata"].get("annotations", {}).get("n")

    faulty.when("PATCH", "/configmaps/web", cut_before, cut_after, says(429, Retry_After=7))
    with pytest.raises(OSError):
        annotate("1")
    assert seen() is None
    with pytest.raises(OSError):
        annotate("2")
    assert seen() == "2"
    answer = annotate("3")
    assert (answer.status, answer.headers["Retry-After"], answer.json["reason"], seen()) == (429, "7", "TooManyRequests", "2")
    assert annotate("4").status == 200 and seen() == "4"

    faulty.when("PATCH", "", twice)
    answer = annotate("5", resourceVersion=read()["metadata"]["resourceVersion"])
    assert answer.status == 409 and seen() == "5"

    faulty.gone()
    with pytest.raises(OSError):
        annotate("6")
    faulty.back()
    assert annotate("7").status == 200
    assert [one.status for one in faulty.asked("PATCH")] == [None, None, 429, 200, 409, 200]


def test_watch_through_the_proxy(cluster, space, faulty):
    """What a watch says comes through at once, not when the watch ends."""
    import http.client
    web = space.workload(wait=False)
    version = web.object["metadata"]["resourceVersion"]
    connection = http.client.HTTPSConnection("127.0.0.1", faulty.port, timeout=20, context=cluster.admin._tls)
    connection.request("GET", f"{path_of('deployments', space.name)}?watch=1&resourceVersion={version}", headers={
        "Authorization": f"Bearer {cluster.tokens['admin']}"})
    stream = connection.getresponse()
    web.annotate(**{"upkeep.dev/x": "seen"})
    line = stream.readline()
    while b'"upkeep.dev/x":"seen"' not in line:
        line = stream.readline()
        assert line
    connection.close()


def test_a_scheduler_that_ended_is_begun_again(cluster, space):
    cluster.crash("scheduler")
    space.workload().wait_running("1.2.3")
