# SPDX-License-Identifier: Apache-2.0
"""The container image as k8s/build-image makes it, and containers of it, run by runc from their own root file system. Needs root."""

import functools
import itertools
import json
import os
import pathlib
import subprocess

from kube.helm import K8S

IMAGE = K8S.parent / "build/image"
_numbers = itertools.count(1)


@functools.lru_cache
def image():
    """The OCI layout; made when it is first asked for, and then what k8s/build-image printed."""
    done = subprocess.run([K8S / "build-image", IMAGE], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def blob(digest):
    return json.loads((IMAGE / "blobs" / digest.replace(":", "/")).read_text())


def manifest():
    image()
    return blob(json.loads((IMAGE / "index.json").read_text())["manifests"][0]["digest"])


class Container:
    """As a kubelet runs one: read-only root, no capabilities, no new privileges, as the image's own user. The network is this host's.

    mounts: path in the container → folder or file of this host, read-only; or None, an empty folder that may be written.
    """

    def __init__(self, folder, mounts=None, environment=None, arguments=None):
        image()
        self.bundle, self.name, self.process = pathlib.Path(folder) / "bundle", f"upkeep-test-{os.getpid()}-{next(_numbers)}", None
        tag = json.loads((IMAGE / "index.json").read_text())["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
        subprocess.run(["umoci", "unpack", "--image", f"{IMAGE}:{tag}", self.bundle], check=True, capture_output=True, timeout=120)
        self.root = self.bundle / "rootfs"
        self.config = json.loads((self.bundle / "config.json").read_text())
        process = self.config["process"]
        process.update(terminal=False, capabilities={}, noNewPrivileges=True)
        process["env"] += [f"{key}={value}" for key, value in (environment or {}).items()]
        process["args"] += map(str, arguments or [])
        self.config["root"]["readonly"] = True
        self.config["linux"]["namespaces"] = [one for one in self.config["linux"]["namespaces"] if one["type"] != "network"]
        for path, source in (mounts or {}).items():
            self.config["mounts"].append({"destination": path, "type": "bind", "source": str(source or self._empty(path)),
                                          "options": ["bind", "ro" if source else "rw"]})
        self._log = self.bundle / "log"

    def _empty(self, path):
        folder = self.bundle / path.replace("/", "-")
        folder.mkdir()
        folder.chmod(0o777)
        return folder

    def run(self, *argv):
        """One program alone, in place of the image's own."""
        self.config["process"]["args"] = list(map(str, argv))
        self._write()
        return subprocess.run(self._runc("run", "--bundle", self.bundle, self.name), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def start(self):
        """The image's own program."""
        self._write()
        with self._log.open("a") as log:
            self.process = subprocess.Popen(self._runc("run", "--bundle", self.bundle, self.name), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def exec(self, *argv):
        """As kubectl exec."""
        return subprocess.run(self._runc("exec", self.name, *argv), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def stop(self, signal="KILL"):
        """With SIGTERM, as a kubelet begins; the status that it ended with."""
        if self.process is None:
            return None
        subprocess.run(self._runc("kill", self.name, signal), capture_output=True, timeout=60)
        status = self.process.wait(timeout=60)
        subprocess.run(self._runc("delete", "--force", self.name), capture_output=True, timeout=60)
        self.process = None
        return status

    @property
    def log(self):
        return self._log.read_text()

    def _write(self):
        (self.bundle / "config.json").write_text(json.dumps(self.config))

    def _runc(self, *words):
        return ["runc", "--root", str(self.bundle / "runc"), *map(str, words)]
