#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Does anybody notice when a check goes missing? MUTANTS are hypervisors with one of them removed:

    mutants.py [--only WORDS]

runs against each the unit tests, the fuzzers and then those rows of the system tests that attack
what the check was for, until one fails. A mutant that survives is a failure, of the tests. The table
of who caught what is printed at the end, and kept in build/ci/mutants.md.
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

# In a file of hypervisor/ the text `old`, which it has once, becomes `new`. `rows` is for pytest -k.
Mutant = namedtuple("Mutant", "name file old new rows")

MUTANTS = [Mutant(*row) for row in (
    # --- interrupts ---
    ("SGIs go to other cells", "arch/arm64/sysreg.c",
     "if (cpu->cell == cell && sgi_wants(self, cpu, *value))", "if (sgi_wants(self, cpu, *value))",
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
     "if (owned(f, row->intid + (offset - row->first) / 8)) {", "{", "arch"),
    ("1-of-N goes to any CPU", "arch/arm64/vgic.c",
     "if (route & GICD_IROUTER_IRM)\n\t\t\t\ttarget = first_cpu(f->cell);\n\t\t\telse\n"
     "\t\t\t\ttarget = vgic_find_cpu(f->cell, route & AFFINITY_MASK);\n"
     "\t\t\tif (target)\n\t\t\t\tgicd_write64(offset, target->mpidr);",
     "target = vgic_find_cpu(f->cell, route & AFFINITY_MASK);\n"
     "\t\t\tgicd_write64(offset, route & GICD_IROUTER_IRM || !target ? route : target->mpidr);",
     "arch"),
    ("SETSPI raises foreign SPIs", "arch/arm64/vgic.c",
     "if (a->offset == row->first && owned(f, intid))", "if (a->offset == row->first)", "arch"),
    ("root reaches the redistributor of a CPU it lent", "arch/arm64/vgic.c",
     "if (f->cpu && f->cpu->cell != f->cell && allowed != RO)\n\t\tallowed = NO;\n", "", "cpu"),
    ("LPI tables may lie anywhere", "arch/arm64/vgic.c",
     "if (value & ~ctlr & GICR_CTLR_ENABLE_LPIS && !lpi_tables_allowed(f))\n"
     "\t\tvalue &= ~GICR_CTLR_ENABLE_LPIS;\n", "", "lpi"),
    ("DIR deactivates foreign SPIs", "arch/arm64/sysreg.c",
     "own = cell_owns_irq(cpu->cell, (uint32_t)intid);", "own = true;", "arch or irqs"),
    # --- registers ---
    ("SVE is shown", "arch/arm64/idregs.c",
     "{ 0x1101000001110012, 0x0000000000ff0000 }", "{ 0x1101000f01110012, 0x0000000000ff0000 }",
     "arch"),
    ("identification registers are not filtered", "arch/arm64/vcpu.c", "HCR_TID1 | HCR_TID3 |",
     "HCR_TID1 |", "arch or cpu_max"),
    ("LORegions and RAS are not trapped", "arch/arm64/vcpu.c", " | HCR_TLOR | HCR_TERR |", " |",
     "attacks_max_qemu_10"),
    ("trace and profiling are not trapped", "arch/arm64/vcpu.c", " | MDCR_TTRF | MDCR_TPMS", "",
     "attacks_max_qemu_10"),
    # --- calls ---
    ("cells have hypercalls", "arch/arm64/calls.c",
     "if (root && regs->x[0] >= CAISSON_HC_BASE", "if (regs->x[0] >= CAISSON_HC_BASE",
     "arch or attacks"),
    ("cells call firmware", "arch/arm64/calls.c",
     "\tif (trap->cpu->cell->id == 0)\n\t\tsmc_forward(trap->regs);\n\telse\n"
     "\t\trefuse(trap, CAISSON_REFUSED_SMC);\n", "\tsmc_forward(trap->regs);\n", "attacks"),
    ("CPU_ON reaches CPUs of others", "arch/arm64/psci.c",
     "\tif (cell->id)\n\t\treturn vgic_cell_cpu(cell, mpidr);\n", "", "arch or attacks or smp"),
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
     "\tcode = 0;\n\tat = IPA(pa.v + *size);\n", "config_over"),
    ("root keeps a cell's image", "core/cell_image.c",
     "code = s2_disown(&root_cell->s2, IPA(pa.v), *size, S2_OWNER_CELL + cell->id);", "code = 0;", ""),
    ("a cell is restarted in what it wrote", "core/cell_image.c",
     "\twhile (goes_on(cell) && cell_scrub_piece(cell, true))\n\t\t;\n", "", "keep_image"),
    ("a load copies root from where it may not read", "core/cell.c",
     "\tif (code)\n\t\treturn -(int64_t)code;\n\tentry = s2_lookup(&cell->s2, ipa);",
     "\t(void)code;\n\tentry = s2_lookup(&cell->s2, ipa);", ""),
    ("the TLB is not invalidated", "arch/arm64/tlb.c", "round < 2", "round < 0", "kcore or device"),
    ("a CPU that masks its kick keeps its stage 2", "arch/arm64/tlb.c",
     "\t\troot_entries_set_valid(s2, false);\n", "\t\ts2->revoked = true;\n",
     "destroy_raised_priority"),
    ("a device's bytes may have two owners", "core/cell_make.c",
     "else if (shared && bytes_taken(part.dev->pa, part.dev->size))", "else if (0)",
     "device_in_parts"),
    ("an SPI may have two owners", "core/cell_make.c",
     "else if (!cell_owns_irq(root_cell, intid) || intid == boot->doorbell_intid)",
     "else if (intid == boot->doorbell_intid)", "irq_owned"),
    # --- what the last owner left ---
    ("SIMD registers are kept", "arch/arm64/vcpu.c", "\tsimd_reset();\n\treset_virtual",
     "\treset_virtual", "same"),
    ("breakpoints are kept", "arch/arm64/vcpu.c", "\treset_debug();\n\treset_pmu();\n",
     "\treset_pmu();\n", "same"),
    ("the PMU is kept", "arch/arm64/vcpu.c", "\treset_debug();\n\treset_pmu();\n",
     "\treset_debug();\n", "same"),
    ("a thread's pointer is kept", "arch/arm64/reset.S", "tpidr_el0, tpidrro_el0, ",
     "tpidrro_el0, ", "same"),
    ("pending interrupts are kept", "arch/arm64/gicv3.c",
     "\tgicr_write32(cpu, GICR_ICPENDR0, ~kept);\n", "\t(void)kept;\n", "same"),
    # --- the validator ---
    ("interrupts may be listed twice", "core/config_check.c",
     "\tif (ranges_meet(a->first, a->count, b->first, b->count))\n"
     "\t\treturn refuse(CAISSON_E_IRQ_TWICE", "\tif (0)\n\t\treturn refuse(CAISSON_E_IRQ_TWICE", ""),
    ("a section may end behind the file", "core/config_check.c",
     "s->count > (h->size - s->offset) / s->entry_size)", "0)", ""),
    ("memory may wrap around", "core/config_check.c",
     "\tif (!in_address_space(m->ipa, m->size))\n", "\tif (0)\n", ""),
    ("a name may lack its end", "core/config_check.c", "return len > 0 && len < CAISSON_NAME_LEN;",
     "return len > 0;", ""),
)]


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


def fails(command, **environment):
    """What failed, as one line, or None if nothing did."""
    keep = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(command, cwd=TOP, env={**keep, **environment}, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    (WORK / "last.log").write_text(done.stdout, encoding="utf-8")
    if not done.returncode:
        return None
    named = re.search(r"^(?:FAILED \S*\[(\w+)\]|\[  FAILED  \] (\w+)$|SUMMARY: (.*)|fuzz: (\w+).*failed)",
                      done.stdout, re.M)
    return next(filter(None, named.groups()), "") if named else "does not build or end"


def on_host(tree):
    """What the tests on the host say of these sources: which failed, or None."""
    for kind in ("unit", "fuzz"):
        found = fails(["make", "-s", "-C", str(tree / "ci"), kind, f"O={WORK / 'build'}"])
        if found:
            return f"{kind}: {found}"
    return None


def catcher(mutant, tree):
    """Who notices: a text, or None."""
    path = tree / "hypervisor" / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        sys.exit(f"mutants: {mutant.file} has not once:\n{mutant.old}")
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        found = on_host(tree)
    finally:
        path.write_text(text)
    if found or not mutant.rows:
        return found
    found = fails(["make", "-s", "-C", "ci", "system", f"T={mutant.rows}", f"O={BUILD}"],
                  MUTANT=mutant.name)
    return f"system: {found}" if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose names contain this")
    only = parser.parse_args().only
    tree = copy_tree()
    if (found := on_host(tree)):
        sys.exit(f"mutants: with nothing removed, {found}")
    table = ["| Removed | Where | Caught by |", "| --- | --- | --- |"]
    survivors = 0
    for mutant in MUTANTS:
        if only not in mutant.name:
            continue
        found = catcher(mutant, tree)
        survivors += not found
        table.append(f"| {mutant.name} | `{mutant.file}` | {found or '**nobody**'} |")
        print(table[-1], flush=True)
    (BUILD / "ci" / "mutants.md").write_text("\n".join(table) + "\n", encoding="utf-8")
    count = len(table) - 2
    print(f"mutants: {count - survivors} passed, {survivors} failed")
    return 1 if survivors or not count else 0


if __name__ == "__main__":
    sys.exit(main())
