#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
`make bench-scale`: how enable, disable and IPIs grow with the number of CPUs, and a cell's creation
and destruction with its memory. Measured as bench.py does; prints two tables in Markdown and writes
build/scale.json, build/scale.md and a plot, build/scale.svg.
"""

import json
import math
import sys

import bench
import jobs
from jobs import BUILD, Failure, bench_lines, calls

CPUS = (2, 4, 8, 16, 64)
SIZES = (16, 64, 256, 1024, 2048)
REPETITIONS = 3

# Of a plot, in pixels.
WIDTH, HEIGHT, LEFT, TOP, GAP = 380, 300, 60, 40, 110
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad")


def scale_cpus(cpus):
    """Row: number of CPUs -> figures."""
    # As many CPUs as the host has not take their time.
    arguments = ["--smp", str(cpus), "--mem", "2G"]
    files = jobs.in_root(f"scale-{cpus}", f"growth {REPETITIONS} {cpus - 1}", arguments,
                         patience=1 + cpus // 8)
    measured = calls(files)
    return {
        "enable_us": min(m["ticks"] for m in measured["enable"]) / 1000,
        "disable_us": min(m["ticks"] for m in measured["disable"]) / 1000,
        "ipi_none_insns": bench_lines(files["ipi.bare"])["ipi_call_roundtrip"]["median"],
        "ipi_insns": bench_lines(files["ipi"])["ipi_call_roundtrip"]["median"],
        "ipi_el2_insns": bench_lines(files["ipi"])["ipi_call_el2_sender"]["value"],
    }


def scale_sizes():
    """Size in MiB -> figures."""
    files = jobs.in_root("scale-create", f"create {' '.join(map(str, SIZES))}", ["--mem", "4G"])
    measured = calls(files)
    rows = {}
    for i, size in enumerate(SIZES):
        created = json.loads(files[f"created.{size}"])["ns"]
        destroyed = json.loads(files[f"destroyed.{size}"])["ns"]
        rows[size] = {
            "create_us": created["create_hv"] / 1000,
            "scrub_us": created["scrub"] / 1000,
            "destroy_us": destroyed["destroy_hv"] / 1000,
            "create_total_us": measured["create"][i]["ticks"] / 1000,
            "destroy_total_us": measured["destroy"][i]["ticks"] / 1000,
        }
    return rows


def markdown(key, rows):
    head = [key, *next(iter(rows.values()))]
    return bench.markdown(head, [[f"{n:,}", *(f"{value:,.1f}" for value in row.values())]
                                 for n, row in rows.items()])


def panel(x, title, rows, names):
    """One diagram of the plot: both axes logarithmic, a line for each name."""
    points = list(rows)
    values = [rows[n][name] for n in points for name in names if rows[n][name] > 0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    left, right = math.log2(points[0]), math.log2(points[-1])

    def at(n, value):
        return (x + (math.log2(n) - left) / (right - left) * WIDTH,
                TOP + (high - math.log10(max(value, 10 ** low))) / (high - low) * HEIGHT)

    out = [f'<text x="{x}" y="{TOP - 16}" font-weight="bold">{title}</text>']
    for exponent in range(low, high + 1):
        y = at(points[0], 10 ** exponent)[1]
        out += [f'<line x1="{x}" y1="{y:.1f}" x2="{x + WIDTH}" y2="{y:.1f}" stroke="#ddd"/>',
                f'<text x="{x - 8}" y="{y + 4:.1f}" text-anchor="end">{10 ** exponent:,}</text>']
    for n in points:
        out.append(f'<text x="{at(n, 1)[0]:.1f}" y="{TOP + HEIGHT + 18}" '
                   f'text-anchor="middle">{n:,}</text>')
    for i, (name, colour) in enumerate(zip(names, COLOURS)):
        line = [at(n, rows[n][name]) for n in points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in line)
        out += [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
                *(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in line),
                f'<text x="{x + 12}" y="{TOP + 18 + 16 * i}" '
                f'fill="{colour}">{name.rpartition("_")[0]}</text>']
    return "\n".join(out)


def plot(cpus, sizes):
    second = LEFT + WIDTH + GAP
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{second + WIDTH + LEFT}" '
        f'height="{TOP + HEIGHT + 40}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        panel(LEFT, "Number of CPUs: us; ipi_el2: instructions", cpus,
              ("enable_us", "disable_us", "ipi_el2_insns")),
        panel(second, "A cell's MiB: us", sizes, ("create_us", "scrub_us", "destroy_us")),
        "</svg>\n"])


def write(cpus, sizes):
    text = markdown("CPUs", cpus) + "\n\n" + markdown("MiB", sizes) + "\n"
    (BUILD / "scale.json").write_text(json.dumps({"cpus": cpus, "sizes": sizes}, indent=2) + "\n",
                                      encoding="utf-8")
    (BUILD / "scale.md").write_text(text, encoding="utf-8")
    (BUILD / "scale.svg").write_text(plot(cpus, sizes), encoding="utf-8")
    print(text)


def main():
    write({n: scale_cpus(n) for n in CPUS}, scale_sizes())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as error:
        sys.exit(f"bench-scale: {error}")
