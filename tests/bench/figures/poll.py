# SPDX-License-Identifier: Apache-2.0
"""Processor time of one unchanged poll of a channel on a web server: the real daemon that polls once a second, beside a bare program that
makes the same two conditional GETs once a second, at the same time, from the same server.

`kept`: the server keeps connections open. `fresh`: it ends each after two requests, so that every poll connects anew, as after the minutes
that lie between real polls. The CA file is the system's whole bundle with the test's own CA behind it. A poll of the daemon is counted by
its two requests in the server's log; so are connections, to know that the two cases are what they are called.
"""

import os
import pathlib
import subprocess
import time

from servers import Authority, Nginx

from .daemon import HTTPS_SOURCE, SCHEDULE_AND_INSTALLER, Bus, Daemon
from .figure import Figure
from .process import Process

WARM_UP, ROUND = 8, 10     # seconds
BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


class Side:
    """One poller and its own server: `process`, and what the server saw of it."""

    def __init__(self, nginx, process, stop):
        self.nginx, self.process, self.stop = nginx, process, stop

    def so_far(self):
        """Seconds on a processor, polls, connections."""
        lines = [line.split() for line in self.nginx.log().splitlines()]
        polls = [line for line in lines if line[2].endswith("/current/critical")]
        assert all(line[1] == "304" for line in polls[1:]), "a poll was not answered with 304"
        return self.process.cpu(), len(polls), len({line[3] for line in lines})


class Pollers:
    """Both sides of both cases. `more` are the servers' directives, `source` the daemon's [source] for a server's URL, `words` what the
    bare program gets behind the URL of the channel and the CA file, `below` where the channels are."""

    def __init__(self, build, folder, source, more="", below="", words=(), listen="ssl http2", environment=None):
        (folder / "ca").mkdir()
        authority = Authority(folder / "ca", "bench-ca")
        certificate = authority.issue("server")
        bundle = folder / "bundle.crt"
        bundle.write_bytes(BUNDLE.read_bytes() + authority.crt.read_bytes())
        self._bus, self._sides = Bus(folder), {}
        environment = environment or {}

        def nginx(name):
            (folder / name).mkdir()
            server = Nginx(folder / name, certificate, more=more + ("keepalive_requests 2;" if "fresh" in name else ""), listen=listen)
            server.publish()
            return server
        try:
            for case in ("kept", "fresh"):
                server = nginx(f"upkeep-{case}")
                agent = source(server.url, bundle) + SCHEDULE_AND_INSTALLER
                daemon = Daemon(build, folder / f"daemon-{case}", self._bus, {"shell": agent})
                daemon.environment.update(environment)
                self._sides["upkeep", case] = Side(server, None, daemon.stop)
                daemon.start()
                self._sides["upkeep", case].process = daemon.used
                server = nginx(f"bare-{case}")
                child = subprocess.Popen([build / "tests/bench/upkeep-bench-bare-poll", f"{server.url}{below}/current", bundle, *words],
                                         stdin=subprocess.DEVNULL, env={**os.environ, **environment})
                self._sides["bare", case] = Side(server, Process(child.pid), _ender(child))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for side in self._sides.values():
            side.stop()
            side.nginx.stop()
        self._bus.stop()

    def figures(self, rounds, name):
        """For each case, once it is known that it is what it is called."""
        time.sleep(WARM_UP)
        samples = {key: [] for key in self._sides}
        connections = {key: [0, 0] for key in self._sides}
        for _ in range(rounds):
            before = {key: side.so_far() for key, side in self._sides.items()}
            time.sleep(ROUND)
            for key, side in self._sides.items():
                cpu, polls, opened = (now - then for now, then in zip(side.so_far(), before[key]))
                samples[key].append(1e6 * cpu / polls)
                connections[key][0] += opened
                connections[key][1] += polls
        for (who, case), (opened, polls) in connections.items():
            good = opened == 0 if case == "kept" else abs(opened - polls) <= rounds
            assert good, f"{who} opened {opened} connections for {polls} polls, which is not what is called {case}"
        for case in ("kept", "fresh"):
            yield Figure(f"processor time of {name}, {case} connection", "µs", samples["upkeep", case], samples["bare", case],
                         most_ratio=3)


def measure(build, rounds, folder, **_):
    pollers = Pollers(build, folder, lambda url, bundle: HTTPS_SOURCE.format(url=url, poll="1s", ca_file=bundle))
    try:
        yield from pollers.figures(rounds, "an unchanged poll")
    finally:
        pollers.stop()


def _ender(child):
    def stop():
        child.kill()
        child.wait()
    return stop
