# SPDX-License-Identifier: Apache-2.0
"""What stands before a store: ends TLS, hands everything on unchanged, remembers it, and can answer in the store's place."""

import contextlib
import re
import socket
import ssl

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
            while (request := read_message(client)) is not None:
                head = request.partition(b"\r\n\r\n")[0]
                self.requests.append(head)
                if said := self.instead and self.instead(head):
                    self._hand_on(client, said)
                    return
                server = server or ended.enter_context(self._connect())
                server.sendall(request)
                self._hand_on(client, read_message(server))

    def _hand_on(self, client, said):
        self.statuses.append(int(said.split(b" ")[1]))
        client.sendall(said)

    def _connect(self):
        plain = socket.create_connection(("127.0.0.1", self._store.port), timeout=self.timeout)
        return self._trust.wrap_socket(plain, server_hostname="127.0.0.1")


def read_message(connection):
    """A request, or the answer to a GET or PUT, with its body; None when the other side says no more. One thread at a time may use a
    connection with TLS, so what a front hands on it hands on whole."""
    message = read_head(connection)
    if message is None:
        return None
    head, _, body = message.partition(b"\r\n\r\n")
    assert b"\r\ntransfer-encoding:" not in head.lower(), head
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    left = int(length[1]) - len(body) if length and b" 304 " not in head.partition(b"\r\n")[0] else 0
    while left > 0:
        piece = connection.recv(65536)
        if not piece:
            return None
        message, left = message + piece, left - len(piece)
    return message
