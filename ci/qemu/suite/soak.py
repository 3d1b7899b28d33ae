# SPDX-License-Identifier: GPL-2.0-only
"""`make soak`: cycles in one boot, random ioctls, and attacks by new seeds, for as long as one wants."""

import os
import random

import hardware
from soak import attacks_for, repeat, tally
from steps import compile_cell, console, destroy, line, run, see, start, state
from suite.attacks import attack_round, attacked, frames, tables_round
from suite.common import Test

CYCLES = int(os.environ.get("SOAK_CYCLES", "1000"))
ENABLES = int(os.environ.get("SOAK_ENABLES", "100"))
IOCTLS = int(os.environ.get("SOAK_IOCTLS", "20000"))
TABLES = int(os.environ.get("SOAK_TABLES", "50"))
SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1, 1 << 31))

# A cell that reaches for what is not its own, and is ended for it.
FAILS = [
    start("stray"),
    console("stray", see("stray> "), line("w 0x60000000"), see("try w")),
    state("stray", "failed"),
    destroy("stray"),
]

SOAK = [
    Test("soak_cells", "enabled", 120 + 30 * CYCLES, machine=hardware.icount, steps=[
        repeat("cell_cycle", CYCLES),
    ]),
    Test("soak_enable", "loaded", 120 + 30 * ENABLES, machine=hardware.icount, steps=[
        repeat("enable_cycle", ENABLES),
    ]),
    Test("soak_tables", "enabled", 1200, [
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="1"),
        start("other", "hello", "/tmp/other.cell"),
        *[step for n in range(TABLES) for step in tables_round(SEED + n)],
        destroy("other"),
        tally,
    ]),
    frames("soak_frames", SEED, tally),
    Test("soak_ioctls", "enabled", 120 + IOCTLS // 10, [
        run(f"ioctls {SEED} {IOCTLS} cells/*.cell tests/*.cell", "^seed=.* left=0$", timeout=60 + IOCTLS // 10),
    ]),
    Test("soak_attacks", "loaded", 1200 + SECONDS, machine=hardware.icount, steps=attacked(
        attacks_for(SECONDS, SEED, attack_round(7), FAILS))),
]
