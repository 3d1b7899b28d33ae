#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
`make bench`: what Caisson costs, beside what Jailhouse does on the same machine.

QEMU runs under -icount with a generic timer of 1 GHz, so that a tick is an instruction and a
microsecond a thousand of them; the figures hold for comparisons, not for silicon. Three sources:

    root.sh     in root Linux: enables and disables, cells of 64 MiB, the inmate bench.bin in them
    bench.bin   once more, alone on the same machine without EL2: what is at best to be reached
    the build   sizes, and the lines of the image's sources (lines.py)

Prints a Markdown table and writes build/bench.json: name -> value, unit, min, median, max, n and
method. Exit status 1 if a figure is worse than Jailhouse's, or above a bound of our own.
"""

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "ci" / "qemu"))
sys.dont_write_bytecode = True
import lines  # noqa: E402
from machine import BUILD, Failure, Machine  # noqa: E402

REPETITIONS = 5
TIMER_IRQS_MIN = 1000

# Measured on the same machine, with the same kernel and clock, on 2026-11-20: Jailhouse, master of
# 2023-01-10, without ITS, the module patched to load at all; and what we want to reach.
JAILHOUSE = {
    "enable_4cpu_us": 1739,
    "disable_4cpu_us": 131,
    "cell_create_64m_us": 108,
    "cell_create_64m_total_us": 14970,
    "cell_start_64m_us": 13890,
    "cell_destroy_64m_us": 14280,
    "cell_destroy_64m_total_us": 49400,
    "hvc_unknown_insns": 126,
    "timer_latency_vector_insns": 210,
    "exits_per_timer_irq": 1,
    "image_bytes": 100360,
    "el2_memory_bytes": 4 << 20,
    "el2_lines": 6719,
}
# Jailhouse brings its CPUs back to Linux by the same route, so that totals are Linux's: no bounds.
NO_BOUND = {"cell_create_64m_total_us", "cell_destroy_64m_total_us"}
GOALS = {
    "enable_4cpu_us": 400,
    "disable_4cpu_us": 100,
    "cell_create_64m_us": 30,
    "cell_start_64m_us": 50,
    "cell_destroy_64m_us": 50,
    "scrub_64m_us": 4700,
    "hvc_unknown_insns": 40,
    "exits_per_timer_irq": 0,
    "image_bytes": 65536,
    "el2_memory_bytes": 1 << 20,
    "el2_lines": 6000,
}
# These are bounds as well. The goal of 6,000 lines is for what Jailhouse does: watchdogs, live KVM,
# and identification registers that are filtered came on top.
OWN_BOUNDS = {"image_bytes": GOALS["image_bytes"], "el2_lines": 6500}

LINE = re.compile(r"^bench name=(\w+) (.*)$", re.MULTILINE)


class Report:
    """The rows, in the order in which they were found."""

    def __init__(self):
        self.rows = {}
        self.notes = []

    def samples(self, name, unit, method, values):
        """A row out of one value for each repetition."""
        if len(values) < REPETITIONS:
            raise Failure(f"{name}: {len(values)} values, not {REPETITIONS}")
        median = statistics.median_low(values)
        self.rows[name] = {"value": median, "unit": unit, "min": min(values), "median": median,
                           "max": max(values), "n": len(values), "method": method}

    def count(self, name, unit, value):
        """A row of something that is what it is."""
        self.rows[name] = {"value": value, "unit": unit, "min": value, "median": value,
                           "max": value, "n": 1, "method": "count"}

    def inmate(self, name, source, runs):
        """A row that bench.bin measured, the same in each of its runs or with a note."""
        medians = [run[source]["median"] for run in runs]
        self.rows[name] = {"value": statistics.median_low(medians), "unit": runs[0][source]["unit"],
                           "min": min(run[source]["min"] for run in runs),
                           "median": statistics.median_low(medians),
                           "max": max(run[source]["max"] for run in runs),
                           "n": sum(run[source]["n"] for run in runs), "method": "ticks"}
        if len(runs) > 1 and len(set(medians)) == 1:
            self.notes.append(f"{name}: {medians[0]} in each of {len(runs)} runs of the inmate")
        elif len(runs) > 1:
            self.notes.append(f"{name}: DIFFERS between runs of the inmate: {medians}")


def inmate_lines(text):
    """The inmate's `bench` lines: name -> its figures."""
    result = {}
    for name, rest in LINE.findall(text.replace("\r", "")):
        pairs = dict(pair.split("=") for pair in rest.split())
        unit = pairs.pop("unit")
        result[name] = {key: int(value) for key, value in pairs.items()} | {"unit": unit}
    return result


def run_root():
    """Boots root Linux and lets it measure; returns file -> text, and the versions."""
    arguments = ["--icount", "--initrd", str(BUILD / "ci" / "bench" / "initrd.gz")]
    with Machine("bench", arguments) as m:
        m.boot()
        m.start_agent()
        m.run(f"sh /bench/root.sh /tmp/bench {REPETITIONS}", timeout=150)
        names = m.run("ls /tmp/bench").output.split()
        files = {name: m.run(f"cat /tmp/bench/{name}").output for name in names}
        kernel = m.run("uname -r").output.strip()
    return files, kernel


def run_bare():
    """bench.bin alone, at EL1 of a machine without EL2; returns what it printed."""
    kernel = BUILD / "inmates" / "bench.bin"
    arguments = ["--icount", "--machine", "virtualization=off", "--kernel", str(kernel)]
    with Machine("bench-bare", arguments) as m:
        m.expect("key before timer_irqs")
        return m.tty.before


def all_of(files, stem):
    """A file of each repetition, parsed."""
    return [json.loads(files[f"{stem}.{i + 1}"]) for i in range(REPETITIONS)]


def calls(files):
    """What count.c noted: call -> list of its measurements."""
    result = {}
    for line in files["calls"].splitlines():
        pairs = dict(pair.split("=") for pair in line.split())
        result.setdefault(pairs.pop("call"), []).append({k: int(v) for k, v in pairs.items()})
    return result


def microseconds(values):
    return [round(value / 1000, 1) for value in values]


def add_enable(report, files, measured):
    """Ioctl to return, in ticks and as instructions of all CPUs."""
    for call in ("enable", "disable"):
        report.samples(f"{call}_4cpu_us", "us", "ticks",
                       microseconds(m["ticks"] for m in measured[call]))
        report.samples(f"{call}_4cpu_insns", "insns", "pmu", [m["insns"] for m in measured[call]])
    for call, stem in (("enable", "enabled"), ("disable", "disabled")):
        driver = [status[f"{call}_ns"] for status in all_of(files, stem)]
        own = statistics.median_low(driver) / 1000
        report.notes.append(f"{call}: the driver's own figure is {own:.1f} us")


def add_cells(report, files, measured):
    """Creation to destruction of a cell of 64 MiB: hypercalls apart from scrubbing, and totals."""
    started = [cell["ns"] for cell in all_of(files, "started")]
    destroyed = [cell["ns"] for cell in all_of(files, "destroyed")]
    for name, ns in (
            ("cell_create_64m_us", [s["create_hv"] for s in started]),
            ("cell_start_64m_us", [s["start_hv"] for s in started]),
            ("cell_destroy_64m_us", [d["destroy_hv"] for d in destroyed]),
            ("scrub_64m_us", [s["scrub"] for s in started]),
            ("cell_create_64m_total_us", [m["ticks"] for m in measured["create"]]),
            ("cell_destroy_64m_total_us", [m["ticks"] for m in measured["destroy"]])):
        report.samples(name, "us", "ticks", microseconds(ns))
    for call in ("create", "destroy"):
        report.samples(f"cell_{call}_64m_total_insns", "insns", "pmu",
                       [m["insns"] for m in measured[call]])
    # A load may take several calls; all calls of one life go into one sum, Linux's share too.
    life = ("create", "load", "entry", "start", "destroy")
    for name, key in (("cell_lifecycle_64m_insns", "insns"),
                      ("cell_lifecycle_64m_el2_insns", "el2")):
        total = [0] * REPETITIONS
        for call in life:
            each = len(measured[call]) // REPETITIONS
            for i, m in enumerate(measured[call]):
                total[i // each] += m[key]
        report.samples(name, "insns", "pmu", total)
    report.notes.append("cell_lifecycle_64m_insns: create, load, start and destroy, on all CPUs,"
                        " with Linux taking its CPU offline and back; _el2_insns: while the"
                        " caller was in EL2, both scrubs in it")


def exits_of(files, stem):
    """Exits of the cell's one CPU by cause, for each repetition."""
    return [stats["cpus"][0]["exits"] for stats in all_of(files, stem)]


def add_exits(report, files):
    """Exits between two readings of the counters around at least a thousand timer interrupts."""
    interrupts, own, totals, consoles = [], [], [], []
    for i, (before, after) in enumerate(zip(exits_of(files, "before"), exits_of(files, "after"))):
        text = files[f"console.{i + 1}"]
        interrupts.append(int(re.search(r"^END timer_irqs n=(\d+)", text, re.MULTILINE)[1]))
        delta = {cause: after[cause] - before[cause] for cause in after}
        total, console = delta.pop("total"), delta.pop("console")
        if total != console + sum(delta.values()):
            raise Failure(f"exits do not add up: {total}, console {console}, others {delta}")
        totals.append(total)
        consoles.append(console)
        own.append(total - console)
        causes = {cause: n for cause, n in delta.items() if n}
        if causes:
            report.notes.append(f"timer_irqs, run {i + 1}: exits {causes}")
    if sum(interrupts) < TIMER_IRQS_MIN:
        raise Failure(f"only {sum(interrupts)} timer interrupts")
    ratios = [round(n / irqs, 6) or 0 for n, irqs in zip(own, interrupts)]
    report.samples("exits_per_timer_irq", "exits/irq", "count", ratios)
    report.count("timer_irqs", "irqs", sum(interrupts))
    report.count("timer_irqs_exits", "exits", sum(own))
    report.count("timer_irqs_exits_console", "exits", sum(consoles))
    report.count("timer_irqs_exits_total", "exits", sum(totals))
    report.notes.append("exits_per_timer_irq: timer_irqs_exits of `hvctl cell stats` / timer_irqs; "
                        "timer_irqs_exits_console: the marker lines that the inmate prints and the "
                        "key that it waits for, before the first and after the last interrupt")


def add_inmate(report, files, bare):
    """What the inmate times itself, with and without a hypervisor below it."""
    runs = [inmate_lines(files[f"console.{i + 1}"]) for i in range(REPETITIONS)]
    report.inmate("hvc_unknown_insns", "hvc_unknown", runs)
    report.inmate("timer_latency_vector_insns", "timer_latency_vector", runs)
    report.inmate("timer_latency_vector_bare_insns", "timer_latency_vector", [bare])
    report.inmate("timer_latency_vector_busy_insns", "timer_latency_vector_busy", runs)
    report.inmate("timer_latency_vector_busy_bare_insns", "timer_latency_vector_busy", [bare])
    for name in ("timer_latency_vector", "timer_latency_vector_busy"):
        GOALS[f"{name}_insns"] = report.rows[f"{name}_bare_insns"]["median"]
    report.notes.append("timer_latency: a maximum holds slices of other CPUs: all share one clock")


def add_sizes(report, files):
    """The release image with its zeroed part; what Linux misses while a cell of 64 MiB exists."""
    status = all_of(files, "with-cell")[0]
    image = (BUILD / "hypervisor" / "caisson.bin").stat().st_size
    report.count("image_bytes", "bytes", max(image, status["image_bytes"]))
    report.count("el2_memory_bytes", "bytes", status["taken_bytes"])
    per_file = lines.count(BUILD)
    report.count("el2_lines", "lines", sum(per_file.values()))
    report.notes.append(f"el2_lines: {len(per_file)} files, the linker script among them")


def verdict(name, value):
    """Whether the bounds hold: (text, good)."""
    limits = [JAILHOUSE[name]] if name in JAILHOUSE and name not in NO_BOUND else []
    if name in OWN_BOUNDS:
        limits.append(OWN_BOUNDS[name])
    if not limits:
        return "", True
    good = value <= min(limits)
    return ("ok" if good else "NOT REACHED"), good


def number(value):
    return f"{value:,}" if value is not None else ""


def table(report):
    """Markdown, and whether all bounds hold."""
    head = ["row", "value", "unit", "min", "max", "n", "method", "Jailhouse", "", "to reach"]
    body, all_good = [], True
    for name, row in report.rows.items():
        text, good = verdict(name, row["value"])
        all_good &= good
        goal = GOALS.get(name)
        missed = " (missed)" if goal is not None and row["value"] > goal else ""
        body.append([f"`{name}`", number(row["value"]), row["unit"], number(row["min"]),
                     number(row["max"]), number(row["n"]), row["method"],
                     number(JAILHOUSE.get(name)), text, number(goal) + missed])
    widths = [max(3, *map(len, column)) for column in zip(head, *body)]
    lines_out = [head, ["-" * width for width in widths]] + body
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |"
                     for line in lines_out), all_good


def main():
    files, kernel = run_root()
    bare = inmate_lines(run_bare())
    measured = calls(files)
    report = Report()
    add_enable(report, files, measured)
    add_cells(report, files, measured)
    add_inmate(report, files, bare)
    add_exits(report, files)
    add_sizes(report, files)
    path = BUILD / "bench.json"
    path.write_text(json.dumps(report.rows, indent=2) + "\n", encoding="utf-8")
    qemu = subprocess.run(["qemu-system-aarch64", "--version"], check=True, capture_output=True,
                          text=True).stdout.splitlines()[0]
    text, good = table(report)
    print(f"{qemu}; root Linux {kernel}; -icount, 1 tick = 1 instruction, 1,000 of them = 1 us\n")
    print(text, "\n")
    for note in report.notes:
        print(f"- {note}")
    shown = path.relative_to(TOP) if path.is_relative_to(TOP) else path
    print(f"\nbench: {len(report.rows)} rows in {shown}, "
          + ("none worse than Jailhouse's" if good else "NOT all bounds are reached"))
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as error:
        sys.exit(f"bench: {error}")
