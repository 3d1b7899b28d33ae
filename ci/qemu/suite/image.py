# SPDX-License-Identifier: GPL-2.0-only
"""EL2 seen from outside: its map, its stack, what it does about its own faults."""

import hardware
from steps import console, look_into_el2, nonce, report, run, start
from suite.common import Test


def looks(text, signed):
    """Nothing is writable and executable on any CPU, and the stack's guards are there."""
    return look_into_el2("map", *[
        rf"^cpu {cpu}: \d+ pages, both 0, text {text}, stack 2, guards 0, canary random, wxn 1, signed {signed}$"
        for cpu in range(4)])


# A call on one of root's CPUs.
CALL = "taskset 4 hvctl cell stats root"


def give_up(context):
    """The debugger has left the machine unusable."""
    context.ended = True


IMAGE = [
    Test("el2_map", "enabled", 120, [
        report("status", enabled=True, image_sha256=lambda text: len(text) == 64),
        run("hvctl status | grep -q \"^image  *sha256 $(sha256sum </lib/firmware/caisson.bin | "
            "cut -c -64)\""),
        looks("open", 0),
        # A CPU of root's meets its end in EL2: it is said so, and the others go on. Not every Linux that lost a
        # CPU so still answers.
        look_into_el2("overflow", "^says stack overflow, vector 4, ", "^goes on: another$",
                      meanwhile=CALL),
        give_up,
    ], hardware.debugged()),
    # With pointer authentication and landing pads.
    Test("el2_map_max", "enabled", 180, [
        start("hello"),
        console("hello", nonce()),
        looks("guarded", 1),
        look_into_el2("traps", r"^cpu \d: cell 1, not trapped: nothing$"),
        console("hello", nonce(), history=False),
        look_into_el2("overwrite", "^says stack overwritten, ", meanwhile=CALL),
        give_up,
    ], hardware.debugged(hardware.cpu_max)),
    # A return address that is not signed leads nowhere: an instruction abort, or FPAC where the CPU has that.
    # So does a call to where no landing pad is.
    *[Test(f"el2_{attack}", "enabled", 180, [
        look_into_el2(attack, f"^says fault, vector 4, esr {esr}$", meanwhile=CALL),
        give_up,
    ], hardware.debugged(hardware.cpu_max)) for attack, esr in (
        ("forge", "(860000[0-9a-f]{2}|720000[0-9a-f]{2})"), ("jump", "36000002"))],
]
