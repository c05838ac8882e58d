# SPDX-License-Identifier: Apache-2.0
"""The pure rules, measured in one process by Google Benchmark."""

import json
import subprocess

from .figure import Figure


def measure(build, rounds, **_):
    program = build / "tests/bench/upkeep-bench-rules"
    done = subprocess.run([program, f"--benchmark_repetitions={max(rounds, 3)}", "--benchmark_format=json", "--benchmark_min_time=0.2"],
                          capture_output=True, text=True, check=True)
    times = {}
    for run in json.loads(done.stdout)["benchmarks"]:
        assert not run.get("error_occurred"), f"{run['name']}: {run['error_message']}"
        if run["run_type"] == "iteration":     # processor time: what else runs on this machine does not count
            times.setdefault(run["name"], []).append(run["cpu_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3}[run["time_unit"]])

    def a_second(name):
        return [1 / seconds for seconds in times[name]]

    for reason in ("up_to_date", "outside_window", "window_open"):
        yield Figure(f"decisions, {reason}", "/s", a_second(f"decide_{reason}"), least=1e6)
    yield Figure("fold of 10 000 journal entries, from the file's bytes", "ms",
                 [1e3 * seconds for seconds in times["fold_of_10000_entries"]], most=50)
    yield Figure("verdicts of a window", "/s", a_second("window_verdict"))
    yield Figure("package versions compared with a release", "/s", a_second("package_version_of_a_release"))
