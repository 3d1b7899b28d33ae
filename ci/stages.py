#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
The one list of what `make check` and `make matrix` do: STAGES. Runs those of one of them, one after
the other whatever becomes of them, and ends with a table and the number of tests:

    stages.py check | matrix

Exit status 0 only if each stage succeeded. What took longer than its budget is said, and is no
failure: machines are shared, and time is no test. What hangs is ended by the tests' own limits.
"""

import os
import re
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
OUT = Path(os.environ.get("O") or TOP / "build").resolve()

# Seconds, on two cores that are shared; those of `check` are at most CHECK_SECONDS in all.
Stage = namedtuple("Stage", "name belongs command budget")
CHECK_SECONDS = 20 * 60
STAGES = [
    Stage("build", ("check", "matrix"), "make more", 80),
    Stage("clang", ("check",),
          f"make -C hypervisor O={OUT}/clang CC='clang --target=aarch64-linux-gnu' && "
          f"make -C tools host O={OUT}/clang HOST_CC=clang HOST_CFLAGS=-O0", 10),
    Stage("unit", ("check",), "make -C ci unit", 35),
    Stage("fuzz", ("check",), "make -C ci fuzz", 20),
    Stage("docs", ("check",), "make -C ci docs", 80),
    Stage("bench", ("check",), "make -C ci bench-check", 10),
    Stage("system", ("check",), "make -C ci system", 625),
    Stage("tours", ("check",), "make -C ci tours", 340),
    Stage("long", ("matrix",), "make -C ci system-long", 5400),
    Stage("matrix", ("matrix",), "make -C ci matrix", 4 * 3600),
]

# The last words of pytest, of ci/unit/run, of ci/fuzz/run and of ci/qemu/matrix.py.
COUNTS = re.compile(r"\b(\d+)(?: tests)? (passed|failed)\b")
TOTALS = re.compile(r"(?:=+ .*\d+ (?:passed|failed|error).* in [\d.]+s.*=+|unit: .*|(?:fuzz|matrix): .* failed)$")


def count(line):
    """The tests that passed and failed, if this line tells the total of a program."""
    counts = {"passed": 0, "failed": 0}
    if TOTALS.match(line):
        counts.update((word, int(number)) for number, word in COUNTS.findall(line))
    return counts["passed"], counts["failed"]


def perform(stage):
    """Shows what a stage prints. Returns its exit status and how many tests passed and failed."""
    passed = failed = 0
    # With jobs of its own: the make that has called us is not to be asked for some.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    environment.update(O=str(OUT), MAKEFLAGS=f"-j{os.cpu_count()} --no-print-directory")
    with subprocess.Popen(stage.command, shell=True, cwd=TOP, env=environment, text=True,
                          errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            more = count(line.rstrip())
            passed, failed = passed + more[0], failed + more[1]
    return process.returncode, passed, failed


def main():
    wanted = sys.argv[1] if len(sys.argv) == 2 else None
    stages = [stage for stage in STAGES if wanted in stage.belongs]
    if not stages:
        sys.exit("usage: stages.py check | matrix")
    passed, failed, bad, table = 0, 0, 0, []
    for stage in stages:
        print(f"== {stage.name}: {stage.command}", flush=True)
        started = time.monotonic()
        status, good, broken = perform(stage)
        seconds = time.monotonic() - started
        passed, failed = passed + good, failed + broken
        result = "failed" if status else "passed"
        if status:
            bad += 1
            # A stage that failed without saying what counts as one.
            failed += not broken
        if seconds > stage.budget:
            result += ", but over its budget"
        table.append((stage.name, seconds, stage.budget, result))
    table.append(("all", sum(row[1] for row in table), sum(row[2] for row in table), ""))
    print(f"\n{'stage':<8} {'seconds':>8} {'budget':>8}  result")
    for name, seconds, budget, result in table:
        print(f"{name:<8} {seconds:8.0f} {budget:8}  {result}".rstrip())
    print(f"\n{passed} passed, {failed} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
