# SPDX-License-Identifier: GPL-2.0-only
"""
Runs inside gdb-multiarch, attached to QEMU, with the symbols of caisson.elf: looks at EL2 from outside, with
nothing of EL2's own in between. Prints what it sees, one line each; steps.py compares.

    gdb-multiarch -batch -nx -ex "target remote SOCKET" -ex "python COMMAND = ..." -x el2.py caisson.elf

COMMAND: `map`, walks the tables of each CPU; `traps`, what cells' CPUs do not trap; `overflow`, lowers the
stack pointer in the next hypercall; `overwrite`, changes the canary in it; `forge`, changes the return address
that it has on the stack; `jump`, leads EL2's call of a function behind the function's landing pad.
"""

import re

import gdb  # pylint: disable=import-error

PRIVATE = 0x0000_8100_0000_0000  # abi/caisson/image.h
STACK, STACK_TOP = PRIVATE + 0x3000, PRIVATE + 0x5000
PAGE = 4096
# What a cell must not reach, or be shown as it is, also where QEMU has nothing behind it: Arm ARM D17.2.
TRAPS = {"HCR_EL2": {"TID1": 16, "TID3": 18, "TSC": 19, "TIDCP": 20, "TACR": 21, "TSW": 22, "TLOR": 35,
                     "TERR": 36},
         "MDCR_EL2": {"TPMS": 14, "HPMD": 17, "TTRF": 19}}
VALID, TABLE, READ_ONLY, GUARDED, NEVER = 1, 2, 1 << 7, 1 << 50, 1 << 54


def value(expression):
    return int(gdb.parse_and_eval(expression)) & (1 << 64) - 1


def symbol(name):
    return value(f"(unsigned long)&{name}")


def physical(on):
    gdb.execute(f"maint packet Qqemu.PhyMemMode:{int(on)}", to_string=True)


def leaves(table, level=0, base=0):
    """(address, descriptor, size) of all that a table maps, or those below it."""
    memory = gdb.selected_inferior().read_memory(table, PAGE).tobytes()
    for i in range(512):
        entry = int.from_bytes(memory[8 * i:8 * i + 8], "little")
        size = PAGE << 9 * (3 - level)
        address = base + i * size
        if not entry & VALID:
            continue
        if level < 3 and entry & TABLE:
            yield from leaves(entry & 0xffff_ffff_f000, level + 1, address)
        else:
            yield address, entry, size


def walk(cpu):
    """One CPU's map, as its hardware has it now."""
    pages = {address: entry for address, entry, size in leaves(value("$TTBR0_EL2") & 0xffff_ffff_fffe)
             if size == PAGE}
    writable = {at for at, entry in pages.items() if not entry & READ_ONLY}
    executable = {at for at, entry in pages.items() if not entry & NEVER}
    guarded = {at for at in executable if pages[at] & GUARDED}
    text = set(range(symbol("__guarded_start"), symbol("__rodata_start"), PAGE))
    sctlr = value("$SCTLR_EL2")
    guard = symbol("__stack_chk_guard")
    canary = gdb.selected_inferior().read_memory(pages[guard] & 0xffff_ffff_f000, 8).tobytes()
    print(f"cpu {cpu}: {len(pages)} pages, both {len(writable & executable)}, "
          f"text {'guarded' if guarded == text else 'open' if not guarded else 'mixed'}, "
          f"stack {sum(at in writable for at in range(STACK, STACK_TOP, PAGE))}, "
          f"guards {sum(at in pages for at in (STACK - PAGE, STACK_TOP))}, "
          f"canary {'zero' if not any(canary) else 'writable' if guard in writable else 'random'}, "
          f"wxn {sctlr >> 19 & 1}, signed {sctlr >> 31 & 1}")


def show_map():
    physical(True)
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num):
        thread.switch()
        # Others, that Linux has off, have none.
        if value("$TPIDR_EL2"):
            walk(thread.num - 1)
    physical(False)


def show_traps():
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        if cell := value("$VTTBR_EL2") >> 48:
            missing = [bit for register, bits in TRAPS.items() for bit, number in bits.items()
                       if not value(f"${register}") >> number & 1]
            print(f"cpu {thread.num - 1}: cell {cell}, not trapped: {' '.join(missing) or 'nothing'}")


def stop_at(*places):
    """Lets the machine run until a CPU is at one of them; the debugger is with that CPU then."""
    for at in places:
        gdb.execute(f"hbreak *{at:#x}", to_string=True)
    print("ready", flush=True)
    gdb.execute("continue", to_string=True)
    if gdb.selected_frame().pc() not in places:
        raise gdb.GdbError(f"at none of {places}")
    gdb.execute("delete", to_string=True)


def instructions(function, pattern):
    """Those of the function that look so: {address: what each has in brackets}."""
    # The image's file has them, whatever is mapped where the CPUs are now.
    gdb.execute("set trust-readonly-sections on")
    text = gdb.execute(f"disassemble {function}", to_string=True)
    return {int(at, 16): found for at, found in re.findall(rf"(0x[0-9a-f]+) <\+\d+>:\s+{pattern}", text)}


def stop_in(function, pattern):
    """At the first of these that a CPU comes to; what it has in brackets."""
    places = instructions(function, pattern)
    stop_at(*places)
    return places[gdb.selected_frame().pc()]


def says():
    """What trap_el2() has the log say: what happened, the vector, ESR_EL2."""
    stop_at(symbol("log_line"))
    print(f"says {gdb.parse_and_eval('(char *)$x1').string()}, vector {value('$x3')}, "
          f"esr {value('$x4'):x}")


def others_go_on():
    """Root's other CPUs are where they take their own interrupts, from EL1 or EL0 (Arm ARM D1.3.1)."""
    dead = gdb.selected_thread().num
    bases = set()
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        if thread.num != dead:
            bases.add(value("$VBAR"))
    stop_at(*[base + offset for base in sorted(bases) for offset in (0x280, 0x480)])
    print(f"goes on: {'not ' if gdb.selected_thread().num == dead else ''}another")


def overflow():
    stop_at(symbol("hypercall"))
    gdb.execute(f"set $sp = {STACK + 16}")
    says()
    others_go_on()


def overwrite():
    stop_at(symbol("do_stats"))
    gdb.execute("set var *(unsigned long *)&__stack_chk_guard = 0x5a5a5a5a5a5a5a5a")
    # Other CPUs may be in EL2 too, and meet the same end: what the first of them says will do.
    says()


def forge():
    offset = stop_in("hypercall", r"ldr\s+x30, \[sp, #(\d+)\]")
    gdb.execute(f"set var *(unsigned long *)($sp + {offset}) = {symbol('log_line'):#x}")
    says()


def jump():
    register = stop_in("hypercall", r"blr\s+(x\d+)")
    gdb.execute(f"set ${register} = ${register} + 4")
    says()


{"map": show_map, "traps": show_traps, "overflow": overflow, "overwrite": overwrite, "forge": forge,
 "jump": jump}[COMMAND]()  # noqa: F821 # pylint: disable=undefined-variable
gdb.execute("detach", to_string=True)
print("done")
