# SPDX-License-Identifier: Apache-2.0
"""A registry on loopback with images of next to nothing, and cosign, which signs them."""

import functools
import os
import subprocess
import tarfile

from kube.programs import program
from machine.shell import run
from machine.wait import wait_until
from servers import free_port


class Registry:
    """In plain HTTP. referrers: it has the referrers API of OCI 1.1; others keep signatures under tags only."""

    def __init__(self, folder, referrers=True):
        self.folder, self.port = folder, free_port()
        self.repository = f"127.0.0.1:{self.port}/apps/web"
        with (folder / "registry.log").open("w") as self._log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", program("refreg"), f"--port={self.port}", f"--referrers={str(referrers).lower()}"],
                stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        wait_until("the registry answers", lambda: run([program("crane"), "catalog", f"127.0.0.1:{self.port}", "--insecure"]), seconds=20, every=0.05)

    def push(self, tag):
        """Another image each time; returns its digest."""
        file, layer = self.folder / "version", self.folder / "layer.tar"
        file.write_text(f"{tag} {os.urandom(8).hex()}")
        with tarfile.open(layer, "w") as archive:
            archive.add(file, "version")
        run([program("crane"), "append", "--insecure", "--new_layer", layer, "--new_tag", f"{self.repository}:{tag}"])
        return run([program("crane"), "digest", "--insecure", f"{self.repository}:{tag}"]).stdout.strip()

    @functools.cache
    def key(self, name="cosign"):
        """A key pair of cosign's: its public half; the secret one lies beside it."""
        folder = self.folder / name
        folder.mkdir()
        self._cosign("generate-key-pair", cwd=folder)
        return folder / "cosign.pub"

    def sign(self, digest, key, bundle):
        """bundle: in the form of cosign 3, else in that of cosign 2."""
        self._cosign("sign", "--yes", f"--key={key.with_suffix('.key')}", "--tlog-upload=false", "--use-signing-config=false",
                     f"--new-bundle-format={str(bundle).lower()}", "--allow-insecure-registry", "--allow-http-registry", f"{self.repository}@{digest}")

    def stop(self):
        self._process.kill()
        self._process.wait()

    def _cosign(self, *words, cwd=None):
        subprocess.run([program("cosign"), *words], cwd=cwd, env={**os.environ, "COSIGN_PASSWORD": "", "HOME": str(self.folder)}, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
