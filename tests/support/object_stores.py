# SPDX-License-Identifier: Apache-2.0
"""Object stores on loopback: MinIO and versitygw, two independent S3 servers that verify each signature, and an emulator of Google's.

Each dies with this process.
"""

import http.client
import json
import pathlib
import re
import socket
import ssl
import subprocess
import xml.etree.ElementTree

from daemon_process import without_proxies
from machine.wait import wait_until
from servers import free_port
from sigv4 import Credentials, encoded, query_text, signed
from tools import programs

ROOT = Credentials("upkeep-test-root", "SECRET+root/of=the/store+0123456789ab")


class Program:
    """One server: a program of get-servers that listens on `port`, and is ready once `ready()` answers."""

    def __init__(self, folder, name, *words, port, **environment):
        self.folder, self.port, self._log = pathlib.Path(folder), port, pathlib.Path(folder) / "log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", programs() / name, *map(str, words)], cwd=folder,
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                             env={**without_proxies(), "HOME": str(folder), **environment})

    @property
    def log(self):
        return self._log.read_text(errors="replace")

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait_ready(self, ready):
        def look():
            assert self._process.poll() is None, f"it ended:\n{self.log}"
            return ready()
        wait_until(f"{type(self).__name__} is ready", look, seconds=30, every=0.02)

    def stop(self):
        self._process.kill()
        self._process.wait()


class Store(Program):
    """What every store is to a test. Who inherits says how an object is put there."""

    def __init__(self, folder, name, *words, authority, port, **environment):
        self._context = ssl.create_default_context(cafile=authority.crt)
        self.host, self.url = f"127.0.0.1:{port}", f"https://127.0.0.1:{port}"
        super().__init__(folder, name, *words, port=port, **environment)

    def exchange(self, method, target, body=b"", headers=None):
        """One request. Returns status and body."""
        connection = http.client.HTTPSConnection(self.host, timeout=30, context=self._context)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def must(self, what, status, body):
        assert status in (200, 204), f"{what}: {status} {body.decode(errors='replace')}\n{self.log[-2000:]}"
        return body

    def publish(self, bucket, channel="current", version="1.2.3\n", critical="no\n"):
        """Puts the channel's files there; None leaves one out. `channel` is a path below the bucket."""
        for name, content in (("version", version), ("critical", critical)):
            if content is not None:
                self.put(bucket, f"{channel}/{name}", content.encode())


class S3(Store):
    """Asked for by path, as its root."""

    region = "us-east-1"

    def ask(self, method, path, query=None, body=b"", credentials=ROOT, service="s3", headers=None):
        """One signed request (or an anonymous one: credentials=None); `path` is plain text. Returns status and body."""
        path, headers = encoded(path, keep="/"), headers or {}
        if credentials:
            headers = signed(credentials, method, self.host, path, query, body, self.region, service, headers)
        return self.exchange(method, path + ("?" + query_text(query) if query else ""), body, headers)

    def make_bucket(self, name, public=False):
        self.must(f"bucket {name}", *self.ask("PUT", f"/{name}"))
        if public:
            allow = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{name}/*"]}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]}).encode()
            self.must(f"policy of {name}", *self.ask("PUT", f"/{name}", {"policy": ""}, policy))

    def put(self, bucket, key, body):
        self.must(f"{bucket}/{key}", *self.ask("PUT", f"/{bucket}/{key}", body=body))


class Minio(S3):
    """`domain`: buckets may be asked for as hosts below it. `openid`: the URL of an issuer whose tokens are worth a session."""

    def __init__(self, folder, certificate, authority, domain="", region=S3.region, openid=None):
        self.region, self.certificates = region, folder / "certificates"
        self.certificates.mkdir(parents=True)
        (self.certificates / "public.crt").write_bytes(certificate.crt.read_bytes())
        (self.certificates / "private.key").write_bytes(certificate.key.read_bytes())
        port, console = free_port(), free_port()    # it wants a place for a console that it does not have
        more = {}
        if openid:
            more = {"MINIO_IDENTITY_OPENID_CONFIG_URL": f"{openid}/.well-known/openid-configuration",
                    "MINIO_IDENTITY_OPENID_CLIENT_ID": "upkeep", "MINIO_IDENTITY_OPENID_ROLE_POLICY": "readonly"}
        super().__init__(folder, "minio", "server", "--certs-dir", self.certificates, "--address", f"127.0.0.1:{port}", "--console-address",
                         f"127.0.0.1:{console}", folder / "data", authority=authority, port=port, MINIO_ROOT_USER=ROOT.key_id,
                         MINIO_ROOT_PASSWORD=ROOT.secret, MINIO_SITE_REGION=region, MINIO_DOMAIN=domain, MINIO_BROWSER="off",
                         MINIO_UPDATE="off", **more)
        # It calls itself ready (/minio/health/ready) while it answers 503 still.
        self.wait_ready(lambda: self.ask("GET", "/")[0] == 200 and (not openid or self._roles()))

    @property
    def role(self):
        """The name of what the issuer's tokens are worth."""
        return self._roles()[0]

    def _roles(self):
        return re.findall(r"arn:minio:iam:\S+(?=\n)", self.log)

    def session(self):
        """Temporary credentials of its STS, an hour's."""
        return self._sts({"Action": "AssumeRole", "DurationSeconds": "3600"}, service="sts")

    def session_for(self, token):
        """The same for a token of the issuer; it ends with the token."""
        return self._sts({"Action": "AssumeRoleWithWebIdentity", "RoleArn": self.role, "WebIdentityToken": token}, credentials=None)

    def _sts(self, form, **more):
        body = query_text({"Version": "2011-06-15", **form}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.must("session", *self.ask("POST", "/", body=body, headers=form, **more))
        found = {element.tag.rpartition("}")[2]: element.text for element in xml.etree.ElementTree.fromstring(answer).iter()}
        return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


class Versitygw(S3):
    """The stricter one: it wants the payload's hash in each request. Objects are files below `folder`/data."""

    def __init__(self, folder, certificate, authority, domain="", region=S3.region):
        self.region = region
        for name in ("data", "sidecar"):
            (folder / name).mkdir(parents=True)
        port = free_port()
        virtual = ["--virtual-domain", domain] if domain else []
        super().__init__(folder, "versitygw", "--port", f"127.0.0.1:{port}", "--health", "/healthz", "--region", region, "--cert",
                         certificate.crt, "--key", certificate.key, *virtual, "posix", "--sidecar", folder / "sidecar", folder / "data",
                         authority=authority, port=port, ROOT_ACCESS_KEY=ROOT.key_id, ROOT_SECRET_KEY=ROOT.secret)
        self.wait_ready(lambda: self.ask("GET", "/healthz", credentials=None)[0] == 200)


class FakeGcs(Store):
    """Google's store as an emulator: no authentication, no conditional requests."""

    def __init__(self, folder, certificate, authority):
        port = free_port()
        super().__init__(folder, "fake-gcs-server", "-scheme", "https", "-host", "127.0.0.1", "-port", port, "-backend", "memory",
                         "-cert-location", certificate.crt, "-private-key-location", certificate.key, "-public-host", "127.0.0.1",
                         authority=authority, port=port)
        self.wait_ready(lambda: self.exchange("GET", "/_internal/healthcheck")[0] == 200)

    def make_bucket(self, name):
        self._post(f"bucket {name}", "/storage/v1/b", json.dumps({"name": name}).encode(), "application/json")

    def put(self, bucket, key, body):
        self._post(f"{bucket}/{key}", f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={encoded(key)}", body, "text/plain")

    def _post(self, what, target, body, content):
        self.must(what, *self.exchange("POST", target, body, {"Content-Type": content}))
