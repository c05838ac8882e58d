# SPDX-License-Identifier: Apache-2.0
"""HTTP over a unix socket, as any user of this host."""

import contextlib
import http.client
import json
import os
import socket
import time


@contextlib.contextmanager
def acting_as(uid=None, gid=12345, groups=()):
    """Connections made inside are another user's: SO_PEERCRED tells the credentials of connect()."""
    if uid is None:
        yield
        return
    before, before_gid = os.getgroups(), os.getegid()
    os.setgroups(list(groups))
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before_gid)
        os.setgroups(before)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.bytes = response.status, response.headers, response.read()
        self.seconds = 0.0

    @property
    def text(self):
        return self.bytes.decode()

    @property
    def json(self):
        return json.loads(self.bytes)

    @property
    def code(self):
        return self.json["error"]["code"]

    @property
    def message(self):
        return self.json["error"]["message"]


class Connection(http.client.HTTPConnection):
    """HTTP over an open unix socket."""

    def __init__(self, connected):
        super().__init__("upkeep", timeout=30)
        self.sock = connected

    def ask(self, method, path, body=None, **headers):
        began = time.monotonic()
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        self.request(method, path, body=data, headers=headers)
        answer = Answer(self.getresponse())
        answer.seconds = time.monotonic() - began
        return answer


def connect(path, **who):
    """A connected socket."""
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with acting_as(**who):
        raw.connect(str(path))
    raw.settimeout(30)
    return raw
