#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Compares two runs of `make bench`: a row is worse if both its value and its minimum grew by more than
2 %. Both, as a median of a few enables moves with where Linux's timer ticks fall.

    compare.py OLD.json [NEW.json]      exit status 1 if a row is worse or gone
"""

import json
import sys
from pathlib import Path

from rows import BY_NAME, NOT_COMPARED

TOLERANCE = 0.02


def compared(name):
    """Of each row, on whatever CPU; not what others take, nor raw counts."""
    prefix, _, plain = name.rpartition("/")
    return plain in BY_NAME and plain not in NOT_COMPARED and prefix in ("", "max")


def grew(old, new):
    return new > old * (1 + TOLERANCE)


def worse(old, new):
    """What is worse in `new` than in `old`, both as of bench.json: a list of sentences."""
    found = []
    for name, before in old.items():
        after = new.get(name)
        if not compared(name):
            continue
        if not after:
            found.append(f"{name}: was {before['value']:,}, and is gone")
        elif grew(before["value"], after["value"]) and grew(before["min"], after["min"]):
            found.append(f"{name}: was {before['value']:,} (at least {before['min']:,}), "
                         f"is {after['value']:,} (at least {after['min']:,}) {after['unit']}")
    return found


def report(old_path, new):
    """Prints it; whether nothing is worse."""
    found = worse(json.loads(Path(old_path).read_text(encoding="utf-8")), new)
    for sentence in found:
        print(f"WORSE {sentence}")
    print(f"compared with {old_path}: rows that are worse by more than 2 %: {len(found)}")
    return not found


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: compare.py OLD.json [NEW.json]")
    new = sys.argv[2] if len(sys.argv) == 3 else "build/bench.json"
    return 0 if report(sys.argv[1], json.loads(Path(new).read_text(encoding="utf-8"))) else 1


if __name__ == "__main__":
    sys.exit(main())
