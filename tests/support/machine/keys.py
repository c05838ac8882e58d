# SPDX-License-Identifier: Apache-2.0
"""Throw-away keys of one publisher: a gpg key that signs repositories, and a private CA with a certificate for 127.0.0.1."""

import os
import shutil

from . import shell

SERVER = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"


class Keys:
    """Makes the keys in `folder`, and has its name. `repository` is the armoured public key, `ca` the CA's certificate, `crt` and `key` the server's."""

    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        self.repository, self.ca = folder / "repo.asc", folder / "ca.crt"
        self.crt, self.key = folder / "tls.crt", folder / "tls.key"
        self._gnupg = folder / "gnupg"
        self._gnupg.mkdir(parents=True, mode=0o700)
        self._gpg("--passphrase", "", "--quick-gen-key", "Upkeep test <test@example.org>", "rsa3072", "sign", "never")
        self.repository.write_text(self._gpg("--armor", "--export"))
        self._certificates()

    def clearsign(self, source, target):
        self._gpg("--clearsign", "-o", target, source)

    def detach_sign(self, source, target):
        self._gpg("--armor", "--detach-sign", "-o", target, source)

    def sign_rpm(self, file):
        self._run(["rpmsign", "--addsign", "--define", f"__gpg {shutil.which('gpg')}", "--define", "_gpg_name test@example.org", file])

    def _gpg(self, *argv):
        return self._run(["gpg", "--batch", "--yes", "--quiet", *argv])

    def _run(self, argv):
        env = {**os.environ, "GNUPGHOME": str(self._gnupg)}
        try:
            return shell.run(argv, env=env).stdout
        finally:
            shell.run(["gpgconf", "--kill", "all"], env=env)     # the agent would outlive us

    def _certificates(self):
        ca_key, request = self.folder / "ca.key", self.folder / "tls.csr"
        for key in (ca_key, self.key):
            shell.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key])
        shell.run(["openssl", "req", "-x509", "-new", "-key", ca_key, "-subj", "/CN=upkeep-test-ca", "-days", "3650", "-out", self.ca,
                   "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        shell.run(["openssl", "req", "-new", "-key", self.key, "-subj", "/CN=localhost", "-out", request])
        shell.run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "3650",
                   "-out", self.crt, "-extfile", "/dev/stdin"], input=SERVER)
