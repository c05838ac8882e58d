# SPDX-License-Identifier: Apache-2.0
"""A channel in a private S3 bucket: the processor time of one unchanged poll, as `poll` measures it, beside libcurl that signs its requests
itself; and what ten thousand polls leave behind in memory.

Before the store, versitygw, stands nginx, for the same reasons as in `poll`: it decides when a connection ends, and its log says what was
asked. It hands on what it gets; the store verifies the signatures.
"""

import time

from machine.wait import wait_until
from object_stores import ROOT, Versitygw
from servers import Authority

from .daemon import Bus, Daemon
from .figure import Figure
from .poll import Pollers

WARM_UP, POLLS = 1000, 10_000     # what is got once has been got after a thousand

SOURCE = """[source]
use = "s3"
bucket = "channels"
channel = "current"
region = "{store.region}"
endpoint = "{url}"
ca_file = "{ca_file}"
poll = "{poll}"
"""

PRETEND = """
[[schedule]]
use = "window"
never = true

[installer]
use = "pretend"
version = "1.2.3-1"
"""

KEYS = {"AWS_ACCESS_KEY_ID": ROOT.key_id, "AWS_SECRET_ACCESS_KEY": ROOT.secret}


def measure(build, rounds, folder, **_):
    (folder / "ca").mkdir()
    (folder / "store").mkdir()
    authority = Authority(folder / "ca", "store-ca")
    store = Versitygw(folder / "store", authority.issue("store"), authority)
    try:
        store.make_bucket("channels")
        store.publish("channels")
        front = f"location / {{ proxy_pass {store.url}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}"
        (folder / "polls").mkdir()
        pollers = Pollers(build, folder / "polls", lambda url, bundle: SOURCE.format(store=store, url=url, poll="1s", ca_file=bundle),
                          more=front, below="/channels", words=[store.region], listen="ssl", environment=KEYS)
        try:
            yield from pollers.figures(rounds, "an unchanged poll of an S3 bucket")
        finally:
            pollers.stop()
        yield from _many(build, folder, store, authority)
    finally:
        store.stop()


def _many(build, folder, store, authority):
    """An operator's checks, one after another: each is a poll, and needs no second to pass before the next."""
    bus = Bus(folder)
    source = SOURCE.format(store=store, url=store.url, poll="24h", ca_file=authority.crt)
    daemon = Daemon(build, folder / "daemon", bus, {"one": source + PRETEND}, [build / "bench-plugins/installer-pretend.so"])
    daemon.environment.update(KEYS)
    try:
        daemon.start()
        wait_until("the release is known", lambda: daemon.status("one")["offered"], seconds=30)
        client = daemon.client()

        def polls(count):
            for _ in range(count):
                checked = client.ask("POST", "/v1/agents/one/check")
                assert checked.status == 200, checked.text
            status = daemon.status("one")
            assert status["source"]["last_error"] is None, status["source"]
        polls(WARM_UP)
        before, cpu, began = daemon.used.memory(), daemon.used.cpu(), time.monotonic()
        polls(POLLS)
        after = daemon.used.memory()
        seconds = time.monotonic() - began
        yield Figure("10 000 polls of an S3 bucket: growth of resident memory", "MB", [after[0] - before[0]], most=0.25)
        yield Figure("10 000 polls of an S3 bucket: growth of private dirty memory", "MB", [after[1] - before[1]], most=0.25)
        yield Figure("10 000 polls of an S3 bucket: processor time of one, with the check that asks for it", "µs",
                     [1e6 * (daemon.used.cpu() - cpu) / POLLS])
        yield Figure("10 000 polls of an S3 bucket: polls", "/s", [POLLS / seconds])
    finally:
        daemon.stop()
        bus.stop()
