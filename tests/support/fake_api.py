# SPDX-License-Identifier: Apache-2.0
"""A stand-in for upkeepd's API on a unix socket: it answers what a test tells it to, so that faults can be made that a
real daemon does not make on demand. What real daemons answer is tested elsewhere."""

import contextlib
import json
import queue
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

WAIT = {"action": "wait", "reason": "outside_window", "text": "every window is closed", "until": None}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class FakeApi:
    """answers: (method, path) → document, (status, document), or a function of the request's body that returns either."""

    def __init__(self, path):
        self.path = str(path)
        self.answers, self.requests, self.readers = {}, [], []
        self.agents(agent("web"))
        self.start()

    def start(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                api._stream(self) if self.path == "/v1/events" else self._answer(None)

            def do_POST(self):
                self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _answer(self, body):
                api.requests.append((self.command, self.path, body))
                answer = api.answers.get((self.command, self.path), (404, refusal("not_found", f"no {self.path}")))
                if callable(answer):
                    answer = answer(body)
                status, document = answer if isinstance(answer, tuple) else (200, answer)
                data = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = Server(self.path, Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self):
        """The socket's file stays, as after a crash."""
        self.end_streams()
        self._server.shutdown()
        self._server.server_close()

    def agents(self, *agents):
        self.answers["GET", "/v1/agents"] = {"agents": list(agents)}
        for one in agents:
            self.answers["GET", f"/v1/agents/{one['name']}"] = {"agents": [one]}

    def posts(self):
        return [(path, body) for method, path, body in self.requests if method == "POST"]

    def emit(self, *events):
        for event in events:
            for reader in list(self.readers):
                reader.put({"time": "2027-01-05T02:00:00Z", "agent": "web", **event})

    def end_streams(self):
        for reader in list(self.readers):
            reader.put(None)

    def operation(self, verb, *events, operation="op-1", agent="web"):
        """POST of the verb starts an operation, whose events come right after the answer."""
        def begin(_):
            self.emit(*({"operation": operation, **event} for event in events))
            return {"agent": agent, "started": True, "operation": operation, "decision": WAIT}
        self.answers["POST", f"/v1/agents/{agent}/{verb}"] = begin

    def _stream(self, handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        reader = queue.Queue()
        self.readers.append(reader)
        handler.end_headers()
        handler.close_connection = True
        with contextlib.suppress(OSError):
            while (event := reader.get()) is not None:
                handler.wfile.write(json.dumps(event).encode() + b"\n")
        self.readers.remove(reader)


def refusal(code, message):
    return {"error": {"code": code, "message": message}}


def agent(name, **fields):
    """A status document's agent, as the daemon writes it."""
    return {"name": name, "phase": "idle", "installed": "1.2.3-1", "target": "1.2.3", "offered": {"version": "1.2.3", "critical": False}, "signed": None,
            "decision": {"action": "none", "reason": "up_to_date", "text": "1.2.3 is installed", "until": None}, "suspended": None, "pinned": None,
            "health": {"state": "healthy", "probes": []}, "operation": None, "last_operation": None, "quarantined": [],
            "can_go_back": {"possible": True, "how": "repository", "text": "1.2.2-1 is in the repository"},
            "source": {"origin": "https://updates.example.com/current", "last_ok": None, "last_error": None}, "warnings": [], **fields}
