# SPDX-License-Identifier: Apache-2.0
"""A TLS server on loopback that is good, turns hostile, and is good again, always at the same address."""

import contextlib
import socket
import ssl
import struct
import threading


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


def answer(body=b"", status="200 OK", headers=(), length=None):
    """The bytes of a whole answer; `length` when the header lies."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class HostileServer:
    """`play(connection, request)` answers each request by its head; `accept(plain)`, if set, gets the bare connection instead.

    Every connection serves one request. An OSError in either means that the client went away, which is its good right.
    """

    def __init__(self, certificate, ask_for=None):
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self._good_context = tls(certificate, ask_for)
        self.requests, self.shown = [], []     # heads; the client certificates (None: none) of all handshakes
        self.be_good("1.0.0")
        threading.Thread(target=self._serve, daemon=True).start()

    def be_good(self, version, critical="no"):
        files = {b"/version": version.encode(), b"/critical": critical.encode()}

        def play(connection, request):
            path = request.split(b" ")[1]
            name = path[path.rindex(b"/"):]
            connection.sendall(answer(files[name]) if name in files else answer(status="404 Not Found"))
        self.be(play)

    def be(self, play=None, context=None, accept=None):
        self._play, self._context, self._accept = play, context or self._good_context, accept

    def stop(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self):
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(plain, self._play, self._context, self._accept), daemon=True).start()

    def _answer(self, plain, play, context, accept):
        with contextlib.suppress(OSError), plain:
            plain.settimeout(30)
            if accept:
                return accept(plain)
            with context.wrap_socket(plain, server_side=True) as connection:
                self.shown.append(connection.getpeercert(binary_form=True))
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = connection.recv(4096)
                    if not piece:
                        return
                    request += piece
                self.requests.append(request)
                play(connection, request)
                with contextlib.suppress(OSError, ValueError):      # ValueError: play ended it
                    connection.unwrap()
