# SPDX-License-Identifier: Apache-2.0
"""The container image: small, the same each time, nothing in it but what the programs need, and they work there as the user that it names,
without a capability, on a root that cannot be written."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from daemon_process import BUILD, let_others_in
from kube.helm import K8S
from kube.image import Container, blob, image, manifest
from machine.wait import wait_until
from servers import Authority, Nginx

PRESET = next(one for one in json.loads((K8S.parent / "CMakePresets.json").read_text())["configurePresets"] if one["name"] == "kube")
ZONE = """
[source]
use = "file"
path = "/"
channel = "c"
[[schedule]]
use = "window"
start = "02:30"
length = "1h"
time_zone = "America/New_York"
[installer]
use = "{installer}"
{more}
"""


@pytest.fixture
def container(tmp_path):
    let_others_in(tmp_path)
    made = []

    def one(**options):
        folder = tmp_path / f"container-{len(made)}"
        folder.mkdir()
        made.append(Container(folder, **options))
        return made[-1]
    yield one
    for one in made:
        one.stop()


def test_size_and_user():
    said, layers = image(), manifest()["layers"]
    compressed = sum(layer["size"] for layer in layers)
    assert compressed <= 20_000_000, "k8s/README.md says 15 MB, and an image that has doubled has something in it that it need not have"
    assert float(re.search(r"([0-9.]+) MB compressed", said)[1]) == pytest.approx(compressed / 1e6, abs=0.2)
    config = blob(manifest()["config"]["digest"])["config"]
    assert (config["User"], config["Entrypoint"]) == ("9807:9807", ["/usr/sbin/upkeepd"]) and "Cmd" not in config


def test_it_is_the_same_each_time(tmp_path):
    again = subprocess.run([K8S / "build-image", tmp_path / "again"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    assert again.returncode == 0, again.stderr
    digest = re.compile(r"sha256:[0-9a-f]{64}")
    assert digest.findall(again.stdout) == digest.findall(image())


def test_what_is_in_it(container):
    root = container().root
    files = [file for file in root.rglob("*") if file.is_file() and not file.is_symlink()]
    programs = {str(file.relative_to(root)) for file in files if file.stat().st_mode & 0o111 and ".so" not in file.name}
    assert programs == {"usr/sbin/upkeepd", "usr/bin/upkeep"}
    assert [file for file in root.rglob("*") if not file.is_symlink() and (file.stat().st_mode & 0o6022 or file.stat().st_uid)] == []
    known = {file.name for file in (root / "var/lib/dpkg/status.d").iterdir()}
    assert {"libc6", "libcurl4", "ca-certificates", "tzdata"} <= known == {file.parent.name for file in root.glob("usr/share/doc/*/copyright")} - {"upkeep"}


def test_the_authorities_are_debians_and_not_those_of_this_host(container):
    certificates = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
    trusted = certificates.findall((container().root / "etc/ssl/certs/ca-certificates.crt").read_text())
    debian = [file.read_text().strip() for file in pathlib.Path("/usr/share/ca-certificates/mozilla").iterdir()]
    assert len(trusted) > 100 and sorted(trusted) == sorted(debian)


@pytest.mark.parametrize("argv, status, said", [(("/usr/sbin/upkeepd", "--version"), 0, "upkeepd 0.1.0"), (("upkeep", "--help"), 0, "Keeps agents"),
                                               (("/bin/sh", "-c", "true"), 1, "no such file"), (("upkeep", "status"), 4, "")])
def test_programs(container, argv, status, said):
    done = container().run(*argv)
    assert done.returncode == status and said in done.stdout + done.stderr, done.stdout + done.stderr


def test_the_plugins_are_those_of_a_cluster(container, tmp_path):
    wanted = {}
    for plugin in PRESET["cacheVariables"]["UPKEEP_LINKED_IN"].split(";"):
        wanted.setdefault(plugin.split("/")[0], []).append(plugin.split("/")[1])
    assert wanted["installer"] == ["kubernetes"]
    (tmp_path / "etc/agents.d").mkdir(parents=True)
    (tmp_path / "etc/upkeep.toml").write_text('[state]\nuse = "nothing"\n')
    (tmp_path / "etc/agents.d/a.toml").write_text('[source]\nuse = "nothing"\n[[schedule]]\nuse = "nothing"\n[installer]\nuse = "nothing"\n')
    done = container(mounts={"/etc/upkeep": tmp_path / "etc"}).run("upkeep", "config", "check", "--json")
    found = re.findall(r"there is no (\w+) plugin \S+ in \S+; there are: ([a-z0-9, ]+)", done.stdout)
    assert {kind: names.split(", ") for kind, names in found} == {kind: sorted(names) for kind, names in wanted.items()}


def test_a_plugin_of_ones_own_can_be_added(container, tmp_path):
    """As a module in the plugin folder, built with the compiler and the Asio that the image was."""
    (tmp_path / "etc/agents.d").mkdir(parents=True)
    (tmp_path / "etc/upkeep.toml").write_text("")
    (tmp_path / "etc/agents.d/a.toml").write_text(ZONE.format(installer="apt", more='package = "example"'))
    module = BUILD / "plugins-built/installer-apt.so"
    done = container(mounts={"/etc/upkeep": tmp_path / "etc", f"/usr/lib/upkeep/plugins/{module.name}": module}).run("upkeep", "config", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_tls(container, tmp_path):
    """Debian's authorities are what is believed unless something else is said: an authority that is among them is, another is not."""
    authority = Authority(tmp_path, "test-ca")
    server = Nginx(tmp_path / "nginx", authority.issue("good"))
    try:
        url, bundle = server.publish(), "/etc/ssl/certs/ca-certificates.crt"
        show = ("upkeep", "--json", "channel", "show", url)
        refused = container().run(*show)
        assert refused.returncode == 1 and json.loads(refused.stdout)["error"]["code"] == "denied" and "certificate" in refused.stdout
        trusting = container(mounts={"/etc/upkeep/ca.crt": authority.crt})
        assert json.loads(trusting.run(*show, "--ca-file", "/etc/upkeep/ca.crt").stdout)["version"] == "1.2.3"
        both = tmp_path / "both.crt"
        both.write_text((trusting.root / bundle.lstrip("/")).read_text() + authority.crt.read_text())
        assert json.loads(container(mounts={bundle: both}).run(*show).stdout)["version"] == "1.2.3"
    finally:
        server.stop()


def test_zones(container, tmp_path):
    """On 14 March 2027 New York's clocks skip 02:30; the day before it is 07:30 in UTC, and the day after 06:30."""
    agent = tmp_path / "agent.toml"
    agent.write_text(ZONE.format(installer="kubernetes", more='workload = "deployment/web"'))
    done = container(mounts={"/agent.toml": agent}).run("upkeep", "--json", "schedule", "show", "--config", "/agent.toml", "--from", "2027-03-13T00:00:00Z",
                                                        "--until", "2027-03-16T00:00:00Z")
    assert [one["start"] for one in json.loads(done.stdout)["windows"]] == ["2027-03-13T07:30:00Z", "2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"], done


def test_the_daemon(container, tmp_path):
    """It starts as nobody who may anything, answers `kubectl exec`, writes nowhere else, and ends when it is told to."""
    (tmp_path / "etc/agents.d").mkdir(parents=True)
    (tmp_path / "etc/agents.d/web.toml").write_text(ZONE.format(installer="kubernetes", more='workload = "deployment/web"'))
    (tmp_path / "etc/upkeep.toml").write_text("")
    daemon = container(mounts={"/etc/upkeep": tmp_path / "etc", "/run/upkeep": None, "/var/lib/upkeep": None}).start()
    wait_until("it answers", lambda: daemon.exec("upkeep", "status").returncode == 0)
    assert daemon.exec("upkeep", "suspend", "--reason", "because").returncode == 0, "its own user may change things"
    assert "because" in daemon.exec("upkeep", "status").stdout
    pid = json.loads(subprocess.run(["runc", "--root", daemon.bundle / "runc", "state", daemon.name], capture_output=True, timeout=60).stdout)["pid"]
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {"9807"} and status["NoNewPrivs"] == "1"
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert os.statvfs(f"/proc/{pid}/root").f_flag & os.ST_RDONLY
    assert daemon.stop("TERM") == 0 and "stopped" in daemon.log
