# SPDX-License-Identifier: Apache-2.0
"""Docker's own registry on loopback, with TLS, for those who show a password or a token; and who hands out the tokens."""

import base64
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.parse

from hostile_server import tls
from identity import JsonServer, RsaKey
from kube.registry import Images
from machine.shell import run
from machine.wait import wait_until
from servers import free_port
from tools import of_debian

USER, PASSWORD = "pusher", "SECRETpw"
HASHED = "$2b$05$1X1nOzv8utln3ZwUpn2/Rug9ZSWE6Q8R/W4FG.tj1gdf4Vq.xmXlm"    # bcrypt, the only form that it takes
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Tokens(JsonServer):
    """Gives whoever shows the password a token for what is asked for, as auth.docker.io does; with TLS. `shown` has what was shown.

    asked for with a refresh token (POST), it wants `identity_token`."""

    identity_token = "SECRET-identity"

    def __init__(self, folder, certificate):
        self.key, self.shown, self._tls = RsaKey(), [], tls(certificate)
        self.key.name = self._libtrust_id()
        (folder / "token.key").write_text(self.key.pem)
        self.certificate = folder / "token.crt"
        run(["openssl", "req", "-x509", "-new", "-key", folder / "token.key", "-subj", "/CN=tokens", "-days", "30", "-out", self.certificate])
        super().__init__()
        self.url = f"https://localhost:{self.port}/token?realm=test"    # crane asks for no token at an address

    def answer(self, connection):
        with self._tls.wrap_socket(connection, server_side=True) as client:
            super().answer(client)

    def respond(self, method, path, headers, body):
        query = body if method == "POST" else path.partition("?")[2]
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
        self.shown.append(asked.get("refresh_token") or headers.get("authorization"))
        if self.shown[-1] not in (BASIC, self.identity_token):
            return "401 Unauthorized", {"errors": [{"code": "UNAUTHORIZED", "message": f"not with {self.shown[-1]}"}]}
        kind, name, actions = asked["scope"].split(":")
        now = int(time.time())
        token = self.key.token({"iss": "tokens", "sub": USER, "aud": asked["service"], "exp": now + 300, "nbf": now - 60, "iat": now, "jti": "1",
                                "access": [{"type": kind, "name": name, "actions": actions.split(",")}]})
        return "200 OK", {"access_token" if method == "POST" else "token": token, "expires_in": 300}

    def _libtrust_id(self):
        """How that registry names a key."""
        digits = base64.b32encode(hashlib.sha256(self.key.public_der).digest()[:30]).decode()
        return ":".join(digits[at:at + 4] for at in range(0, 48, 4))


class DockerRegistry(Images):
    """auth: "basic", or a Tokens. `config` is a docker config.json that may read and write. Dies with the thread that started it."""

    def __init__(self, folder, authority, auth):
        self.port = free_port()
        certificate = authority.issue(folder.name, "IP:127.0.0.1,DNS:localhost")
        config = {"REGISTRY_AUTH_HTPASSWD_REALM": "test", "REGISTRY_AUTH_HTPASSWD_PATH": str(folder / "htpasswd")}
        (folder / "htpasswd").write_text(f"{USER}:{HASHED}\n")
        if auth != "basic":
            config = {f"REGISTRY_AUTH_TOKEN_{name}": str(value) for name, value in {
                "REALM": auth.url, "SERVICE": "the registry", "ISSUER": "tokens", "ROOTCERTBUNDLE": auth.certificate}.items()}
        self.host = f"localhost:{self.port}"
        self.config = self.write_config(folder / "config.json", {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()})
        super().__init__(folder, f"{self.host}/apps/web", plain=False,
                         environment={"DOCKER_CONFIG": str(folder), "SSL_CERT_FILE": str(authority.crt)})
        settings = folder / "registry.yml"
        settings.write_text(json.dumps({"version": "0.1", "log": {"level": "warn"}, "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
                                        "http": {"addr": f"127.0.0.1:{self.port}", "tls": {"certificate": str(certificate.crt), "key": str(certificate.key)}}}))
        with (folder / "registry.log").open("w") as log:
            self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", of_debian("docker-registry"), "serve", settings],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **config})
        wait_until("the registry listens", self._listens, seconds=20, every=0.05)

    def write_config(self, file, entry, host=None):
        """Another docker config.json with that entry for this registry, or for another name of it."""
        pathlib.Path(file).write_text(json.dumps({"auths": {host or self.host: entry}}))
        return file

    def stop(self):
        self._process.kill()
        self._process.wait()

    def _listens(self):
        assert self._process.poll() is None, (self.folder / "registry.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
