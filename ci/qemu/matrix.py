#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
The machines that the tour of `make demo` has to pass on: AXES. `make check` takes so many of them
that any two values of two axes meet (pairs(), run by test_matrix.py), `make matrix` takes all:

    matrix.py [--jobs N]

prints one line for each tour and at the end the table of README.md. Results are kept in
build/ci/matrix.json; interrupted, it goes on where it was, as long as what is tested is the same.
"""

import argparse
import hashlib
import itertools
import json
import re
import subprocess
import sys
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from machine import BUILD, LOGS, env_mk

Row = namedtuple("Row", "kernel cpu smp its qemu")
# The first value of each is that of `make demo`. QEMU 7.2 is the host's own.
AXES = Row(
    kernel=("6.1", "6.12", "6.12-bpo"),
    cpu=("cortex-a57", "cortex-a72", "cortex-a76", "max"),
    smp=(4, 2, 8, 64),
    its=("on", "off"),
    qemu=("7.2", "10"),
)
# Where Linux would run in EL2 itself, it is told not to.
VHE = ("cortex-a76", "max")
DEMO = Path(__file__).with_name("demo.py")
RESULTS = BUILD / "ci" / "matrix.json"

Result = namedtuple("Result", "passed seconds text")


def product():
    return [Row(*values) for values in itertools.product(*AXES)]


def pairs_of(row):
    """The pairs of values that a row covers, as ((axis, value), (axis, value))."""
    return set(itertools.combinations(zip(Row._fields, row), 2))


def pairs():
    """
    Few rows that cover all pairs: of those that cover most that is new, the first. Slow are `max` in QEMU 7.2, and
    64 CPUs.
    """
    rows = product()
    missing = set().union(*map(pairs_of, rows))
    chosen = []
    while missing:
        best = max(rows, key=lambda row: (len(pairs_of(row) & missing),
                                          row.cpu != "max" or row.qemu != "7.2", row.smp < 64))
        missing -= pairs_of(best)
        chosen.append(best)
    return chosen


def name(row):
    return f"{row.kernel}-{row.cpu}-{row.smp}cpus-its-{row.its}-qemu-{row.qemu}"


def arguments(row):
    """For demo.py and scripts/qemu."""
    words = ["--root-kernel", row.kernel, "--cpu", row.cpu, "--smp", str(row.smp)]
    if row.cpu in VHE:
        words += ["--append", "kvm-arm.mode=nvhe"]
    if row.its == "off":
        words += ["--machine", "its=off"]
    if row.qemu != AXES.qemu[0]:
        words += ["--qemu", row.qemu]
    return words


def run(row):
    """Gives the tour there. What it showed is in build/ci/qemu/tour-NAME.txt as well."""
    started = time.monotonic()
    title = f"tour-{name(row)}"
    done = subprocess.run([sys.executable, str(DEMO), "--name", title, *arguments(row)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="replace")
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"{title}.txt").write_text(text, encoding="utf-8")
    return Result(done.returncode == 0, time.monotonic() - started, text)


# --- make matrix ---

def digest(kernel):
    """Of what a tour with that root kernel depends on, but for QEMU itself."""
    files = [env_mk(f"VMLINUZ_{kernel}"), BUILD / "root" / f"initrd-{kernel}.gz",
             DEMO, DEMO.with_name("demo_check.py")]
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


def load(digests):
    """The results so far, {name: {passed, seconds, digest}}, without those of other versions."""
    try:
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        results = {}
    return {name(row): results[name(row)] for row in product()
            if results.get(name(row), {}).get("digest") == digests[row.kernel]}


def table(results):
    """Markdown: how many of the tours, with and without ITS and with each QEMU, passed."""
    sizes = sorted(AXES.smp)
    lines = ["| Root kernel | CPU | " + " | ".join(f"{smp} CPUs" for smp in sizes) + " |",
             "| --- " * (len(sizes) + 2) + "|"]
    for kernel, cpu in itertools.product(AXES.kernel, AXES.cpu):
        counts = []
        for smp in sizes:
            cell = [results[name(row)]["passed"] for row in product()
                    if (row.kernel, row.cpu, row.smp) == (kernel, cpu, smp)]
            counts.append(f"{sum(cell)} of {len(cell)}")
        lines.append(f"| {kernel} | `{cpu}` | " + " | ".join(counts) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="gives the tour on all machines")
    parser.add_argument("--jobs", type=int, default=2, help="so many at a time")
    args = parser.parse_args()
    digests = {kernel: digest(kernel) for kernel in AXES.kernel}
    results = load(digests)
    # What failed is tried again; what takes longest comes first.
    todo = sorted((row for row in product() if not results.get(name(row), {}).get("passed")),
                  key=lambda row: -row.smp)
    count = len(product())
    print(f"matrix: {count} machines, {count - len(todo)} have passed already", flush=True)
    with ThreadPoolExecutor(args.jobs) as pool:
        futures = {pool.submit(run, row): row for row in todo}
        for i, future in enumerate(as_completed(futures), count - len(todo) + 1):
            row, result = futures[future], future.result()
            results[name(row)] = {"passed": result.passed, "seconds": round(result.seconds),
                                  "digest": digests[row.kernel]}
            RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True), encoding="utf-8")
            seen = re.findall(r"^demo: .*", result.text, re.M) or ["demo: nothing seen"]
            print(f"[{i}/{count}] {name(row)}: {'passed' if result.passed else 'FAILED'}, "
                  f"{result.seconds:.0f} s", *([] if result.passed else seen), sep="\n  ", flush=True)
    passed = sum(result["passed"] for result in results.values())
    print(f"\n{table(results)}\n\nmatrix: {passed} passed, {count - passed} failed")
    return 0 if passed == count else 1


if __name__ == "__main__":
    sys.exit(main())
