# SPDX-License-Identifier: Apache-2.0
"""The demos from one end to the other: build, package, machine (or, with --kube, cluster), story, summary. Started by tests/demo, which has
installed what they need."""

import argparse
import contextlib
import pathlib
import sys

SUPPORT = pathlib.Path(__file__).resolve().parent.parent
TOP = SUPPORT.parent.parent
sys.path.insert(0, str(SUPPORT))

from demo.cluster import play_in_cluster        # noqa: E402
from demo.stage import Stage                    # noqa: E402
from demo.story import play                     # noqa: E402
from machine.deb import make_deb                # noqa: E402
from machine.host import Host                   # noqa: E402
from machine.machine import Machine             # noqa: E402
from machine.package import Package             # noqa: E402
from machine.publisher import WebSite           # noqa: E402
from machine.workspace import Workspace, sweep  # noqa: E402

KEPT = """The machine is still up. To enter it:

    {enter}

and in there for example: upkeep status, upkeep history, journalctl -u upkeepd. To end and remove it:

    tests/demo --end
"""


def build(stage):
    stage.step("Build",
               "Upkeep is built from this checkout.")
    stage.long("configuring", ["cmake", "--preset", "release"], TOP)
    stage.long("compiling", ["cmake", "--build", "--preset", "release", "--target", "programs"], TOP)


def boot(stage, workspace, deb):
    stage.step("A machine",
               "A throw-away Debian 12 with systemd, polkit and PackageKit, booted beside this one. An apt repository, signed, "
               "and a version server publish demo-agent; both speak HTTPS with a certificate of a private CA.")
    stage.long("building its root (once; kept in the cache folder)", [SUPPORT / "machine/make-root", "apt"], TOP)
    publisher = WebSite(workspace).publisher("demo")
    publisher.release(Package("1.2.3"))
    machine = Machine(workspace, "demo", [workspace.root("apt")])
    host = Host(machine, publisher)
    machine.up()
    stage.say(f"version server: {publisher.channels_url}/stable/version", f"apt repository: {publisher.repo_url}")
    host.trust()
    host.install("demo-agent")
    host.run("systemctl enable --now demo-agent")
    stage.check("demo-agent 1.2.3 runs in it, as a service", host.running() == "1.2.3")
    stage.say(f"apt-get install ./{deb.name}, which was packed from this build")
    host.install_upkeep(deb)
    stage.check("upkeepd runs in it, as the unprivileged user upkeep",
                host.unit("upkeepd", "ActiveState") == "active" and host.unit("upkeepd", "User") == "upkeep")
    return host


def in_cluster():
    stage = Stage()
    try:
        build(stage)
        play_in_cluster(stage)
        stage.summary()
    except KeyboardInterrupt:
        print("\ninterrupted; everything has been removed")
        return 130
    except Exception as problem:
        stage.failed(problem, "")
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tests/demo", description="Plays the story of one agent on a real machine, or in a cluster.")
    parser.add_argument("--keep", action="store_true", help="leave the machine up")
    parser.add_argument("--end", action="store_true", help="end and remove what --keep left")
    parser.add_argument("--kube", action="store_true", help="the story of one workload in a Kubernetes cluster instead")
    options = parser.parse_args()
    if options.end:
        print(f"removed: {sweep(kept=True)}")
        return 0
    if options.kube:
        return in_cluster()

    stage, host, kept = Stage(), None, False
    try:
        with Workspace() as workspace:
            try:
                build(stage)
                host = boot(stage, workspace, make_deb(TOP / "build/release", workspace.folder / "deb"))
                play(stage, host)
                stage.summary()
            except Exception as problem:
                stage.failed(problem, host.report() if host else "")
                return 1
            finally:
                if options.keep and host and host.machine.is_up():
                    workspace.keep()
                    kept = True
                    print(KEPT.format(enter=host.machine.enter_command()))
    except KeyboardInterrupt:
        print("\ninterrupted" if kept else "\ninterrupted; everything has been removed")
        return 130
    return 0


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
