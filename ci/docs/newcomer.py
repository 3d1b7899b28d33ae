# SPDX-License-Identifier: GPL-2.0-only
"""
Does what a new user does: clones the tree as it was committed, and follows README.md and the page
"Getting started" to the letter, block by block. Says how long each page took, and fails if anything that
they show is not seen, or if both took more than ten minutes, packages to fetch included.
"""

import shutil
import subprocess
import sys
import time

from machine import BUILD, TOP, Failure
from pages import blocks
from session import Session

CLONE = BUILD / "newcomer"
PAGES = ("README.md", "Documentation/getting-started.md")
LIMIT = 600  # seconds


def follow(name):
    """A page, from its first block to its last; those of 'no' are for other readers."""
    with Session(CLONE, "newcomer", newcomer=True, seconds=LIMIT) as session:
        for block in blocks(CLONE / name):
            if block.file:
                (CLONE / block.file).write_text(block.text)
            if not (block.reason or "").startswith("no,"):
                session.execute(block)


def main():
    shutil.rmtree(CLONE, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", str(TOP), str(CLONE)], check=True)
    taken = 0
    for name in PAGES:
        start = time.monotonic()
        try:
            follow(name)
        except (Failure, ValueError, subprocess.TimeoutExpired) as failure:
            sys.exit(f"newcomer: {failure}")
        seconds = time.monotonic() - start
        taken += seconds
        print(f"newcomer: {name}: {seconds:.0f} s", flush=True)
    if taken > LIMIT:
        sys.exit(f"newcomer: {taken:.0f} s in all, more than {LIMIT}")
    print(f"newcomer: both pages in {taken:.0f} s, of {LIMIT}")


if __name__ == "__main__":
    main()
