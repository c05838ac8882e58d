# SPDX-License-Identifier: Apache-2.0
"""A server on loopback, with TLS or without, that is good, turns hostile, and is good again, always at the same address."""

import contextlib
import socket
import ssl
import struct
import time

from servers import LoopbackServer, read_head


def tls(certificate, ask_for=None):
    """A server's TLS context. `ask_for`: the authority of client certificates that it asks for, but does not need."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.crt, certificate.key)
    if ask_for:
        context.load_verify_locations(ask_for.crt)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def reset(connection):
    """Ends it with a RST, as a machine does that crashed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answer(body=b"", status="200 OK", headers=()):
    """The bytes of a whole answer."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(*pieces):
    """A play: these bytes."""
    def play(connection, request):
        for piece in pieces:
            connection.sendall(piece)
    return play


def endless(head, piece, pause=0.0):
    """A play: the piece again and again."""
    def play(connection, request):
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause)
    return play


def slow(head, piece):
    """A play: never silent, never done."""
    return endless(head, piece, pause=0.2)


class HostileServer(LoopbackServer):
    """`play(connection, request)` answers each request by its head; `accept(plain)`, if set, gets the bare connection instead.
    Without a certificate it speaks plain HTTP.

    Every connection serves one request, in the way that was set when it came.
    """

    def __init__(self, certificate, ask_for=None, play=None):
        self._good_context = tls(certificate, ask_for) if certificate else None
        self.requests, self.shown = [], []     # heads; the client certificates (None: none) of all handshakes
        self.be(play) if play else self.be_good("1.0.0")
        super().__init__()
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"

    def be_good(self, version, critical="no"):
        files = {b"/version": version.encode(), b"/critical": critical.encode()}

        def play(connection, request):
            path = request.split(b" ")[1]
            name = path[path.rindex(b"/"):]
            connection.sendall(answer(files[name]) if name in files else answer(status="404 Not Found"))
        self.be(play)

    def be(self, play=None, context=None, accept=None):
        self._play, self._context, self._accept = play, context or self._good_context, accept

    def answering(self):
        play, context = self._play, self._context
        answer_one = self._answer_tls if context else self._answer
        return self._accept or (lambda plain: answer_one(plain, play, context))

    def _answer(self, connection, play, _=None):
        request = read_head(connection)
        if request is not None:
            self.requests.append(request)
            play(connection, request)

    def _answer_tls(self, plain, play, context):
        with context.wrap_socket(plain, server_side=True) as connection:
            self.shown.append(connection.getpeercert(binary_form=True))
            self._answer(connection, play)
            with contextlib.suppress(OSError, ValueError):      # ValueError: play ended it
                connection.unwrap()
