#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
`make bench`: what Caisson costs, beside what others do on the same machine (rows.py).

QEMU runs under -icount with a generic timer of 1 GHz, so that a tick is an instruction and a
microsecond a thousand of them; the figures hold for comparisons, not for silicon. Four sources, see
Documentation/performance.md:

    root.sh         in root Linux: enables and disables, cells, the inmate bench.bin in them
    bench.bin       once more, alone on the same machine without EL2: what is at best to be reached
    caisson_bench   a module in root's kernel, without and with the hypervisor
    the build       sizes, and the lines of the image's sources (lines.py)

Writes build/bench.json, name -> value, unit, min, median, max, n and method, and the table that it
prints, build/bench.md. A name that begins with `none/` is without hypervisor, with `max/` on -cpu
max.

    bench.py [--base OLD.json]      exit status 1 if a goal is missed that was reached before, or if
                                    something is worse than in OLD.json by more than 2 %
    bench.py --accept               writes baseline.json anew: the rows that test_cheap.py looks at
    bench.py --document             puts what bench and bench-scale have left in build/ into
                                    Documentation/performance.md
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import compare
import jobs
import lines
from jobs import BUILD, TOP, Failure, all_of, bench_lines, calls
from rows import BY_NAME, OPEN, OPEN_ON_MAX, ROWS, goal_of, goal_text

REPETITIONS = 5
TIMER_IRQS_MIN = 1000
BASELINE = Path(__file__).resolve().parent / "baseline.json"
CHEAP = ("hvc_unknown_insns", "hvc_info_insns", "sgi_no_target_insns", "gicd_isenabler_write_insns",
         "timer_latency_vector_insns", "image_bytes", "el2_lines")
# Of marks.h, where it goes on after the hypercalls: other stays, and work of CPUs that nobody has.
PARKED = "parked"
MARKS = {16: "other", 17: PARKED}
# Of hypercall.h, by number.
HYPERCALLS = re.compile(r"^\tCAISSON_HC_(\w+) = CAISSON_HC\((\d+)\),$", re.MULTILINE)


class Report:
    """The rows, in the order in which they were found."""

    def __init__(self):
        self.rows = {}
        self.notes = []

    def samples(self, name, unit, method, values):
        """A row out of one value for each repetition."""
        median = statistics.median_low(values)
        self.rows[name] = {"value": median, "unit": unit, "min": min(values), "median": median,
                           "max": max(values), "n": len(values), "method": method}

    def count(self, name, unit, value, method="count"):
        """A row of something that is what it is."""
        self.rows[name] = {"value": value, "unit": unit, "min": value, "median": value,
                           "max": value, "n": 1, "method": method}

    def measured(self, name, runs):
        """A row that bench.bin or the module measured, the same in each of its runs or with a note."""
        medians = [run["median"] for run in runs]
        median = statistics.median_low(medians)
        self.rows[name] = {"value": median, "unit": runs[0]["unit"],
                           "min": min(run["min"] for run in runs), "median": median,
                           "max": max(run["max"] for run in runs),
                           "n": sum(run["n"] for run in runs), "method": "ticks"}
        if len(set(medians)) > 1:
            self.notes.append(f"{name}: DIFFERS between runs: {medians}")

    def value(self, name):
        return self.rows[name]["value"] if name in self.rows else None


def microseconds(values):
    return [round(value / 1000, 1) for value in values]


# --- what the jobs' files say ---

def add_enable(report, cpus, files, prefix=""):
    """Ioctl to return, in ticks and as instructions of all CPUs."""
    for call in ("enable", "disable"):
        measured = calls(files)[call]
        report.samples(f"{prefix}{call}_{cpus}cpu_us", "us", "ticks",
                       microseconds(m["ticks"] for m in measured))
        report.samples(f"{prefix}{call}_{cpus}cpu_insns", "insns", "pmu",
                       [m["insns"] for m in measured])
    enabled = all_of(files, "enabled", len(measured))
    report.count(f"{prefix}el2_memory_{cpus}cpu_bytes", "bytes", enabled[0]["taken_bytes"])


def add_calls(report, files, prefix=""):
    """What the module measured."""
    for name, file in (("none/", "ipi.bare"), ("", "ipi")):
        figures = bench_lines(files[file])
        report.measured(f"{prefix}{name}ipi_call_roundtrip_insns", [figures["ipi_call_roundtrip"]])
        for side in ("sender", "receiver"):
            report.count(f"{prefix}{name}ipi_call_el2_{side}_insns", "insns",
                         figures[f"ipi_call_el2_{side}"]["value"], "pmu")
    add_info(report, files, prefix)


def add_info(report, files, prefix=""):
    report.measured(f"{prefix}hvc_info_insns", [bench_lines(files["hvc_info"])["hvc"]])


def add_cells(report, files, prefix=""):
    """Creation to destruction of a cell of 64 MiB: hypercalls apart from scrubbing, and totals."""
    measured = calls(files)
    started = [cell["ns"] for cell in all_of(files, "started", REPETITIONS)]
    destroyed = [cell["ns"] for cell in all_of(files, "destroyed", REPETITIONS)]
    for name, ns in (
            ("cell_create_64m_us", [s["create_hv"] for s in started]),
            ("cell_start_64m_us", [s["start_hv"] for s in started]),
            ("cell_destroy_64m_us", [d["destroy_hv"] for d in destroyed]),
            ("scrub_64m_us", [s["scrub"] for s in started]),
            ("cell_restart_64m_us", [m["ticks"] for m in measured["restart"]]),
            ("cell_create_64m_total_us", [m["ticks"] for m in measured["create"]]),
            ("cell_destroy_64m_total_us", [m["ticks"] for m in measured["destroy"]])):
        report.samples(prefix + name, "us", "ticks", microseconds(ns))
    for call in ("create", "restart", "destroy"):
        report.samples(f"{prefix}cell_{call}_64m_total_insns", "insns", "pmu",
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
        report.samples(prefix + name, "insns", "pmu", total)


def exits_of(text):
    """Exits of all CPUs of a cell by cause."""
    total = {}
    for cpu in json.loads(text)["cpus"]:
        for cause, n in cpu["exits"].items():
            total[cause] = total.get(cause, 0) + n
    return total


def add_exits(report, files, prefix=""):
    """Exits between two readings of the counters around at least a thousand timer interrupts."""
    interrupts, own, consoles = [], [], []
    for i in range(1, REPETITIONS + 1):
        before, after = exits_of(files[f"before.{i}"]), exits_of(files[f"after.{i}"])
        text = files[f"console.{i}"]
        interrupts.append(int(re.search(r"^END timer_irqs n=(\d+)", text, re.MULTILINE)[1]))
        delta = {cause: after[cause] - before[cause] for cause in after}
        total, console = delta.pop("total"), delta.pop("console")
        if total != console + sum(delta.values()):
            raise Failure(f"exits do not add up: {total}, console {console}, others {delta}")
        consoles.append(console)
        own.append(total - console)
        causes = {cause: n for cause, n in delta.items() if n}
        if causes:
            report.notes.append(f"{prefix}exits_per_timer_irq, run {i}: {causes}")
    if sum(interrupts) < TIMER_IRQS_MIN:
        raise Failure(f"only {sum(interrupts)} timer interrupts")
    ratios = [round(n / irqs, 6) or 0 for n, irqs in zip(own, interrupts)]
    report.samples(f"{prefix}exits_per_timer_irq", "exits/irq", "count", ratios)
    report.count(f"{prefix}timer_irqs", "irqs", sum(interrupts))
    report.count(f"{prefix}timer_irqs_exits", "exits", sum(own))
    report.count(f"{prefix}timer_irqs_exits_console", "exits", sum(consoles))


def add_inmate(report, files, bare, prefix=""):
    """What the inmate times itself, with and without a hypervisor below it."""
    n = sum(1 for name in files if name.startswith("console."))
    runs = [bench_lines(files[f"console.{i + 1}"]) for i in range(n)]
    for name in runs[0]:
        if name == "console_char":
            continue
        report.measured(f"{prefix}{name}_insns", [run[name] for run in runs])
        if bare:
            report.measured(f"{prefix}none/{name}_insns", [bare[name]])
    if bare:
        bare_char = bare["console_char"]["median"]
        report.measured(f"{prefix}console_char_insns", [
            run["console_char"] | {key: run["console_char"][key] - bare_char
                                   for key in ("min", "median", "max")} for run in runs])


def add_second_linux(report, files, alone):
    start = calls(files)["start"][0]["at"]
    spent = int(re.search(r"userspace ticks=(\d+)", files["console"])[1]) - start
    report.count("second_linux_userspace_us", "us", round(spent / 1000, 1), "ticks")
    spent = int(re.search(r"userspace ticks=(\d+)", alone)[1])
    report.count("none/second_linux_userspace_us", "us", round(spent / 1000, 1), "ticks")
    exits = exits_of(files["silent"])
    report.count("second_linux_exits", "exits", exits.pop("total"))
    report.notes.append(f"second_linux_exits: {({c: n for c, n in exits.items() if n})}")
    characters = files["console"].count(".") + files["console"].count("\n")
    console = exits_of(files["after"])["console"] - exits_of(files["before"])["console"]
    report.notes.append(f"console_char_insns: as the inmate does, a second Linux exits twice for "
                        f"each character: {console} exits for {characters} of them")


def add_stays(report, sizes):
    """Each CPU's instructions, per hypercall and on all other paths; and a timer of root's."""
    names = {int(n): name.lower() for name, n in HYPERCALLS.findall(
        (TOP / "hypervisor/abi/caisson/hypercall.h").read_text(encoding="utf-8"))} | MARKS
    longest = 0
    for size, files in sizes.items():
        for line in files["stays"].splitlines():
            stay = {k: int(v) for k, v in (pair.split("=") for pair in line.split()[1:])}
            if names[stay["call"]] != PARKED:
                longest = max(longest, stay["max"])
            name = f"el2_stay_{size}m_{names[stay['call']]}_insns"
            report.rows[name] = {"value": stay["max"], "unit": "insns", "min": stay["max"],
                                 "median": stay["mean"], "max": stay["max"], "n": stay["n"],
                                 "method": "plugin"}
        for name, text in files.items():
            if name.startswith("latency."):
                late, at = re.search(r"latency max=(\d+) n=\d+ at=(\S+)", text).groups()
                name = f"root_latency_{size}m_{name.partition('.')[2]}_us"
                report.count(name, "us", round(int(late) / 1000, 1), "ticks")
                report.notes.append(f"{name}: interrupted {at}")
    report.count("max_el2_stay_insns", "insns", longest, "plugin")
    report.notes.append("el2_stay_*: value and max are the longest, median is the mean; parked: from "
                        "one sleep to the next on a CPU that no cell has, which holds up nobody")


def add_sizes(report, files):
    """The release image with its zeroed part; what Linux misses while a cell of 64 MiB exists."""
    status = all_of(files, "with-cell", 1)[0]
    image = (BUILD / "hypervisor" / "caisson.bin").stat().st_size
    report.count("image_bytes", "bytes", max(image, status["image_bytes"]))
    report.count("el2_memory_bytes", "bytes", status["taken_bytes"])
    report.count("el2_lines", "lines", sum(lines.count(BUILD).values()))


def add_shares(report):
    """Of that memory."""
    usual = report.value("el2_memory_4cpu_bytes")
    report.count("el2_memory_per_cell_bytes", "bytes", report.value("el2_memory_bytes") - usual)
    report.count("el2_memory_per_cpu_bytes", "bytes",
                 (report.value("el2_memory_16cpu_bytes") - usual) // 12)


def add_list_mode(report):
    """Only where there is one: enable says so itself."""
    try:
        files = jobs.in_root("list", f"lives {REPETITIONS} list")
    except Failure as error:
        report.notes.append(f"lr_*: not there yet: {str(error).splitlines()[0]}")
        return
    part = Report()
    add_inmate(part, files, None)
    add_exits(part, files)
    for name in ("timer_latency_vector_insns", "exits_per_timer_irq", "timer_irqs",
                 "timer_irqs_exits"):
        report.rows[f"lr_{name}"] = part.rows[name]


def measure_cpu(report, cpu, prefix=""):
    """What is measured on each kind of CPU."""
    options = jobs.cpu_arguments(cpu)
    bare = jobs.inmate_alone(f"{cpu}-alone", cpu)
    add_enable(report, 4, jobs.in_root(f"{cpu}-enable", f"cycles {REPETITIONS}", options), prefix)
    add_calls(report, jobs.in_root(f"{cpu}-calls", "calls 1", options), prefix)
    files = jobs.in_root(f"{cpu}-lives", f"lives {REPETITIONS}", options)
    add_cells(report, files, prefix)
    add_inmate(report, files, bare, prefix)
    add_exits(report, files, prefix)
    return files


def measure(report):
    files = measure_cpu(report, "cortex-a57")
    add_enable(report, 16, jobs.in_root("enable-16", f"cycles {REPETITIONS}", ["--smp", "16"]))
    add_list_mode(report)
    linux = jobs.in_root("second-linux", f"second_linux {jobs.GUEST_WORDS}")
    add_second_linux(report, linux, jobs.linux_alone(linux["tree.base64"]))
    add_stays(report, {size: jobs.stays(f"stays-{size}", f"stays {size}", ["--mem", "3G"])
                       for size in (64, 1024)})
    add_sizes(report, files)
    add_shares(report)
    measure_cpu(report, "max", "max/")
    return files["uname"]


# --- what is made of it ---

def number(value):
    return f"{value:,}" if value is not None else ""


def verdict(report, row, prefix=""):
    """What the last column says of a row, and whether that is a failure."""
    value = report.value(prefix + row.name)
    still_open = row.name in (OPEN_ON_MAX if prefix else OPEN)
    goal = goal_of(row, report.value(f"{prefix}none/{row.name}"))
    if value is None:
        return "not there yet", not still_open
    if goal is None:
        return "", False
    if value <= goal:
        return "ok", False
    missed = "missed" if value <= (row.jailhouse or value) else "MISSED, and worse than Jailhouse"
    return missed, not still_open


def markdown(head, body):
    widths = [max(3, *map(len, column)) for column in zip(head, *body)]
    out = [head, ["-" * width for width in widths], *body]
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in out)


def table(report, prefix=""):
    """The rows of rows.py in Markdown, and the names of those that fail."""
    head = ["row", "operation", "none", "Jailhouse", "Bao", "goal", "Caisson", "min", "max", "n",
            "method", ""]
    body, failed = [], []
    for row in ROWS:
        measured = report.rows.get(prefix + row.name)
        if prefix and not measured:
            continue
        none = report.value(f"{prefix}none/{row.name}")
        text, bad = verdict(report, row, prefix)
        if bad:
            failed.append(prefix + row.name)
        own = [number(measured[key]) for key in ("value", "min", "max", "n")] if measured else [""] * 4
        body.append([f"`{row.name}`", f"{row.what} [{row.unit}]",
                     number(row.none if none is None else none), number(row.jailhouse),
                     number(row.bao), goal_text(row, none), *own,
                     measured["method"] if measured else "", text])
    return markdown(head, body), failed


def further(report):
    """What is in no row of rows.py."""
    head = ["row", "value", "unit", "min", "max", "n", "method"]
    body = [[f"`{name}`", number(row["value"]), row["unit"], number(row["min"]),
             number(row["max"]), number(row["n"]), row["method"]]
            for name, row in report.rows.items() if name.rpartition("/")[2] not in BY_NAME]
    return markdown(head, body)


def bench(base):
    report = Report()
    kernel = measure(report)
    (BUILD / "bench.json").write_text(json.dumps(report.rows, indent=2) + "\n", encoding="utf-8")
    qemu = subprocess.run(["qemu-system-aarch64", "--version"], check=True, capture_output=True,
                          text=True).stdout.splitlines()[0]
    usual, failed = table(report)
    on_max, failed_on_max = table(report, "max/")
    failed += failed_on_max
    text = "\n\n".join([
        f"{qemu}; root Linux {kernel}; -icount: 1 tick is 1 instruction, 1,000 of them are 1 us.",
        "On `-cpu cortex-a57`, 4 CPUs, 1 GiB:", usual, "On `-cpu max`:", on_max,
        "What stands behind them:", further(report),
        "\n".join(f"- {note}" for note in report.notes)])
    (BUILD / "bench.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    reached = sorted(name for name in OPEN if verdict(report, BY_NAME[name])[0] == "ok")
    print(f"\nbench: {len(ROWS)} rows, " + (f"FAILED: {', '.join(failed)}" if failed else
          f"all goals reached but {len(OPEN) - len(reached)} that never were"))
    if reached:
        print(f"bench: reached for the first time, to be taken out of OPEN: {', '.join(reached)}")
    same = compare.report(base, report.rows) if base else True
    return 0 if same and not failed else 1


def measure_cheap():
    """What test_cheap.py looks at."""
    report = Report()
    files = jobs.in_root("cheap", "probe")
    add_inmate(report, files, None)
    add_info(report, files)
    add_sizes(report, files)
    return {name: report.rows[name] for name in CHEAP}


def accept():
    """A line for each row."""
    rows = measure_cheap()
    text = ",\n".join(f'"{name}": {json.dumps(row)}' for name, row in rows.items())
    BASELINE.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
    print(f"bench: written: {BASELINE}")
    return 0


def document():
    """Between `<!-- begin NAME -->` and `<!-- end -->`: build/NAME, without the padding of tables."""
    page = TOP / "Documentation" / "performance.md"

    def fill(match):
        text = (BUILD / match[1]).read_text(encoding="utf-8")
        text = re.sub(r"-{4,}", "---", re.sub(r" {2,}", " ", text))
        return f"<!-- begin {match[1]} -->\n{text.strip()}\n<!-- end -->"

    page.write_text(re.sub(r"<!-- begin (\S+) -->\n.*?<!-- end -->", fill,
                           page.read_text(encoding="utf-8"), flags=re.DOTALL), encoding="utf-8")
    (page.parent / "scale.svg").write_bytes((BUILD / "scale.svg").read_bytes())
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", metavar="OLD.json")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--document", action="store_true")
    options = parser.parse_args()
    if options.accept:
        return accept()
    return document() if options.document else bench(options.base)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as error:
        sys.exit(f"bench: {error}")
