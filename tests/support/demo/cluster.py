# SPDX-License-Identifier: Apache-2.0
"""The story of one workload in a cluster, in eight steps, told to an operator and checked as it goes."""

import pathlib
import subprocess
import tempfile

from kube.control_plane import ControlPlane
from kube.kube_daemon import KubeDaemon
from kube.programs import SUPPORT, program
from kube.space import Space
from machine.wait import wait_until

CLOSED, OPEN = "never = true", "always = true"


def play_in_cluster(stage):
    with tempfile.TemporaryDirectory(prefix="upkeep-demo-") as folder:
        folder, plane, upkeepd = pathlib.Path(folder), None, None
        try:
            plane = start(stage, folder)
            web, account = deploy(stage, plane, folder)
            upkeepd = KubeDaemon(folder, web, account, window=CLOSED, soak="3s", agent="demo-agent")
            for step in (up_to_date, window_closed, skipped, window_open, bad_release, killed, contested, history):
                step(stage, upkeepd, web, Kubectl(stage, plane, web.space))
        finally:
            if upkeepd:
                upkeepd.stop()
            if plane:
                plane.stop()


class Kubectl:
    """kubectl in the workload's namespace, as an administrator; shown as it is typed."""

    def __init__(self, stage, plane, space):
        self._stage, self._argv = stage, [program("hyperkube"), "kubectl", f"--kubeconfig={plane.kubeconfig()}", f"--namespace={space}"]

    def __call__(self, *words):
        return self._stage.command("kubectl", words, lambda: subprocess.run([*self._argv, *words], stdin=subprocess.DEVNULL, capture_output=True,
                                                                            text=True, timeout=60))


def start(stage, folder):
    stage.step("A cluster",
               "etcd, API server, controllers and scheduler of Kubernetes, started on loopback. Their nodes are played: what a pod does, says "
               "the tag of its image. Everything else is real.")
    stage.long("building them (once; kept in the cache folder)", [SUPPORT / "get-kube", "k8s", "kwok"], SUPPORT)
    plane = ControlPlane(folder / "cluster")
    with stage.waiting("it starts"):
        plane.start()
    stage.check(f"it is ready, with {plane.nodes} nodes, at {plane.url}", len(plane.admin.get("nodes")) == plane.nodes)
    return plane


def deploy(stage, plane, folder):
    space = Space(plane, "demo", folder)
    with stage.waiting("two pods of the StatefulSet demo-agent start"):
        web = space.workload("statefulset", name="demo-agent")
    stage.check("demo-agent 1.2.3 runs in it, in two pods", web.running() == ["1.2.3"] * 2)
    stage.say("upkeepd runs as in a pod: with a service account whose role names this one workload")
    return web, space.account(workloads=["demo-agent"])


def up_to_date(stage, upkeepd, web, kubectl):
    stage.step("1. Up to date",
               "The workload is described in one file. The channel says 1.2.3, and that is the image's tag.")
    print("\n".join(f"     │ {line}" for line in upkeepd.agent_file().splitlines() if line))
    upkeepd.start()
    with stage.waiting("the first look"):
        upkeepd.wait_reason("up_to_date")
    stage.show(upkeepd, "status")
    stage.check("the decision is: up_to_date", upkeepd.now["decision"]["reason"] == "up_to_date")


def window_closed(stage, upkeepd, web, kubectl):
    stage.step("2. A release, but not now",
               "2.3.4 is published, and no window is open. A dry run has the API server judge the very patch, with admission, and change nothing.")
    upkeepd.release("2.3.4")
    with stage.waiting("the channel is read"):
        upkeepd.wait_reason("outside_window")
    stage.check("a dry run names the upgrade", "an upgrade is available (1.2.3 -> 2.3.4)" in stage.show(upkeepd, "dry-run"))
    stage.check("nothing was changed", web.tag() == "1.2.3")


def skipped(stage, upkeepd, web, kubectl):
    stage.step("3. The workload's owner says no",
               "Who has only kubectl marks the workload. The daemon watches it, and knows at once.")
    kubectl("annotate", "statefulset/demo-agent", "upkeep.dev/skip=true")
    upkeepd.keep(window=OPEN)
    stage.show(upkeepd, "reload")
    with stage.waiting("the mark is seen"):
        now = upkeepd.wait_reason("held")
    stage.say(now["decision"]["text"])
    stage.check("nothing was changed", web.tag() == "1.2.3")


def window_open(stage, upkeepd, web, kubectl):
    stage.step("4. Rolled out",
               "The mark is taken away. The image is patched, Kubernetes rolls it out pod by pod, and it is committed once all are ready and have "
               "stayed so.")
    kubectl("annotate", "statefulset/demo-agent", "upkeep.dev/skip-")
    with stage.waiting("the upgrade to 2.3.4"):
        upkeepd.wait_result("committed", "2.3.4")
    kubectl("get", "statefulset,pods", "-o", "wide")
    stage.check("both pods run 2.3.4", web.running() == ["2.3.4"] * 2)
    stage.check("the patch is on record as Upkeep's", web.managers() == {"upkeep"})


def bad_release(stage, upkeepd, web, kubectl):
    stage.step("5. A bad release",
               "3.0.0-badcrash crashes as soon as it runs. An ordered StatefulSet would wait for its pod for ever, also after the image was put "
               "back: so Upkeep deletes that pod. The version is quarantined.")
    upkeepd.release("3.0.0-badcrash")
    with stage.waiting("it is tried and taken back"):
        upkeepd.wait_result("rolled_back", "3.0.0-badcrash")
        web.wait_running("2.3.4")
    upkeepd.wait_reason("quarantined")
    stage.show(upkeepd, "status")
    stage.check("both pods run 2.3.4 again", web.running() == ["2.3.4"] * 2)


def killed(stage, upkeepd, web, kubectl):
    stage.step("6. The daemon dies in the middle",
               "While 3.0.1 is rolled out the daemon gets SIGKILL. The next one reads the journal and ends the same operation.")
    upkeepd.release("3.0.1")
    with stage.waiting("the first pod is another"):
        wait_until("the rollout is on its way", lambda: web.tag() == "3.0.1")
    operation = upkeepd.now["operation"]["id"]
    stage.say(f"kill -9 {upkeepd.process.pid}")
    upkeepd.kill()
    upkeepd.start()
    with stage.waiting("the operation ends"):
        now = upkeepd.wait_result("committed", "3.0.1")
    stage.check("it is the same operation, and it is committed", now["last_operation"]["id"] == operation)
    stage.check("all pods run 3.0.1", web.running() == ["3.0.1"] * 2)


def contested(stage, upkeepd, web, kubectl):
    stage.step("7. Somebody else wants the old one",
               "A GitOps controller puts 2.3.4 back. Once may be a mistake; after the second time Upkeep names it, and does not fight.")
    web.set_tag("2.3.4", who="gitops-controller")
    with stage.waiting("3.0.1 is rolled out again"):
        wait_until("there is one more operation", upkeepd.history, lambda all: len(all) == 4 and all[0]["result"] == "committed", seconds=60)
    web.set_tag("2.3.4", who="gitops-controller")
    with stage.waiting("it gives in"):
        now = upkeepd.wait_reason("contested")
    stage.say(now["decision"]["text"])
    stage.check("it is named", "gitops-controller" in now["decision"]["text"])


def history(stage, upkeepd, web, kubectl):
    stage.step("8. What happened here?", "All of it is on record: in the journal, and as events of the workload.")
    stage.show(upkeepd, "history")
    kubectl("get", "events", "--field-selector=reportingComponent=upkeep.dev/upkeepd", "--sort-by=.metadata.creationTimestamp")
    results = [one["result"] for one in reversed(upkeepd.history())]
    stage.check("four operations: " + ", ".join(results), results == ["committed", "rolled_back", "committed", "committed"])
