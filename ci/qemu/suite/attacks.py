# SPDX-License-Identifier: GPL-2.0-only
"""A hostile inmate beside a cell that must not notice, and a busy root."""

import os

import hardware
from attacks import ATTACKS, attack
from hardware import LIST
from steps import (console, create, destroy, keep, line, note, report, run, see, start, verify)
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


def attack_round(qemu):
    """All kinds of attacks, by @{seed}, each by itself between two looks at the victim."""
    return [
        create("tests/attack.cell"),
        report("cell load attack inmates/attack.bin"),
        report("cell start attack", state="running"),
        console("attack", see("attack> ")),
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


ATTACK = [attacks("attacks", hardware.icount)]
LONG_ATTACK = [attacks("attacks_max_qemu_10", hardware.icount_max_10, qemu=10)]
