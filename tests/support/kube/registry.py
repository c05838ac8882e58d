# SPDX-License-Identifier: Apache-2.0
"""Registries on loopback with images of next to nothing, and cosign, which signs them."""

import functools
import os
import subprocess
import tarfile

from kube.programs import program
from machine.shell import run
from machine.wait import wait_until
from servers import free_port

PLAIN = ("--allow-insecure-registry", "--allow-http-registry")


class Images:
    """Pushes to `repository`, a registry's, and signs there. environment: more of crane's and cosign's."""

    def __init__(self, folder, repository, plain=True, environment=None):
        self.folder, self.repository = folder, repository
        self._plain = plain
        self._environment = {**os.environ, "COSIGN_PASSWORD": "", "HOME": str(folder), **(environment or {})}

    def push(self, tag):
        """Another image each time; returns its digest."""
        file, layer = self.folder / "version", self.folder / "layer.tar"
        file.write_text(f"{tag} {os.urandom(8).hex()}")
        with tarfile.open(layer, "w") as archive:
            archive.add(file, "version")
        self._crane("append", "--new_layer", layer, "--new_tag", f"{self.repository}:{tag}")
        return self.digest(tag)

    def push_index(self, tag):
        """An index of two platforms' images; returns its own digest."""
        parts = [f"{self.repository}@{self.push(f'{tag}-{platform}')}" for platform in ("amd64", "arm64")]
        self._crane("index", "append", "--tag", f"{self.repository}:{tag}", *(word for part in parts for word in ("--manifest", part)))
        return self.digest(tag)

    def digest(self, tag):
        return self._crane("digest", f"{self.repository}:{tag}").stdout.strip()

    def move(self, tag, digest):
        """The tag leads there from now on."""
        self._crane("tag", f"{self.repository}@{digest}", tag)

    @functools.cache
    def key(self, name="cosign", kind=None):
        """A key pair: its public half; the secret one lies beside it. kind: words of `openssl genpkey` that make another kind than cosign's."""
        folder = self.folder / name
        folder.mkdir()
        if kind:
            run(["openssl", "genpkey", *kind, "-out", folder / "made.pem"])
            self._cosign("import-key-pair", "--key", folder / "made.pem", "--output-key-prefix", "cosign", cwd=folder)
        else:
            self._cosign("generate-key-pair", cwd=folder)
        return folder / "cosign.pub"

    def sign(self, digest, key, bundle):
        """bundle: in the form of cosign 3, else in that of cosign 2."""
        self._cosign("sign", "--yes", f"--key={key.with_suffix('.key')}", "--tlog-upload=false", "--use-signing-config=false",
                     f"--new-bundle-format={str(bundle).lower()}", *(PLAIN if self._plain else ()), f"{self.repository}@{digest}")

    def attest(self, digest, key):
        """Something that is said of the image with the same key, and is no signature of it."""
        said = self.folder / "predicate.json"
        said.write_text('{"buildType": "test"}')
        self._cosign("attest", "--yes", f"--key={key.with_suffix('.key')}", "--tlog-upload=false", "--use-signing-config=false", "--new-bundle-format=true",
                     "--type=slsaprovenance1", f"--predicate={said}", *(PLAIN if self._plain else ()), f"{self.repository}@{digest}")

    def _crane(self, *words):
        return run([program("crane"), *words, *(["--insecure"] if self._plain else [])], env=self._environment)

    def _cosign(self, *words, cwd=None):
        done = subprocess.run([program("cosign"), *words], cwd=cwd, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr


class Registry(Images):
    """In plain HTTP. referrers: it has the referrers API of OCI 1.1; others keep signatures under tags only."""

    def __init__(self, folder, referrers=True):
        self.port = free_port()
        super().__init__(folder, f"127.0.0.1:{self.port}/apps/web")
        with (folder / "registry.log").open("w") as self._log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", program("refreg"), f"--port={self.port}", f"--referrers={str(referrers).lower()}"],
                stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        wait_until("the registry answers", lambda: run([program("crane"), "catalog", f"127.0.0.1:{self.port}", "--insecure"]), seconds=20, every=0.05)

    def stop(self):
        self._process.kill()
        self._process.wait()
