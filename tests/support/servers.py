# SPDX-License-Identifier: Apache-2.0
"""Servers on loopback for the system layer: a private CA, nginx with TLS, what other servers are made of, and a proxy."""

import contextlib
import os
import socket
import subprocess
import threading
import time

from machine.shell import run
from machine.wait import wait_until


class Certificate:
    def __init__(self, folder, name):
        self.crt, self.key = folder / f"{name}.crt", folder / f"{name}.key"
        run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key])


class Authority(Certificate):
    """A private CA; `crt` is what a client must trust."""

    def __init__(self, folder, name):
        super().__init__(folder, name)
        self._folder, self._name = folder, name
        run(["openssl", "req", "-x509", "-new", "-key", self.key, "-subj", f"/CN={name}", "-days", "30", "-out", self.crt,
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"])

    def issue(self, name, subject="IP:127.0.0.1", days=30, usage="serverAuth", organization=""):
        """A server's certificate, or a client's (usage="clientAuth"); negative `days` make one that has expired."""
        issued = Certificate(self._folder, f"{self._name}-{name}")
        request, extensions = issued.crt.with_suffix(".csr"), issued.crt.with_suffix(".ext")
        extensions.write_text(f"subjectAltName={subject}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n")
        run(["openssl", "req", "-new", "-key", issued.key, "-subj", (f"/O={organization}" if organization else "") + f"/CN={name}", "-out", request])
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.crt, "-CAkey", self.key, "-CAcreateserial", "-days", str(days),
             "-out", issued.crt, "-extfile", extensions])
        return issued


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


NGINX = """
{user} master_process off; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
  log_format short "$server_protocol $status $request_uri $connection $http_accept_encoding"; access_log {folder}/access.log short;
  types {{ }} default_type text/plain;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} {listen};
    ssl_certificate {certificate.crt}; ssl_certificate_key {certificate.key};
    root {www};
    {more}
  }}
}}
"""


class Nginx:
    """nginx on a free port, serving the folder `www`. It dies with this process."""

    def __init__(self, folder, certificate, more="", listen="ssl http2"):
        self.folder, self.www, self.port = folder, folder / "www", free_port()
        self.www.mkdir(parents=True)
        self.url = f"https://127.0.0.1:{self.port}"
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, port=self.port, listen=listen, certificate=certificate,
                                                        www=self.www, more=more))
        self.run()

    def run(self):
        folder = self.folder
        self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < end, f"nginx does not start:\n{self.log('error')}"
            time.sleep(0.01)

    def publish(self, channel="current", version="1.2.3\n", critical="no\n"):
        """Puts the channel's files there; None leaves one out. Returns the channel's URL."""
        folder = self.www / channel
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (("version", version), ("critical", critical)):
            if content is not None:
                (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return f"{self.url}/{channel}"

    def log(self, name="access"):
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def lines(self, least):
        """Of the access log, at least that many: nginx writes them after it has answered."""
        return wait_until("nginx has logged it", lambda: self.log().splitlines(), lambda lines: len(lines) >= least, seconds=10, every=0.01)

    def stop(self):
        self._process.kill()
        self._process.wait()

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class LoopbackServer:
    """A free port of 127.0.0.1; answer(connection) of whoever inherits gets each connection, in a thread of its own.

    An OSError in it means that the client went away, which is its good right.
    """

    timeout = 30    # seconds that a client may be silent

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def answering(self):
        """What answers the connection that comes next."""
        return self.answer

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._begin, args=(connection, self.answering()), daemon=True).start()

    def _begin(self, connection, answer):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(self.timeout)
            answer(connection)


def read_head(connection):
    """A request up to its empty line; None when the client says no more before that."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            return None
        request += piece
    return request


class ConnectProxy(LoopbackServer):
    """An HTTP proxy that tunnels (CONNECT), and remembers to where and what else it was told."""

    timeout = None

    def __init__(self):
        self.asked, self.heads = [], []
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    def target(self, host, port):
        """Where it connects to when that is asked for."""
        return host, int(port)

    def answer(self, client):
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(4096) or b"\r\n\r\n"
        where = request.split()[1].decode()
        self.asked.append(where)
        self.heads.append(request)
        with socket.create_connection(self.target(*where.rsplit(":", 1))) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_copy, args=(server, client), daemon=True).start()
            _copy(client, server)


def _copy(source, target):
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
