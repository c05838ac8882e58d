# SPDX-License-Identifier: Apache-2.0
"""What stands between a daemon and the API server: hands requests on, remembers them, and does to some of them what a bad network does."""

import contextlib
import json
import re
import select
import socket
import ssl
import threading
import time

from hostile_server import reset, tls
from servers import LoopbackServer, read_head

REASONS = {403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 422: "Invalid", 429: "TooManyRequests", 500: "InternalError",
           503: "ServiceUnavailable"}
WRITES = "POST|PUT|PATCH|DELETE"


class Exchange:
    """One request, and what can be done with it. `status` is what its client was told; None: nothing."""

    def __init__(self, faulty, client, head, body):
        self._faulty, self._client, self.head, self.body, self.status = faulty, client, head, body, None
        self.method, self.path = head.decode("latin-1").split(" ")[:2]

    def __repr__(self):
        return f"{self.method} {self.path} {self.status}"

    @property
    def json(self):
        return json.loads(self.body)

    def ask(self):
        """Asks the server, whole; returns its answer's bytes, without handing them on."""
        with self._faulty.connect() as server:
            server.sendall(self._message())
            return b"".join(iter(lambda: server.recv(65536), b""))

    def tell(self, answer):
        self.status = int(answer.split(b" ", 2)[1])
        self._client.sendall(answer)

    def stream(self):
        """Asks the server, and hands on what it says as it comes, until one of the two has enough."""
        with self._faulty.connect() as server:
            server.sendall(self._message())
            while True:
                ready = [server] if server.pending() else select.select([server, self._client], [], [])[0]
                piece = server.recv(65536) if server in ready else b""
                if not piece:       # the end; or the client, who has no more to say, went away
                    return
                if self.status is None:
                    self.status = int(piece.split(b" ", 2)[1])
                self._client.sendall(piece)

    def cut(self):
        reset(self._client)

    def wait(self, event, seconds=None):
        """Until it is set, so long at most, or until the proxy ends."""
        self._faulty.wait(event, seconds)

    def _message(self):
        head = re.sub(rb"(?im)^(connection|host): .*\r\n", b"", self.head[:-2])
        return head + b"Host: " + self._faulty.server.encode() + b"\r\nConnection: close\r\n\r\n" + self.body


def passes(exchange):
    exchange.stream()


def twice(exchange):
    """The server hears it twice, as from a proxy that tries again; the client hears the second answer."""
    exchange.ask()
    exchange.tell(exchange.ask())


def cut_before(exchange):
    """The server never hears of it."""
    exchange.cut()


def cut_after(exchange):
    """The server has done it, and its client will not know."""
    exchange.ask()
    exchange.cut()


def late(seconds):
    """The server has done it at once, and its client hears so much later."""
    def play(exchange):
        answer = exchange.ask()
        exchange.wait(threading.Event(), seconds)
        exchange.tell(answer)
    return play


def says(status, message="says the test", **headers):
    """That status, and the server never hears of it."""
    def play(exchange):
        body = json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status, "message": message,
                           "reason": REASONS.get(status, "")}).encode()
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        exchange.tell(f"HTTP/1.1 {status} {REASONS.get(status)}\r\nContent-Type: application/json\r\n{more}Content-Length: {len(body)}\r\n"
                      "Connection: close\r\n\r\n".encode() + body)
    return play


class Gate:
    """A play that stops a request before the server hears of it, or (`done`) when the server has done it and its client does not know yet."""

    def __init__(self, done=False):
        self._done, self._there, self._open, self._lost = done, threading.Event(), threading.Event(), False

    def __call__(self, exchange):
        answer = exchange.ask() if self._done else None
        self._there.set()
        exchange.wait(self._open)
        if self._lost:
            exchange.cut()
        elif answer is None:
            exchange.stream()
        else:
            exchange.tell(answer)

    def wait(self, seconds=60):
        """Until a request stands there."""
        assert self._there.wait(seconds), f"no request came within {seconds} s"

    def open(self):
        self._open.set()

    def lose(self):
        """It goes no further."""
        self._lost = True
        self._open.set()


class Faulty(LoopbackServer):
    """Between a daemon, which trusts its certificate, and the API server of `plane`. `exchanges` has all requests, in the order in which they came.

    when("PATCH", "/deployments/web", cut_after, says(409)): the next two requests that fit get that; then they pass again.
    """

    timeout = None

    def __init__(self, plane):
        self._port, self.server = plane.port, f"127.0.0.1:{plane.port}"
        self._tls = tls(plane.authority.issue(f"faulty-{id(self)}"))
        self._trust = ssl.create_default_context(cafile=plane.authority.crt)
        self._lock, self._rules, self._clients, self._ended, self._gone = threading.Lock(), [], set(), threading.Event(), False
        self.exchanges = []
        super().__init__()
        self.url = f"https://127.0.0.1:{self.port}"

    def when(self, method, path, *plays):
        """method and path are regular expressions, the path's is searched for. Of rules that fit the first counts."""
        self._rules.append((re.compile(method), re.compile(path), list(plays)))

    def forget(self):
        """From here on all requests pass."""
        self._rules.clear()

    def hold(self, method, path, done=False):
        gate = Gate(done)
        self.when(method, path, gate)
        return gate

    def gone(self):
        """Nobody is there, from now on: what is open is cut, and what comes too."""
        self._gone = True
        with self._lock:
            for client in self._clients:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def back(self):
        self._gone = False

    def asked(self, method=WRITES, path=""):
        """The exchanges that fit."""
        return [one for one in self.exchanges if re.fullmatch(method, one.method) and re.search(path, one.path)]

    def stop(self):
        self._ended.set()
        super().stop()
        self.gone()

    def connect(self):
        return self._trust.wrap_socket(socket.create_connection(("127.0.0.1", self._port), timeout=60), server_hostname="127.0.0.1")

    def wait(self, event, seconds):
        end = None if seconds is None else time.monotonic() + seconds
        while not event.wait(0.05) and not self._ended.is_set() and (end is None or time.monotonic() < end):
            pass

    def answer(self, plain):
        if self._gone:
            reset(plain)
            return
        with self._tls.wrap_socket(plain, server_side=True) as client:
            with self._lock:
                self._clients.add(client)
            try:
                self._take(client)
            finally:
                with self._lock:
                    self._clients.discard(client)

    def _take(self, client):
        message = read_head(client)
        if message is None:
            return
        head, _, body = message.partition(b"\r\n\r\n")
        length = int((re.search(rb"(?i)\r\ncontent-length: *(\d+)", head) or [0, 0])[1])
        while len(body) < length:
            piece = client.recv(65536)
            if not piece:
                return
            body += piece
        exchange = Exchange(self, client, head + b"\r\n\r\n", body)
        with self._lock:
            self.exchanges.append(exchange)
            play = next((plays.pop(0) for method, path, plays in self._rules
                         if plays and method.fullmatch(exchange.method) and path.search(exchange.path)), passes)
        play(exchange)
