# SPDX-License-Identifier: Apache-2.0
"""What stands before a store: ends TLS, hands everything on unchanged, remembers it, and can answer in the store's place."""

import contextlib
import re
import socket
import ssl
import threading

from hostile_server import tls
from servers import LoopbackServer, read_head


class Front(LoopbackServer):
    """`url` is the store's, seen through it. `requests` has the heads that came, `statuses` what was answered, both in order.

    `instead`, while it is set, is called with each request's head; the bytes that it returns are the answer, None asks the store. The
    client's signature covers the host that it asked, which the store hears as it was.
    """

    def __init__(self, store, certificate, authority):
        self._store, self._tls = store, tls(certificate)
        self._trust = ssl.create_default_context(cafile=authority.crt)
        self.requests, self.statuses, self.instead = [], [], None
        super().__init__()
        self.url = f"https://127.0.0.1:{self.port}"

    def forget(self):
        self.requests, self.statuses = [], []

    @property
    def signed(self):
        """For each request, whether it was signed."""
        return [b"\r\nauthorization: aws4-hmac-sha256 " in head.lower() for head in self.requests]

    def answer(self, plain):
        with self._tls.wrap_socket(plain, server_side=True) as client, contextlib.ExitStack() as ended:
            server = None
            while (request := read_head(client)) is not None:
                self.requests.append(request)
                instead = self.instead and self.instead(request)
                if instead:
                    client.sendall(instead)
                    self.statuses.append(int(instead.split(b" ")[1]))
                    return
                if server is None:
                    server = ended.enter_context(self._connect())
                    threading.Thread(target=self._copy, args=(server, client), daemon=True).start()
                server.sendall(request)

    def _connect(self):
        plain = socket.create_connection(("127.0.0.1", self._store.port), timeout=self.timeout)
        return self._trust.wrap_socket(plain, server_hostname="127.0.0.1")

    def _copy(self, server, client):
        with contextlib.suppress(OSError):
            while piece := server.recv(65536):
                self.statuses += [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", piece, re.MULTILINE)]
                client.sendall(piece)
