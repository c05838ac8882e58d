# SPDX-License-Identifier: Apache-2.0
"""Every fuzz target (tests/fuzz/*_fuzz.cpp, built by the preset "fuzz") over its corpus and then for a while with inputs of its own: a few
seconds, or a minute each when the long matrices are asked for. Two run at a time. What breaks a promise is shown in base64 and kept in
build/results. Executions a second and coverage of each are written to build/results/fuzz.txt."""

import base64
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("UPKEEP_BUILD") or HERE.parent.parent / "build/fuzz")
RESULTS = HERE.parent.parent / "build/results"
SECONDS = int(os.environ.get("UPKEEP_FUZZ_SECONDS") or (60 if os.environ.get("UPKEEP_LONG") else 3))
TARGETS = sorted(file.name.removesuffix("_fuzz.cpp") for file in HERE.glob("*_fuzz.cpp"))
# An input that takes longer than this is a bug as well; sanitizers on a busy machine are slow.
LONGEST = 25


def run(target, folder):
    """Returns the process, its words and where its reproducers are."""
    corpus, found = folder / target, folder / f"{target}-found"
    shutil.copytree(HERE / "corpus" / target, corpus)      # what it finds new must not land in the source tree
    found.mkdir()
    words = [BUILD / "fuzz" / f"fuzz-{target}", corpus, f"-max_total_time={SECONDS}", f"-timeout={LONGEST}", "-rss_limit_mb=2048", "-max_len=4096",
             "-print_final_stats=1", f"-artifact_prefix={found}/"]
    dictionary = HERE / "dictionary" / f"{target}.dict"
    if dictionary.exists():
        words.append(f"-dict={dictionary}")
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS + 300, env=environment)
    return done.returncode, done.stdout.decode(errors="replace"), sorted(found.iterdir())


@pytest.fixture(scope="session")
def runs(tmp_path_factory, request):
    chosen = [item.callspec.params["target"] for item in request.session.items if hasattr(item, "callspec")]
    folder = tmp_path_factory.mktemp("fuzz")
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "fuzz.txt").write_text(f"{SECONDS} s each; address and undefined-behaviour sanitizers, -O1\n")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        yield {target: pool.submit(run, target, folder) for target in chosen}


def figures(said):
    last = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said)
    speed = re.search(r"stat::average_exec_per_sec:\s*(\d+)", said)
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    return int(executed.group(1)), int(speed.group(1)), [int(number) for number in last[-1]]


@pytest.mark.parametrize("target", TARGETS)
def test_keeps_its_promises(target, runs):
    status, said, found = runs[target].result()
    if status != 0:
        RESULTS.mkdir(parents=True, exist_ok=True)
        shown = []
        for file in found:
            kept = RESULTS / f"fuzz-{target}-{file.name}"
            shutil.copy(file, kept)
            shown.append(f"reproducer: {kept}\nagain: {BUILD}/fuzz/fuzz-{target} {kept}\nbase64: {base64.b64encode(file.read_bytes()).decode()}")
        pytest.fail("\n".join([said[-6000:], *shown]), pytrace=False)
    executed, speed, (covered, features, corpus) = figures(said)
    seeds = len(list((HERE / "corpus" / target).iterdir()))
    with (RESULTS / "fuzz.txt").open("a") as out:
        out.write(f"{target:12} {executed:9} inputs {speed:7}/s   {covered:5} edges {features:6} features   {seeds:3} seeds → {corpus:4}\n")
    assert executed > seeds, "it has not run more than its corpus"


def test_every_target_was_built_and_has_a_corpus():
    assert TARGETS and {file.name for file in (BUILD / "fuzz").glob("fuzz-*")} == {f"fuzz-{target}" for target in TARGETS}
    assert {folder.name for folder in (HERE / "corpus").iterdir()} == set(TARGETS)
    assert all(any((HERE / "corpus" / target).iterdir()) for target in TARGETS)
    assert {file.stem for file in (HERE / "dictionary").glob("*.dict")} <= set(TARGETS)
