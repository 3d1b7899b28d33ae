# SPDX-License-Identifier: GPL-2.0-only
"""caisson.elf as it was built: nothing that EL2 may write holds, or could hold, the address of a function."""

import subprocess

from machine import BUILD

ELF = BUILD / "hypervisor" / "caisson.elf"
# What EL2 makes in its pool, and each CPU's own data.
POOL = ("struct cell", "struct cpu", "struct cpu_private", "struct sgi_group")

# Inside gdb: the name of each variable or type, of those given, that has a pointer to a function in it.
LOOK = """
import gdb
def has(type):
    type = type.strip_typedefs()
    if type.code == gdb.TYPE_CODE_PTR:
        return type.target().strip_typedefs().code == gdb.TYPE_CODE_FUNC
    if type.code == gdb.TYPE_CODE_ARRAY:
        return has(type.target())
    if type.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        return any(has(field.type) for field in type.fields())
    return False
for name in NAMES:
    what = (gdb.lookup_type(name) if name.startswith("struct ")
            else (gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)).type)
    print("looked at", name)
    if has(what):
        print("HOLDS", name)
"""


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def symbols():
    """name -> (address, kind as nm has it)"""
    lines = [line.split() for line in output("aarch64-linux-gnu-nm", str(ELF)).splitlines()]
    return {name: (int(address, 16), kind) for address, kind, name in lines}


def functions_in(names):
    said = output("gdb-multiarch", "-batch", "-nx", "-ex", f"python NAMES = {list(names)!r}",
                  "-ex", f"python exec({LOOK!r})", str(ELF))
    assert said.count("looked at ") == len(names), said
    return [line for line in said.splitlines() if line.startswith("HOLDS")]


def test_what_is_looked_for_is_found():
    assert functions_in(["struct trap_class", "struct irq_mode"]) == \
        ["HOLDS struct trap_class", "HOLDS struct irq_mode"]


def test_no_function_pointer_can_be_written():
    all_symbols = symbols()
    text, rodata = (all_symbols[name][0] for name in ("__image_start", "__rodata_start"))
    writable = sorted({name.partition(".")[0] for name, (_, kind) in all_symbols.items()
                       if kind in "bBdD" and not name.startswith("__")})
    assert len(writable) > 10
    assert not functions_in([*writable, *POOL])
    raw = BUILD / "hypervisor" / "data.bin"
    output("aarch64-linux-gnu-objcopy", "-O", "binary", "-j", ".data", str(ELF), str(raw))
    data = raw.read_bytes()
    assert not [at for at in range(0, len(data) - 7, 8)
                if text <= int.from_bytes(data[at:at + 8], "little") < rodata]
