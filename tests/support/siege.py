# SPDX-License-Identifier: Apache-2.0
"""One daemon, one server that turns hostile, and what must hold through it."""

import itertools

from channel_daemon import ChannelDaemon
from hostile_server import HostileServer


class Siege:
    """`patient` is an agent with the default time for a poll, `hasty` one with a second: for servers that only take time."""

    def __init__(self, build, folders, certificate, authority):
        self._build, self._folders, self._authority = build, folders, authority
        self._numbers = itertools.count(1)
        self.server = HostileServer(certificate)
        self.daemon = self.version = None

    def stop(self):
        self.server.stop()
        if self.daemon:
            self.daemon.stop()

    def begin(self):
        """A good release is in force, whatever the test before left behind."""
        if self.daemon is None or not self.daemon.alive:
            source = {"url": self.server.url, "ca_file": self._authority.crt}
            self.daemon = ChannelDaemon(self._build, self._folders.mktemp("siege"), {"patient": source, "hasty": {**source, "timeout": "1s"}})
        self.recovers()

    def recovers(self, *agents):
        """The server is good again, and its new release is taken by the next poll."""
        self.version = f"10.0.{next(self._numbers)}"
        self.server.be_good(self.version)
        for agent in agents or ("patient", "hasty"):
            self.daemon.takes(agent, self.version, critical=False)

    def withstands(self, code, *words, agent="patient", url=None):
        """The hostile server is asked: `status` says this error, nothing else changes, memory is bounded, and all is well afterwards."""
        self.daemon.forget_peak()
        before = self.daemon.memory("VmHWM")
        found, message = self.daemon.fails(agent)
        grown = self.daemon.memory("VmHWM") - before
        print(f"{found}: {message}\npeak memory grew by {grown} KiB")
        assert found == code, message
        for word in (url or f"{self.server.url}/current", *words):
            assert word in message
        status = self.daemon.status(agent)
        assert status["offered"] == {"version": self.version, "critical": False}, "the release in force stays"
        assert status["source"]["last_error"]["message"] == message
        assert status["decision"]["action"] == "wait" and status["operation"] is None
        assert grown <= (96 * 1024 if self.daemon.is_sanitized() else 4 * 1024), "KiB, in one poll"
        self.recovers(agent)
