# SPDX-License-Identifier: GPL-2.0-only
"""
What each attack of the inmate `attack` may lead to: the declared outcomes, from the architecture and
the design, and the steps that hold its reports against them. Sections are those of the Arm ARM (DDI
0487) where they are not named otherwise.
"""

import re
from collections import Counter

from steps import need, see

# Letters of a report: done, UNDEFINED, external abort, anything else.
DONE, UNDEFINED, ABORT = "o", "u", "a"


def encodings(text):
    """{(op0, op1, CRn, CRm, op2): "r", "w" or "rw"}: a row is op0 op1 CRn CRm op2... and directions.

    CRm and op2 may be ranges a-b; a register that a CPU has not is UNDEFINED, whatever stands here.
    """
    def numbers(word):
        first, _, last = word.partition("-")
        return range(int(first), int(last or first) + 1)
    table = {}
    for row in text.strip().splitlines():
        op0, op1, crn, crms, op2s, how = row.split("#")[0].split()
        for crm in numbers(crms):
            for op2 in (op2 for word in op2s.split(",") for op2 in numbers(word)):
                table[int(op0), int(op1), int(crn), crm, op2] = how
    return table


# All that EL1 of a cell may do, by encoding (C5.2 and D17.2); any other is UNDEFINED. What is not
# here though Armv8 has it at EL1 is hidden: SVE, SME, MTE, SPE, TRBE, BRBE, trace, RAS, AMU, MPAM, LOR,
# SCXTNUM, and what is IMPLEMENTATION DEFINED.
REGISTERS = encodings("""
    2 0 0 0 2 rw         # OSDTRRX
    2 0 0 2 0,2 rw       # MDCCINT, MDSCR
    2 0 0 3 2 rw         # OSDTRTX
    2 0 0 6 2 rw         # OSECCR
    2 0 0 0-15 4-7 rw    # DBGBVR, DBGBCR, DBGWVR, DBGWCR
    2 0 1 0 0 r          # MDRAR
    2 0 1 0 4 w          # OSLAR
    2 0 1 1 4 r          # OSLSR
    2 0 1 3-4 4 rw       # OSDLR, DBGPRCR
    2 0 7 8-9 6 rw       # DBGCLAIMSET, DBGCLAIMCLR
    2 0 7 14 6 r         # DBGAUTHSTATUS
    2 3 0 1 0 r          # MDCCSR
    2 3 0 4-5 0 rw       # DBGDTR
    3 0 0 0-7 0-7 r      # identification
    3 0 1 0 0-2 rw       # SCTLR, ACTLR, CPACR
    3 0 2 0 0-2 rw       # TTBR0, TTBR1, TCR
    3 0 2 1-2 0-3 rw     # pointer authentication keys
    3 0 2 3 0-1 rw
    3 0 4 0 0-1 rw       # SPSR, ELR
    3 0 4 1 0 rw         # SP_EL0
    3 0 4 2 0,3,4 rw     # SPSel, PAN, UAO
    3 0 4 2 2 r          # CurrentEL
    3 0 4 3 0 r          # ALLINT, which is in PSTATE: what traps it traps writes alone
    3 0 4 6 0 rw         # ICC_PMR
    3 0 5 1 0-1 rw       # AFSR0, AFSR1
    3 0 5 2 0 rw         # ESR
    3 0 6 0 0 rw         # FAR
    3 0 7 4 0 rw         # PAR
    3 0 9 14 1-2 rw      # PMINTENSET, PMINTENCLR
    3 0 9 14 6 r         # PMMIR
    3 0 10 2-3 0 rw      # MAIR, AMAIR
    3 0 12 0 0 rw        # VBAR
    3 0 12 1 0 r         # ISR
    3 0 12 1 1 rw        # DISR, as VDISR_EL2
    3 0 12 8 0,2 r       # ICC_IAR0, ICC_HPPIR0
    3 0 12 8 1 w         # ICC_EOIR0
    3 0 12 8 3-7 rw      # ICC_BPR0, ICC_AP0R
    3 0 12 9 0-3 rw      # ICC_AP1R
    3 0 12 9 5 r         # ICC_NMIAR1: no interrupt is an NMI
    3 0 12 11 1,5-7 w    # ICC_DIR, ICC_SGI1R, ICC_ASGI1R, ICC_SGI0R
    3 0 12 11 3 r        # ICC_RPR
    3 0 12 12 0,2 r      # ICC_IAR1, ICC_HPPIR1
    3 0 12 12 1 w        # ICC_EOIR1
    3 0 12 12 3-7 rw     # ICC_BPR1, ICC_CTLR, ICC_SRE, ICC_IGRPEN
    3 0 13 0 1,4 rw      # CONTEXTIDR, TPIDR_EL1
    3 0 14 1 0 rw        # CNTKCTL
    3 1 0 0 0-2,7 r      # CCSIDR, CLIDR, CCSIDR2, AIDR
    3 2 0 0 0 rw         # CSSELR
    3 3 0 0 1,7 r        # CTR, DCZID
    3 3 2 4 0-1 r        # RNDR, RNDRRS
    3 3 4 2 0-1,5-7 rw   # NZCV, DAIF, DIT, SSBS, TCO
    3 3 4 4 0-1 rw       # FPCR, FPSR
    3 3 9 12 0-3,5 rw    # PMCR, PMCNTENSET, PMCNTENCLR, PMOVSCLR, PMSELR
    3 3 9 12 4 w         # PMSWINC
    3 3 9 12 6-7 r       # PMCEID
    3 3 9 13 0-2 rw      # PMCCNTR, PMXEVTYPER, PMXEVCNTR
    3 3 9 14 0,3 rw      # PMUSERENR, PMOVSSET
    3 3 13 0 2-3 rw      # TPIDR_EL0, TPIDRRO_EL0
    3 3 14 0 0-2,5-6 r   # CNTFRQ, CNTPCT, CNTVCT, CNTPCTSS, CNTVCTSS
    3 3 14 2-3 0-2 rw    # CNTP, CNTV
    3 3 14 8-15 0-7 rw   # PMEVCNTR, PMEVTYPER, PMCCFILTR
""")

# The Cortex-A57's own registers, as far as QEMU has them, as constants: HCR_EL2.TIDCP makes them
# UNDEFINED, but QEMU 7.2 does not know that bit. QEMU 10 does.
OWN_OF_A57 = encodings("""
    3 1 11 0 2-3 rw
    3 1 15 0-3 0-3 rw
""")

# The same of system instructions (C5.3 to C5.5), which are all writes.
INSTRUCTIONS = encodings("""
    1 0 7 1 0 w          # IC IALLUIS
    1 0 7 5 0 w          # IC IALLU
    1 0 7 6 1-6 w        # DC IVAC, ISW, and by tag
    1 0 7 10 2,4,6 w     # DC CSW
    1 0 7 14 2,4,6 w     # DC CISW
    1 0 7 8 0-3 w        # AT S1
    1 0 7 9 0-2 w        # AT S1 with PAN
    1 0 8 1-7 0-7 w      # TLBI of this regime, as VMID and stage 2 confine it
    1 0 9 1-7 0-7 w
    1 3 7 3 4-7 w        # CFP, COSP, DVP, CPP
    1 3 7 4 1,3-4 w      # DC ZVA, GVA, GZVA
    1 3 7 5 1 w          # IC IVAU
    1 3 7 10-14 1,3,5 w  # DC CVAC, CVAU, CVAP, CVADP, CIVAC, and by tag
""")

# Calls that are not refused, {function: predicate of the 64-bit result}; the rest is NOT_SUPPORTED.
SUCCESS = {0}
CALLS = {
    0x80000000: {0x10001, 0x10002, 0x10003, 0x10004},  # SMCCC_VERSION, DEN0028 7.2
    0x80000001: SUCCESS,                               # SMCCC_ARCH_FEATURES, 7.3: a random one is not there
    0x84000000: {0x10001, 0x10002, 0x10003},           # PSCI_VERSION, DEN0022 5.1
    0x84000004: {-2 & (1 << 64) - 1},                  # AFFINITY_INFO: no such CPU
    0xc4000004: {-2 & (1 << 64) - 1},
    0x84000006: {2},                                   # MIGRATE_INFO_TYPE
    0x8400000a: SUCCESS,                               # PSCI_FEATURES
    **{workaround: {workaround} for workaround in      # SMCCC_ARCH_WORKAROUND_n, 7.5: they answer nothing
       (0x80003fff, 0x80007fff, 0x80008000)},
}

# Whose an address is: memory.c's list, in its order. Behind it come those that the line names.
OWN, OWN_ODD, OWN_END, GICD, GICR, UART, NOWHERE, LAST = range(8)
EMULATED = (GICD, GICR, UART)


def report_lines(text):
    """The lines of a report that are to be compared, without their mark."""
    return [line[2:].strip() for line in text.splitlines() if line.startswith("* ")]


def judge_encodings(table, lines):
    """UNDEFINED is always right, since a CPU need not have what the architecture has."""
    strange = []
    for line in lines:
        match = re.fullmatch(r"(\d)_(\d)_c(\d+)_c(\d+)_(\d) read=(.) write=(.)", line)
        need(match, f"no encoding: {line}")
        how = table.get(tuple(int(group) for group in match.groups()[:5]), "")
        for letter, direction in ((match[6], "r"), (match[7], "w")):
            allowed = UNDEFINED + (DONE if direction in how else "")
            if letter not in allowed:
                strange.append(line)
                break
    return strange


def judge_calls(lines):
    strange = []
    for line in lines:
        match = re.fullmatch(r"(hvc|smc) 0x([0-9a-f]+) result=0x([0-9a-f]+)", line)
        wanted = match and CALLS.get(int(match[2], 16) & 0xffffffff, ())
        if not match or int(match[3], 16) not in wanted:
            strange.append(line)
    return strange


# Loads and stores of general registers, which EL2 carries out on what it emulates; of these, some
# addresses that are not aligned, which memory of that kind may forbid.
GENERAL = re.compile(r"(ldu?r(b|h|sb|sh|sw)?|stu?r[bh]?|ldpsw|ldn?p|stn?p|ldarb?|stlr) [wx]")
ODD = re.compile(r".*#[13]\]$")
# Forms that make no access which could be refused, or may be carried out without one (D7.5).
HARMLESS = ("prfm", "at ", "stxr", "stlxp")
# With EL0's permissions, of which EL1's map gives none.
UNPRIVILEGED = ("ldtr", "sttr")
MAINTENANCE = ("dc c", "dc ivac", "ic ")


def judge_memory(lines):
    """Foreign and missing memory is never reached; own memory always, but where alignment forbids it."""
    strange = []
    for line in lines:
        form, _, letters = line.rpartition(": ")
        for place, letter in enumerate(letters):
            allowed = ABORT + UNDEFINED
            if form.startswith(UNPRIVILEGED):
                allowed = "x"
            elif form.startswith(HARMLESS) or letter == UNDEFINED:
                allowed += DONE
            elif place == OWN or (form.startswith(MAINTENANCE) and place < NOWHERE):
                allowed = DONE + UNDEFINED
            elif place in (OWN_ODD, OWN_END):
                allowed += DONE + "x"
            elif place in EMULATED:
                allowed = DONE if GENERAL.match(form) else ABORT + UNDEFINED + "x"
                allowed += "x" if ODD.match(form) else ""
            elif form.startswith(MAINTENANCE):
                allowed += DONE
            if letter not in allowed:
                strange.append(line)
                break
    return strange


def judge_fetch(lines):
    return [line for line in lines if not re.fullmatch(r"fetch: o[oxu][oxu]a+", line)]


JUDGES = {
    "registers": lambda lines, qemu: judge_encodings(
        REGISTERS | OWN_OF_A57 if qemu == 7 else REGISTERS, lines),
    "instructions": lambda lines, qemu: judge_encodings(INSTRUCTIONS, lines),
    "calls": lambda lines, qemu: judge_calls(lines),
    "memory": lambda lines, qemu: judge_memory(lines),
    "fetch": lambda lines, qemu: judge_fetch(lines),
}


def register_values(lines):
    """What the kind `values` reports: {(op0, op1, CRn, CRm, op2): value}."""
    values = {}
    for line in lines:
        name, value = line.split()
        values[tuple(int(word.lstrip("c")) for word in name.split("_"))] = int(value, 16)
    return values


# Of what can be read, what tells the time or is drawn by lot: the counters, the timers' TVAL, RNDR.
MOVING = encodings("""
    3 3 2 4 0-1 r
    3 3 14 0 1-2,5-6 r
    3 3 14 2-3 0 r
""")


# Each kind, and what it is told beyond its seed: how many, or further addresses. Not among them are
# `frames`, millions of accesses; and `tables`: a CPU that cannot fetch its own vectors takes one abort
# after the other and retires no instruction, so that under -icount, which gives each CPU so many of them,
# no other CPU's turn comes.
ATTACKS = {
    "registers": "", "instructions": "", "gic": "2000", "uart": "500", "calls": "",
    "memory": "@{places}", "fetch": "@{places}", "storm": "2000", "cpus": "200",
}


def attack(kind, qemu, told=None, timeout=120):
    """
    For console(): one kind of attack under that version of QEMU; @{seed} is its seed, `told` what it is
    told if that is not in ATTACKS. What it may not lead to fails the test.
    """
    def action(context, session):
        words = ATTACKS.get(kind, "") if told is None else told
        session.line(context.fill(f"{kind} @{{seed}} {words}".strip()))
        match = session.expect(rf"(?s)(.*?)\n{kind}: seed=(\d+) done=(\d+) undefined=(\d+) "
                               r"aborted=(\d+) other=(\d+) wrong=(\d+)\r*\n", timeout)
        lines = report_lines(match[1].replace("\r", ""))
        tried = sum(int(number) for number in match.groups()[2:6])
        context.note(f"attacks ({kind}): {match[3]} done, {match[4]} UNDEFINED, {match[5]} aborted, "
                     f"{match[6]} other; seed {match[2]}")
        counts = context.values.setdefault("tried", {}).setdefault(kind, Counter())
        counts.update(dict(zip(("done", "UNDEFINED", "aborted", "other"), map(int, match.groups()[2:6]))))
        context.values["lines"] = lines
        strange = JUDGES.get(kind, lambda *_: [])(lines, qemu)
        need(not strange, f"{kind}, seed {match[2]}: not as declared:\n" + "\n".join(strange))
        need(int(match[7]) == 0, f"{kind}, seed {match[2]}: {match[7]} wrong:\n" + "\n".join(lines))
        need(tried, f"{kind}: nothing was tried")
        see("attack> ")(context, session)
    return action
