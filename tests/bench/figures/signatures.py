# SPDX-License-Identifier: Apache-2.0
"""Signing one request to S3 and verifying one signed release, beside `openssl speed` for the primitives that they are made of.

A signature of SigV4 is five HMACs and a hash of the request's text. A minisign signature is BLAKE2b of the document and two of Ed25519, one
of them over the other and the comment. openssl's loops set their keys up once and allocate nothing, so its sum is a floor that nobody stands on.
"""

import json
import subprocess

from .figure import Figure

REQUEST_BYTES, KEYED_BYTES = 512, 64     # the text of such a request; what most of the HMACs cover, at most


def measure(build, rounds, **_):
    rounds = max(rounds, 3)
    program = build / "tests/bench/upkeep-bench-signatures"
    done = subprocess.run([program, f"--benchmark_repetitions={rounds}", "--benchmark_format=json", "--benchmark_min_time=0.2"],
                          capture_output=True, text=True, check=True)
    times, document_bytes = {}, 0
    for run in json.loads(done.stdout)["benchmarks"]:
        assert not run.get("error_occurred"), f"{run['name']}: {run['error_message']}"
        if run["run_type"] == "iteration":     # processor time: what else runs on this machine does not count
            times.setdefault(run["name"], []).append(run["cpu_time"] * {"ns": 1e-3, "us": 1, "ms": 1e3}[run["time_unit"]])
            document_bytes = int(run.get("document_bytes", document_bytes))
    signing = [5 * hmac + digest for hmac, digest in zip(*(_digest(rounds, size, *which) for size, which in (
        (KEYED_BYTES, ["-hmac", "sha256"]), (REQUEST_BYTES, ["-evp", "sha256"]))))]
    verifying = [2 * verify + digest for verify, digest in zip(_ed25519(rounds), _digest(rounds, document_bytes, "-evp", "blake2b512"))]
    yield Figure("signing a request to S3", "µs", times["sign_a_request"], signing)
    yield Figure("verifying a signed release", "µs", times["trust_a_release"], verifying)


def _speed(*words):
    """The fields of the lines of `openssl speed` that have a result."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", *words], capture_output=True, text=True, check=True)
    return [line.split(":") for line in done.stdout.splitlines() if line.startswith("+F")][-1]


def _digest(rounds, size, *which):
    """µs for one of so many bytes."""
    return [1e6 * size / float(_speed("-bytes", str(size), *which)[-1]) for _ in range(rounds)]


def _ed25519(rounds):
    """µs for one verification."""
    return [1e6 / float(_speed("ed25519")[-1]) for _ in range(rounds)]
