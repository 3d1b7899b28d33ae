#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
How much of EL2 was executed, by what plugin.c has noted and the image's debugging information:

    report.py EXECUTED --least PERCENT

A line of hypervisor/ counts if instructions stem from it, and is covered if one of them was executed.
As the compiler moves instructions to where more paths share them, their share is shown as well. What
nobody executed is in BUILD/coverage/el2.txt. Fails below that many per cent of the lines.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

BUILD = Path(os.environ.get("O") or Path(__file__).resolve().parents[2] / "build").resolve()
OBJDUMP = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-") + "objdump"

# Of `objdump -dl`: where the next instructions stem from, and an instruction.
PLACE = re.compile(r"(?:\S*/)?hypervisor/(\S+):(\d+)")
INSTRUCTION = re.compile(r"\s*([0-9a-f]+):\t(\S+)")
PADDING = ("nop", "udf", ".word", ".inst")


def instructions(image):
    """(address, file, line) of each."""
    text = subprocess.run([OBJDUMP, "-dl", "--no-show-raw-insn", "-j", ".text", str(image)],
                          check=True, capture_output=True, text=True).stdout
    place = None
    for row in text.splitlines():
        if match := INSTRUCTION.match(row):
            if place and match[2] not in PADDING:
                yield int(match[1], 16), *place
        elif match := PLACE.match(row):
            place = os.path.normpath(match[1]), int(match[2])


class Count:
    """Of a file, or of all."""

    def __init__(self):
        self.lines = {}  # number: covered?
        self.instructions = self.executed = 0

    def note(self, line, executed):
        self.lines[line] = self.lines.get(line, False) or executed
        self.instructions += 1
        self.executed += executed

    def missed(self):
        """Numbers of lines, neighbours among those with instructions as a range."""
        pieces, last = [], True
        for number, covered in sorted(self.lines.items()):
            if not covered and last:
                pieces.append([number, number])
            elif not covered:
                pieces[-1][1] = number
            last = covered
        return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in pieces)

    def row(self, name, missed=""):
        covered, lines = sum(self.lines.values()), len(self.lines)
        return (f"{name:<36} {lines:>6} {covered:>7} {100 * covered / lines:6.1f} %  "
                f"{100 * self.executed / self.instructions:6.1f} %  {missed}").rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("executed", type=Path)
    parser.add_argument("--least", type=float, required=True)
    arguments = parser.parse_args()
    executed = arguments.executed.read_bytes()
    files, whole, start = defaultdict(Count), Count(), None
    for address, file, line in instructions(BUILD / "hypervisor" / "caisson.elf"):
        start = address & ~0xfff if start is None else start
        done = bool(executed[(address - start) // 4])
        files[file].note(line, done)
        whole.note((file, line), done)
    report = [f"{'file of hypervisor/':<36} {'lines':>6} {'covered':>7} {'':>8}  instr'ns  not executed",
              *(count.row(name, count.missed()) for name, count in sorted(files.items())),
              whole.row("all")]
    path = BUILD / "coverage" / "el2.txt"
    path.write_text("\n".join(report) + "\n", encoding="utf-8")
    print(f"{report[0]}\n{report[-1]}\n{path} has each file's")
    share = 100 * sum(whole.lines.values()) / len(whole.lines)
    return f"coverage: EL2 is below {arguments.least:g} % of its lines" if share < arguments.least else 0


if __name__ == "__main__":
    sys.exit(main())
