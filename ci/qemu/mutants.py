#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Does anybody notice when a check goes missing? MUTANTS are hypervisors with one of them removed:

    mutants.py [--only WORDS]

runs against each the unit tests and the fuzzers that its file is linked into, and if these pass the rows
of the system tests that it names, until one fails. A mutant that survives is a failure, of the tests;
so is one that does not build. build/ci/mutants.md has the table of who caught what, and
Documentation/tests.md a copy of it.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("O") or TOP / "build").resolve()
WORK = BUILD / "mutants"

# In a file of hypervisor/ the text `old`, which it has once, becomes `new`. `rows`: names in tests.py.
Mutant = namedtuple("Mutant", "name file old new rows")

MUTANTS = [Mutant(*row) for row in (
    # --- interrupts ---
    ("SGIs go to other cells", "arch/arm64/sysreg.c",
     "if (cpu->cell == cell && sgi_wants(self, cpu, *value))", "if (cell && sgi_wants(self, cpu, *value))",
     "attacks"),
    ("all SPIs are everybody's", "arch/arm64/vgic.c",
     "return f->cell->irqs[intid / 32];", "return ~0u;", "arch"),
    ("the quick way writes foreign SPIs", "arch/arm64/include/vgic_quick.h",
     "\t\tvalue &= cell->irqs[at % 0x80 / 4];\n", "", "arch"),
    ("the quick way writes foreign priorities", "arch/arm64/include/vgic_quick.h",
     "(gicd_read32(at) & ~mask) | (vgic_clamp(value) & mask)", "vgic_clamp(value)", "arch"),
    ("the quick way shows foreign SPIs", "arch/arm64/include/vgic_quick.h",
     "return gicd_read32(at) & cell->irqs[at % 0x80 / 4];", "return gicd_read32(at);", "arch"),
    ("priority 0 is not the kick's alone", "arch/arm64/include/vgic_quick.h",
     "return (value & ~(zero * 0xff)) | zero * gic_priority_step;", "return value;", "arch"),
    ("an SPI is routed anywhere", "arch/arm64/vgic.c",
     "if (owned(f, row->intid + (offset - row->first) / 8)) {", "if (row) {", "arch"),
    ("1-of-N goes to any CPU", "arch/arm64/vgic.c",
     "if (route & GICD_IROUTER_IRM)\n\t\t\t\ttarget = first_cpu(f->cell);\n\t\t\telse\n"
     "\t\t\t\ttarget = vgic_find_cpu(f->cell, route & AFFINITY_MASK);\n"
     "\t\t\tif (target)\n\t\t\t\tgicd_write64(offset, target->mpidr);",
     "target = route & GICD_IROUTER_IRM ? first_cpu(f->cell) :\n"
     "vgic_find_cpu(f->cell, route & AFFINITY_MASK);\n"
     "\t\t\tif (target)\n"
     "\t\t\t\tgicd_write64(offset, route & GICD_IROUTER_IRM ? route : target->mpidr);",
     "arch"),
    ("SETSPI raises foreign SPIs", "arch/arm64/vgic.c",
     "if (a->offset == row->first && owned(f, intid))", "if (a->offset == row->first && f)", "arch"),
    ("root reaches the redistributor of a CPU it lent", "arch/arm64/vgic.c",
     "if (f->cpu && f->cpu->cell != f->cell && allowed != RO)\n\t\tallowed = NO;\n", "",
     "cpu_of_a_cell_stays_there"),
    ("LPI tables may lie anywhere", "arch/arm64/vgic.c",
     "if (value & ~ctlr & GICR_CTLR_ENABLE_LPIS && !lpi_tables_allowed(f))\n"
     "\t\tvalue &= ~GICR_CTLR_ENABLE_LPIS;\n", "\t(void)lpi_tables_allowed;\n", ""),
    ("DIR deactivates foreign SPIs", "arch/arm64/sysreg.c",
     "own = cell_owns_irq(cpu->cell, (uint32_t)intid);", "own = true;", "arch irqs_of_each_kind"),
    # --- registers ---
    ("SVE is shown", "arch/arm64/idregs.c",
     "{ 0x1101000001110012, 0x0000000000ff0000 }", "{ 0x1101000f01110012, 0x0000000000ff0000 }",
     "arch_cpu_max"),
    ("identification registers are not filtered", "arch/arm64/vcpu.c", "HCR_TID1 | HCR_TID3 |",
     "HCR_TID1 |", "arch"),
    ("LORegions and RAS are not trapped", "arch/arm64/vcpu.c", " | HCR_TLOR | HCR_TERR |", " |",
     "arch_cpu_max"),
    ("trace and profiling are not trapped", "arch/arm64/vcpu.c", " | MDCR_TTRF | MDCR_TPMS", "",
     "el2_map_max"),
    # --- calls ---
    ("cells have hypercalls", "arch/arm64/calls.c",
     "if (root && regs->x[0] >= CAISSON_HC_BASE", "if (regs->x[0] >= CAISSON_HC_BASE",
     "arch"),
    ("cells call firmware", "arch/arm64/calls.c",
     "\tif (trap->cpu->cell->id == 0)\n\t\tsmc_forward(trap->regs);\n\telse\n"
     "\t\trefuse(trap, CAISSON_REFUSED_SMC);\n", "\tsmc_forward(trap->regs);\n", "arch"),
    ("CPU_ON reaches CPUs of others", "arch/arm64/psci.c",
     "\tif (cell->id)\n\t\treturn vgic_cell_cpu(cell, mpidr);\n", "\t(void)cell;\n",
     "arch attacks"),
    ("the counters of no CPU are read", "core/hypercalls.c",
     "if (cpu >= ncpus || cause >= CAISSON_EXIT_COUNT)", "if (cause >= CAISSON_EXIT_COUNT)", ""),
    ("a walk may leave the table", "core/hypercalls.c",
     "if (call->arg[2] >> cell->s2.ipa_bits)", "if (0)", ""),
    # --- memory ---
    ("memory is not zeroed", "core/cell_scrub.c",
     "zero_page_to_poc(window_map(WINDOW_A, PA(pa.v + at)));",
     "window_map(WINDOW_A, PA(pa.v + at));", "memory_regions"),
    ("root keeps what it lent", "core/cell_own.c",
     "code = s2_disown(&root_cell->s2, IPA(pa.v), *size, S2_OWNER_CELL + cell->id);", "code = 0;",
     "kcore"),
    ("memory of others is lent", "core/cell_own.c",
     "\tcode = root_ram_check(pa.v, *size, S2_READ | S2_WRITE, PIECE_ENTRIES, &at);\n",
     "\tcode = 0;\n\tat = IPA(pa.v + *size);\n", "config_over_hypervisor config_over_cell"),
    ("root keeps a cell's image", "core/cell_image.c",
     "code = s2_disown(&root_cell->s2, IPA(pa.v), *size, S2_OWNER_CELL + cell->id);", "code = 0;", ""),
    ("a cell is restarted in what it wrote", "core/cell_image.c",
     "\twhile (goes_on(cell) && cell_scrub_piece(cell, true))\n\t\t;\n", "", "keep_image"),
    ("a load copies root from where it may not read", "core/cell.c",
     "\tif (code)\n\t\treturn -(int64_t)code;\n\tentry = s2_lookup(&cell->s2, ipa);",
     "\t(void)code;\n\tentry = s2_lookup(&cell->s2, ipa);", ""),
    ("the TLB is not invalidated", "arch/arm64/tlb.c", "round < 2", "round < 0",
     "destroy_raised_priority"),
    ("a CPU that masks its kick keeps its stage 2", "arch/arm64/tlb.c",
     "\t\troot_entries_set_valid(s2, false);\n", "\t\ts2->revoked = true;\n",
     "destroy_raised_priority"),
    ("a device's bytes may have two owners", "core/cell_make.c",
     "else if (shared && bytes_taken(part.dev->pa, part.dev->size))", "else if (0)",
     "device_in_parts"),
    ("an SPI may have two owners", "core/cell_make.c",
     "else if (!cell_owns_irq(root_cell, intid) || intid == boot->doorbell_intid)",
     "else if (intid == boot->doorbell_intid)", "config_irq-owned"),
    # --- what the last owner left ---
    ("SIMD registers are kept", "arch/arm64/vcpu.c", "\tsimd_reset();\n\treset_virtual",
     "\treset_virtual", "same_start"),
    ("breakpoints are kept", "arch/arm64/vcpu.c", "\treset_debug();\n\treset_pmu();\n",
     "\t(void)reset_debug;\n\treset_pmu();\n", "same_start"),
    ("the PMU is kept", "arch/arm64/vcpu.c", "\treset_debug();\n\treset_pmu();\n",
     "\treset_debug();\n\t(void)reset_pmu;\n", "same_start"),
    ("a thread's pointer is kept", "arch/arm64/reset.S", "tpidr_el0, tpidrro_el0, ",
     "tpidrro_el0, ", "same_start"),
    ("types of events are kept", "arch/arm64/vcpu.c", "\t\twrite_sysreg(pmxevtyper_el0, 0);\n", "",
     "registers_are_reset"),
    ("pending interrupts are kept", "arch/arm64/gicv3.c",
     "\tgicr_write32(cpu, GICR_ICPENDR0, ~kept);\n", "\t(void)kept;\n", "same_start"),
    # --- the validator ---
    ("interrupts may be listed twice", "core/config_check.c",
     "\tif (ranges_meet(a->first, a->count, b->first, b->count))\n"
     "\t\treturn refuse(CAISSON_E_IRQ_TWICE", "\tif (0)\n\t\treturn refuse(CAISSON_E_IRQ_TWICE", ""),
    ("memory may overlap", "core/config_check.c",
     "\tif (b.size && ranges_meet(a.start, a.size, b.start, b.size))\n"
     "\t\treturn refuse(CAISSON_E_OVERLAP", "\tif (0)\n\t\treturn refuse(CAISSON_E_OVERLAP", ""),
    ("a section may end behind the file", "core/config_check.c",
     "s->count > (h->size - s->offset) / s->entry_size)", "0)", ""),
    ("memory may wrap around", "core/config_check.c",
     "\tif (!in_address_space(m->ipa, m->size))\n", "\tif (0)\n", ""),
    ("a name may lack its end", "core/config_check.c", "return len > 0 && len < CAISSON_NAME_LEN;",
     "return len > 0;", ""),
)]


TABLE = ["| Removed | Where | Caught by |", "| --- | --- | --- |"]
# How pytest, cmocka, the sanitizers and libFuzzer say that something has failed, the first first.
FAILED = [re.compile(pattern, re.M) for pattern in (
    r"^FAILED \S*\[([^]]+)\]", r"^\[  FAILED  \] (?!\d+ test)(.+)$", r"^SUMMARY: (\w+: \S+(?: signal)?)")]


def copy_tree():
    """The sources as they are, committed or not, where they can be changed."""
    tree = WORK / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, check=True,
                            capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, listed):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        if (TOP / name).exists():
            shutil.copy(TOP / name, tree / name)  # newer than what was built before
    return tree


def linked(tree, kind, file):
    """The programs of ci/unit or ci/fuzz that contain a file of hypervisor/."""
    for path in sorted((tree / "ci" / kind).glob("*.c")):
        text = path.read_text()
        sources = " ".join(re.findall(r"^ \* Sources: (.*)", text, re.M)).split()
        if f"hypervisor/{file}" in sources or file.endswith(".h") and any(
                Path(file).name in (tree / source).read_text() for source in sources):
            yield path.stem


def run(name, command, **environment):
    """Runs it; returns its exit status and what it said, which is kept under that name."""
    keep = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(command, cwd=TOP, env={**keep, **environment}, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    with open(WORK / f"{name.replace(' ', '-')}.log", "a", encoding="utf-8") as log:
        log.write(done.stdout)
    return done.returncode, done.stdout


def build(name, directory, *words):
    """What does not build has been noticed by nobody."""
    status, said = run(name, ["make", "-s", "-C", str(directory), f"O={WORK / 'build'}", *words])
    if status:
        sys.exit(f"mutants: `{name}' does not build:\n{said}")


def failed(name, command, **environment):
    """Which test failed, or None if none did."""
    status, said = run(name, command, **environment)
    if not status:
        return None
    found = next(filter(None, (pattern.search(said) for pattern in FAILED)), None)
    if not found:
        sys.exit(f"mutants: `{name}': {' '.join(command)} says not what failed:\n{said[-2000:]}")
    return found[1]


def on_host(name, tree, files):
    """Which unit test or fuzzer notices, of those that contain one of the files; or None."""
    for kind in ("unit", "fuzz"):
        for program in sorted({program for file in files for program in linked(tree, kind, file)}):
            build(name, tree / "ci" / kind, str(WORK / "build" / kind / program))
            found = failed(name, ["make", "-s", "-C", str(tree / "ci" / kind), f"O={WORK / 'build'}",
                                  program if kind == "unit" else f"targets={program}"])
            if found:
                return f"{kind}: `{program}`, `{found}`"
    return None


def in_qemu(mutant):
    """Which of the rows that it names notices, or None."""
    if not mutant.rows:
        return None
    rows = [f"ci/qemu/test_system.py::test_system[{row}]" for row in mutant.rows.split()]
    found = failed(mutant.name, [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *rows],
                   MUTANT=mutant.name, O=str(BUILD), PYTHONDONTWRITEBYTECODE="1")
    return f"row: `{found}`" if found else None


def catcher(mutant, tree):
    """Who notices: a text, or None."""
    path = tree / "hypervisor" / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        sys.exit(f"mutants: {mutant.file} has not once:\n{mutant.old}")
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        build(mutant.name, tree / "hypervisor")
        return on_host(mutant.name, tree, [mutant.file]) or in_qemu(mutant)
    finally:
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose names contain this")
    only = parser.parse_args().only
    shutil.rmtree(WORK, ignore_errors=True)
    tree = copy_tree()
    wanted = [mutant for mutant in MUTANTS if only in mutant.name]
    if found := on_host("nothing", tree, {mutant.file for mutant in wanted}):
        sys.exit(f"mutants: with nothing removed, {found}")
    path = BUILD / "ci" / "mutants.md"
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    table = {row.split(" | ")[0]: row for row in before if row not in TABLE}
    survivors = 0
    for mutant in wanted:
        found = catcher(mutant, tree)
        survivors += not found
        name = f"| {mutant.name}"
        table[name] = f"{name} | `{mutant.file}` | {found or '**nobody**'} |"
        print(table[name], flush=True)
        known = [table[f"| {row.name}"] for row in MUTANTS if f"| {row.name}" in table]
        path.write_text("\n".join(TABLE + known) + "\n", encoding="utf-8")
    print(f"mutants: {len(wanted) - survivors} passed, {survivors} failed")
    return 1 if survivors or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
