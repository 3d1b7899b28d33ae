# SPDX-License-Identifier: GPL-2.0-only
"""A hostile inmate beside a cell that must not notice, and a busy root."""

import os

import hardware
from attacks import ATTACKS, attack
from hardware import LIST, REVOKE
from steps import (compile_cell, console, create, destroy, keep, line, nonce, note, report, run, see,
                   start, verify)
from suite.common import Test
from variants import with_image

# Instructions of its own that the victim may still carry out when its timer is due.
LATE = 100
SEED = int(os.environ.get("SEED", "1"))


def look(name):
    """How the victim fared since the last look."""
    return console("victim", line("look"), *[
        see(rf"{word}=(\d+)", f"{name}_{word}")
        for word in ("rounds", "bad", "ticks", "latest", "el2")], history=False)


def undisturbed(name):
    return verify(f"{name}: the victim was not disturbed", lambda v: (
        v[f"{name}_rounds"] and v[f"{name}_ticks"] and
        not v[f"{name}_bad"] and not v[f"{name}_el2"] and v[f"{name}_latest"] < LATE))


def attacked(*steps):
    """The steps, beside a victim and a busy root; EL2 has no fault of its own meanwhile."""
    # EL2 lets the PMU count its own instructions, so that the victim sees any on its CPU.
    return [
        with_image("counts-el2", {"arch/arm64/vcpu.c": [("| MDCR_HPMD", "")]},
            run("hvctl enable"),
            report("status", keep="status"),
            # Where the hypervisor is, what root has, its ITS.
            keep("places", lambda v: f"{v['status']['memory_address']:#x} 0x48000000 0x08080000"),
            start("victim", config="tests/victim.cell"),
            run("while :; do md5sum /bin/busybox; done >/dev/null & LOAD=$!"),
            *steps,
            run("kill $LOAD"),
            run("! hvctl log | grep 'EL2 fault'"),
            destroy("victim"),
            run("hvctl disable")),
    ]


HOSTILE = [
    create("tests/attack.cell"),
    report("cell load attack inmates/attack.bin"),
    report("cell start attack", state="running"),
    console("attack", see("attack> ")),
]


def attack_round(qemu):
    """All kinds of attacks, by @{seed}, each by itself between two looks at the victim."""
    return [
        *HOSTILE,
        look("quiet"), look("quiet"), undisturbed("quiet"),
        *[step for kind in ATTACKS for step in (
            console("attack", attack(kind, qemu), history=False),
            look(kind), undisturbed(kind))],
        destroy("attack"),
    ]


def attacks(name, machine, qemu=7):
    return Test(name, "loaded", 300, machine=machine, but={LIST: "the victim's interrupts exit"}, steps=[
        keep("seed", lambda v: SEED),
        *attacked(
            *attack_round(qemu),
            note("latest tick of the victim, in instructions, quiet and by attack",
                 lambda v: [v["quiet_latest"], {kind: v[f"{kind}_latest"] for kind in ATTACKS}])),
    ])


def tables_round(seed):
    """A CPU of the cell translates by garbage; the other, a neighbour and root go on, and it can be ended."""
    return [
        keep("seed", lambda v: seed),
        *HOSTILE,
        console("attack", attack("tables", qemu=7), nonce(), history=False),
        console("other", nonce()),
        destroy("attack"),
    ]


ATTACK = [
    attacks("attacks", hardware.icount),
    Test("attack_tables", "enabled", 120, [
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="1"),
        start("other", "hello", "/tmp/other.cell"),
        *[step for seed in (SEED, SEED + 1, SEED + 2, 538789523) for step in tables_round(seed)],
        run("! hvctl log | grep 'EL2 fault'"),
        destroy("other"),
    ], but={REVOKE: "a CPU that cannot reach its own vectors fetches nothing, and does not miss its stage 2"}),
]
LONG_ATTACK = [attacks("attacks_max_qemu_10", hardware.icount_max_10, qemu=10)]
