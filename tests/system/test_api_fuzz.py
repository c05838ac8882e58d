# SPDX-License-Identifier: Apache-2.0
"""Requests made at random from the description (right ones, and right ones with something wrong in them) against a daemon
whose agents stand in every state: each is answered as described, within a second, and never with an internal error."""

import json
import random

from conftest import BUILD
from lively import lively

SEEDS, REQUESTS = range(4), 150
AGENTS = ["web", "closed", "frozen", "stuck", "damaged", "broken", "orphan", "silent", "absent", "nobody", "..", "%2e", "a" * 300, "%00", "web%20"]
TEXTS = ["", " ", "1.0.0", "2.0.0", "0.0.1-rc.1+x", "v1.0.0", "installed", "failed", "1h", "-1h", "99999999999h", "1h1h", "2099-01-01T00:00:00Z",
         "2027-13-45T99:00:00Z", "9999-12-31T23:59:59Z", "\u0000", "\ud83d\ude00" * 50, "x" * 2000, "\u202e", "null", "' OR 1=1", "$(reboot)", "../.."]
VALUES = [None, True, False, 0, -1, 1e400, 2 ** 70, [], {}, [[]], {"a": {"b": []}}, 0.5]
MOMENTS = ["2027-01-01T00:00:00Z", "2027-06-01T00:00:00%2B02:00", "2027-06-01T00:00:00+02:00", "now", "%zz", "%00", "0000-01-01T00:00:00Z", ""]


class Maker:
    def __init__(self, seed, description):
        self.random = random.Random(seed)
        self.operations = [one for one in description.operations() if one[1] != "/v1/events"]

    def value(self, schema):
        if self.random.random() < 0.2:
            return self.random.choice(VALUES)
        if schema.get("type") == "boolean":
            return self.random.random() < 0.5
        return self.random.choice(schema.get("enum", TEXTS) if self.random.random() < 0.7 else TEXTS)

    def body(self, operation):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        schema = content["schema"] if content else {"properties": {}}
        wanted = {key: self.value(one) for key, one in schema["properties"].items() if key in schema.get("required", []) or self.random.random() < 0.5}
        if self.random.random() < 0.1:
            wanted[self.random.choice(TEXTS)] = self.random.choice(VALUES)
        data = json.dumps(wanted).encode()
        if self.random.random() < 0.15:  # torn, or with a wrong byte
            at = self.random.randrange(len(data))
            data = data[:at] + bytes([self.random.randrange(256)]) * self.random.randrange(2) + data[at + self.random.randrange(2):]
        return data if wanted or self.random.random() < 0.5 else None

    def request(self):
        method, path, operation = self.random.choice(self.operations)
        if self.random.random() < 0.05:
            method = self.random.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"])
        path = path.replace("{agent}", self.random.choice(AGENTS))
        if "/schedule" in path or self.random.random() < 0.05:
            query = [f"{self.random.choice(['from', 'until', 'at'])}={self.random.choice(MOMENTS)}" for _ in range(self.random.randrange(3))]
            path += "?" + "&".join(query) if query else ""
        return method, path, self.body(operation) if method != "GET" else None


def test_every_answer_is_described_and_quick(tmp_path_factory, description):
    daemon = lively(tmp_path_factory.mktemp("fuzz"), BUILD).start()
    statuses = {}
    try:
        for seed in SEEDS:
            make = Maker(seed, description)
            for number in range(REQUESTS):
                method, path, body = make.request()
                where = f"seed {seed}, request {number}: {method} {path} {body!r}"
                try:
                    answer = daemon.ask(method, path, body)
                    description.judge(method, path, answer)
                except Exception as error:
                    raise AssertionError(where) from error
                assert answer.status != 500 and answer.seconds < 1, f"{where}: {answer.status} after {answer.seconds:.3f} s: {answer.text}"
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
        assert daemon.process.poll() is None
    finally:
        daemon.stop()
    assert {200, 400, 404, 405, 409, 503} <= set(statuses), f"too little was tried: {statuses}"
