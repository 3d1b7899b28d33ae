#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Counts the lines of the EL2 image: of every source and header that its compilers' dependency files
name and of its linker script, without comments and blank lines, after clang-format with the tree's
.clang-format (assembly and the linker script as they are: clang-format knows neither).

    lines.py [BUILD]     prints each file's lines and the sum
"""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# A comment, or what may look like one inside: strings and character constants stay.
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_lines(text):
    """The lines of C or of preprocessed assembly that are neither blank nor comment alone."""
    text = TOKEN.sub(lambda m: m[0] if m[0][0] in "\"'" else " " + "\n" * m[0].count("\n"), text)
    return sum(1 for line in text.splitlines() if line.strip())


def formatted(path):
    """The file's text in the tree's style."""
    if path.suffix not in (".c", ".h"):
        return path.read_text(encoding="utf-8")
    style = f"--style=file:{TOP / '.clang-format'}"
    return subprocess.run(["clang-format", style, str(path)], check=True, capture_output=True,
                          text=True).stdout


def image_sources(build):
    """Every file that the image is made of, as absolute paths."""
    source = TOP / "hypervisor"
    # A file that was renamed leaves its rule behind.
    deps = sorted(dep for dep in (build / "hypervisor").rglob("*.d")
                  if (source / dep.relative_to(build / "hypervisor").with_suffix("")).exists())
    if not deps:
        raise SystemExit(f"lines.py: no *.d below {build / 'hypervisor'}: run make first")
    names = {"hypervisor.lds.S"}
    for dep in deps:
        # The prerequisites of the first rule; those that follow (-MP) have none.
        rule = dep.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()[0]
        names.update(rule.partition(": ")[2].split())
    return sorted({(source / name).resolve() for name in names})


def count(build):
    """Path below the tree -> lines."""
    return {str(path.relative_to(TOP) if path.is_relative_to(TOP) else path):
            code_lines(formatted(path)) for path in image_sources(build)}


def main():
    lines = count(Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build").resolve())
    for name, n in lines.items():
        print(f"{n:6} {name}")
    print(f"{sum(lines.values()):6} lines in {len(lines)} files")


if __name__ == "__main__":
    main()
