# SPDX-License-Identifier: GPL-2.0-only
"""A hostile inmate beside a cell that must not notice, and a busy root."""

import os

import hardware
from attacks import ATTACKS, MOVING, attack, register_values
from hardware import LIST, REVOKE
from steps import (compile_cell, console, create, destroy, keep, line, need, nonce, note, report, run,
                   see, start, verify)
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


def disturbed(values, name):
    """Whether it had to do with anybody. In `list` its own interrupts are EL2's instructions."""
    return not (values[f"{name}_rounds"] and values[f"{name}_ticks"] and not values[f"{name}_bad"] and
                values[f"{name}_latest"] < LATE and (values["mode"] == LIST or not values[f"{name}_el2"]))


def undisturbed(name):
    """It is counted, for the figures at the end, before it is an error."""
    def step(context):
        values = context.values
        values["looks"] = values.get("looks", 0) + 1
        values["disturbed"] = values.get("disturbed", 0) + disturbed(values, name)
        need(not values["disturbed"], f"{name}: the victim was disturbed: {values}")
    return step


def unharmed(name):
    """The same where time says nothing: its memory is as it was, and it ticks."""
    return verify(f"{name}: the victim's memory is as it was",
                  lambda v: v[f"{name}_rounds"] and v[f"{name}_ticks"] and not v[f"{name}_bad"])


def places(values):
    """The hypervisor, root's memory, its ITS, and the victim's memory where that is really."""
    victim = next(piece["address"] for piece in values["map"]["given"] if piece["owner"] == "victim")
    return f"{values['status']['memory_address']:#x} 0x48000000 0x08080000 {victim:#x}"


def attacked(*steps):
    """The steps, beside a victim and a busy root; EL2 has no fault of its own meanwhile."""
    # EL2 lets the PMU count its own instructions, so that the victim sees any on its CPU.
    return [
        with_image("counts-el2", {"arch/arm64/vcpu.c": [("| MDCR_HPMD", "")]},
            run("hvctl enable"),
            report("status", keep="status"),
            start("victim", config="tests/victim.cell"),
            report("map", keep="map"),
            keep("places", places),
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
    return Test(name, "loaded", 300, machine=machine, steps=[
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


def frames(name, seed, *more, few=False):
    """
    Every offset of what EL2 emulates, by every width, read and written, aligned or not, beside a victim.
    `few`: what is aligned, read or written.
    """
    told, timeout = ("1", 120) if few else ("", 600)
    return Test(name, "enabled", 2 * timeout, [
        keep("seed", lambda v: seed),
        start("victim", config="tests/victim.cell"),
        *HOSTILE,
        console("attack", attack("frames", qemu=7, told=told, timeout=timeout), nonce(), history=False),
        look("frames"), unharmed("frames"),
        destroy("attack", "victim"),
        run("! hvctl log | grep 'EL2 fault'"),
        *more,
    ])


def values_at_start(name):
    """All that the cell's CPU 0 can read of itself, but the time."""
    def step(context):
        console("attack", nonce(), attack("values", qemu=7), history=False)(context)
        found = register_values(context.values["lines"])
        context.values[name] = {key: value for key, value in found.items() if key not in MOVING}
    return step


def registers_are_reset(context):
    first, second = context.values["first"], context.values["second"]
    changed = {key: (first.get(key, 0), second.get(key, 0)) for key in first | second
               if first.get(key) != second.get(key)}
    need(len(first) > 40, f"only these can be read: {first}")
    need(not changed, f"other values than at the first start: {changed}")
    need(not any("5a5a" in f"{value:x}" for value in second.values()), f"what was left there: {second}")


ATTACK = [
    attacks("attacks", hardware.icount),
    frames("attack_frames", SEED, few=True),
    Test("registers_are_reset", "enabled", 120, [
        keep("seed", lambda v: SEED),
        create("tests/attack.cell"),
        report("cell load attack inmates/attack.bin"),
        report("cell start attack", state="running"),
        values_at_start("first"),
        console("attack", attack("fill", qemu=7), history=False),
        report("cell restart attack", state="running"),
        values_at_start("second"),
        registers_are_reset,
        destroy("attack"),
    ]),
    Test("attack_tables", "enabled", 120, [
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="1"),
        start("other", "hello", "/tmp/other.cell"),
        *[step for seed in (SEED, SEED + 1, SEED + 2, 538789523) for step in tables_round(seed)],
        run("! hvctl log | grep 'EL2 fault'"),
        destroy("other"),
    ], but={REVOKE: "a CPU that cannot reach its own vectors fetches nothing, and does not miss its stage 2"}),
]
LONG_ATTACK = [
    attacks("attacks_max_qemu_10", hardware.icount_max_10, qemu=10),
    frames("attack_frames_all", SEED),
]
