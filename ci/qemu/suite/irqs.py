# SPDX-License-Identifier: GPL-2.0-only
"""Interrupts of each kind, what they cost, and the modes in which they reach a cell."""

import hardware
from hardware import LIST, REVOKE, in_mode
from steps import (compile_cell, console, destroy, exits_between, keep, keep_exits, key, line,
                   memory_from_here, nonce, note, online, parallel_load, prompt, refused, report, run,
                   see, shell, start, start_linux, stop_load, verify, wait)
from suite.common import INTERRUPTS, Test, a_thousand, all_that_came, flip, notes
from variants import with_image

# --- interrupts of each kind, and who masks them ---


def takes(kind, count=1000):
    """The inmate irqs takes so many on its CPU 0, for what that costs in this mode."""
    return [
        console("irqs", line(f"{kind} {count}"), see("key before"), history=False),
        keep_exits("before", "irqs", only=0),
        console("irqs", key(" "), see(rf"END {kind} n={count} el2=(\d+)\r*\n", f"el2_{kind}"),
                see("key after"), history=False),
        keep_exits("after", "irqs", only=0),
        exits_between("before", "after", ["console"], irqs=lambda v: count),
        console("irqs", key(" "), see("irqs> "), history=False),
    ]


PRIORITIES = [
    start("irqs", "priority", "tests/irqs.cell"),
    console("irqs", see(r"priority: (\d+) SGIs\r*\n", "sgis"),
            see(r"withdrawn=(\d+)\r*\n", "withdrawn", timeout=90),
            see(r"DONE pass=27 fail=0 skip=0\r*\n"), nonce()),
    verify("firmware keeps SGIs only where it has interrupts of its own",
           lambda v: v["sgis"] == 14 or v["mode"] in (REVOKE, LIST)),
    verify("levels go with their source, but from list registers",
           lambda v: v["withdrawn"] == 0 or v["mode"] == LIST),
    destroy("irqs"),
]

KINDS = ("timer", "phys", "sgi", "spi")

IRQS = [
    Test("irqs_of_each_kind", "enabled", 120, [
        start("irqs", config="tests/irqs.cell"),
        console("irqs", see("irqs> ")),
        *[step for kind in KINDS for step in takes(kind)],
        destroy("irqs"),
    ], core=True),
    # The counters are EL2's own. Where it lets the PMU count it: none of its instructions.
    Test("irqs_without_el2", "loaded", 240, machine=hardware.icount, but={
        REVOKE: "the sleep until an interrupt exits", LIST: "interrupts exit"}, steps=[
        with_image("counts-el2", {"arch/arm64/vcpu.c": [("| MDCR_HPMD", "")]},
            run("hvctl enable"),
            start("irqs", config="tests/irqs.cell"),
            console("irqs", see("irqs> "), line("hvc 100"),
                    see(r"END hvc n=100 el2=(\d+)\r*\n", "el2_hvc"), see("irqs> ")),
            verify("HVCs are counted", lambda v: v["el2_hvc"] >= 100),
            *[step for kind in KINDS for step in takes(kind)],
            note("instructions of EL2 in 1,000 interrupts of each kind",
                 lambda v: [v[f"el2_{kind}"] for kind in KINDS]),
            verify("interrupts are not", lambda v: not any(v[f"el2_{kind}"] for kind in KINDS)),
            destroy("irqs"),
            run("hvctl disable")),
    ]),
    Test("irqs_masked_by_priority", "enabled", 120, PRIORITIES, core=True),
]


# --- a disk whose interrupts are LPIs ---

# The number of its interrupt in Linux, then the CPU that takes it.
DISK_IRQ = "IRQ=$(sed -n 's/^ *\\([0-9]*\\):.*ITS-MSI.*virtio0-req.*/\\1/p' /proc/interrupts)"
DISK_CPU = run(f"{DISK_IRQ}; cat /proc/irq/$IRQ/effective_affinity_list", r"^[0-3]$", keep="cpu")
READ_DISK = "dd if=/dev/vda bs=64k iflag=direct 2>/dev/null | md5sum"


def reads(least):
    """So many more whole reads, all right."""
    return [run("echo >/tmp/sums"),
            wait("grep -c . /tmp/sums", rf"^([1-9]\d+|[{least}-9])$"),
            run("sort -u /tmp/sums", r"\A\s*@{disk}  -\s*\Z")]


def disk_irq_moves():
    """A cell takes the CPU that the disk interrupts: another one is interrupted instead."""
    return [DISK_CPU,
            compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="@{cpu}"),
            keep("old", lambda v: v["cpu"]),
            start("other", "hello", "/tmp/other.cell"),
            DISK_CPU,
            verify("the interrupt has moved", lambda v: v["cpu"] != v["old"]),
            *reads(1),
            console("other", nonce()),
            destroy("other")]


DISK_DRIVERS = [
    run("grep -q virtio_blk /proc/modules || for i in 0 1 2 3; do insmod /lib/modules/disk/$i.ko; done"),
    run(INTERRUPTS, "ITS-MSI .*virtio0-req"),
]

DISK = [
    Test("its_disk", "loaded", 150, machine=hardware.devices, core=True, steps=[
        keep("disk", lambda v: hardware.disk_sum()),
        keep("part", lambda v: hardware.disk_sum(1100 * 4096)),
        *DISK_DRIVERS,
        run(READ_DISK, "^@{disk} "),
        memory_from_here(),
        run(f"while [ ! -e /tmp/stop ]; do {READ_DISK}; done >>/tmp/sums 2>&1 &"),
        run("n=0; while [ $n -lt 20 ] && hvctl enable >/dev/null && hvctl disable >/dev/null; "
            "do n=$((n+1)); done; echo cycles=$n", "^cycles=20$"),
        *reads(1),
        run("hvctl enable"),
        *reads(1),
        *disk_irq_moves(),
        *disk_irq_moves(),
        *disk_irq_moves(),
        run("touch /tmp/stop; wait; rm /tmp/stop"),
        # Each of both disks: LPIs, then an SPI, whose registers are touched by now.
        run("dd if=/dev/vdb of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null"),
        *[step for disk, row in (("vda", "virtio0-req"), ("vdb", "virtio1")) for step in (
            run(INTERRUPTS, r"GICv3 .* virtio1$", keep="irqs_before"),
            keep_exits("before", "root"),
            run(f"dd if=/dev/{disk} bs=4k count=1100 iflag=direct 2>/dev/null | md5sum",
                "^@{part} "),
            keep_exits("after", "root"),
            run(INTERRUPTS, keep="irqs_after"),
            *notes(row),
            verify("1,000 interrupts", a_thousand(row)),
            exits_between("before", "after", ["hvc", "sgi"], irqs=all_that_came, root=True))],
    ]),
]


# --- the modes in which interrupts reach a cell: what there is of one mode alone ---

MODES = [
    Test("revoke_enable", "loaded", 120, machine=in_mode(REVOKE, group0_kept=True), steps=[
        run("hvctl hardware check", r"^note +Group 0 .*DS = 0.*direct-revoke\n +hint: "),
        refused("hvctl enable --mode direct-fiq", r"Group 0 to itself \(GICD_CTLR\.DS = 0\)"),
        parallel_load(),
        run("n=0; while [ $n -lt 10 ] && hvctl enable >/dev/null && hvctl disable >/dev/null; "
            "do n=$((n+1)); done; echo cycles=$n", "^cycles=10$"),
        run("hvctl enable --mode direct-revoke"),
        stop_load(),
        report("status", mode="direct-revoke"),
        run("cat /sys/class/misc/caisson/mode", "^direct-revoke$"),
        compile_cell("policy", "/tmp/policy.cell", POLICY=".watchdog_ms=500"),
        refused("hvctl cell create /tmp/policy.cell", "direct-revoke has no watchdogs",
                "hint: .*direct-fiq"),
        online("0-3"),
        run("hvctl disable"),
    ]),
    # Where it keeps SGI 15 as well, and FIQs: EL2 calls its CPUs by its timer's PPI.
    Test("secure_refused", "loaded", 60, machine=hardware.secure_other_timer, steps=[
        refused("hvctl enable", "neither SGI 15 nor PPI 26 reaches EL2"),
        refused("hvctl enable --mode list", "neither SGI 15 nor PPI 26 reaches EL2"),
        report("status", enabled=False),
    ]),
    Test("secure_enable", "loaded", 120, machine=in_mode(REVOKE, hardware.secure_firmware), steps=[
        run("hvctl hardware check", r"^note +Group 0 .*DS = 0.*direct-revoke\n +hint: ",
            r"^note +SGI 15 +is firmware's: .* PPI 26,"),
        refused("hvctl enable --mode direct-fiq", r"Group 0 to itself \(GICD_CTLR\.DS = 0\)"),
        # A device's, as it is enabled: not EL2's to take.
        run("devmem 0x080b0100 32 0x04000000"),
        refused("hvctl enable", r"neither SGI 15 nor PPI 26 reaches EL2 .*\(CPU 0\)"),
        run("devmem 0x080b0180 32 0x04000000"),
        parallel_load(),
        run("n=0; while [ $n -lt 20 ] && hvctl enable >/dev/null && hvctl disable >/dev/null; "
            "do n=$((n+1)); done; echo cycles=$n", "^cycles=20$"),
        run("hvctl enable"),
        stop_load(),
        report("status", mode="direct-revoke"),
        run("hvctl disable"),
    ]),
    Test("list_refused", "loaded", 60, machine=hardware.other_timer, steps=[
        refused("hvctl enable --mode list", "this machine's GIC cannot be driven"),
        report("status", enabled=False),
    ]),
    Test("list_exits", "enabled", 120, machine=in_mode(LIST), steps=[
        report("status", mode="list"),
        run("cat /sys/class/misc/caisson/mode", "^list$"),
        start("bench"),
        console("bench", see("key before timer_irqs", timeout=90)),
        keep_exits("before", "bench"),
        console("bench", key(" "), see(r"END timer_irqs n=(\d+)\r*\n", "irqs"), see("key after"),
                history=False),
        keep_exits("after", "bench"),
        note("timer interrupts", lambda v: v["irqs"]),
        # Those of the console's are the others.
        verify("one exit for each of 1,000 interrupts",
               lambda v: 0 <= v["after"]["irq"] - v["before"]["irq"] - int(v["irqs"]) <= 4
               and int(v["irqs"]) >= 1000),
        destroy("bench"),
    ]),
    # With one list register, and where DIR traps only together with PMR, CTLR and RPR.
    Test("list_least", "loaded", 240, machine=in_mode(LIST), steps=[
        with_image("list-least", {"arch/arm64/irq_list.c": [
            ("read_sysreg(ICH_VTR_EL2) & ICH_VTR_TDS ? ICH_HCR_TDIR : ICH_HCR_TC", "ICH_HCR_TC"),
            ("MIN((uint32_t)(read_sysreg(ICH_VTR_EL2) & 31) + 1, LIST_REGISTERS)", "1")]},
            parallel_load(),
            run("hvctl enable"),
            *PRIORITIES,
            start("smp"),
            console("smp", see(r"smp: ok cpus=2")),
            destroy("smp"),
            start_linux(),
            console("linux", prompt(), shell("taskset 2 usleep 1000")),
            destroy("linux"),
            stop_load(),
            run("hvctl disable")),
    ]),
    # An LPI that EL2 has acknowledged, and Linux has not, when its CPU goes, or EL2 itself: another CPU has
    # it, or the driver has it pended again. No Linux leaves one at CPU_OFF: an image that keeps them all.
    Test("list_lpis_left", "loaded", 120, machine=in_mode(LIST, hardware.devices), steps=[
        *DISK_DRIVERS,
        keep("part", lambda v: hardware.disk_sum(4096)),
        memory_from_here(),
        with_image("keeps-lpis", {"arch/arm64/irq_list.c": [
            ("\tif (intid != GIC_PPI_MAINTENANCE)\n",
             "\tif (intid >= GIC_LPI_FIRST)\n\t\tl->lpis[l->nlpis++] = intid << 8 | priority;\n"
             "\telse if (intid != GIC_PPI_MAINTENANCE)\n")],
            "arch/arm64/lists.c": [("while (l->count && l->nlpis &&", "while (0 && l->nlpis &&")]},
            run("hvctl enable"),
            *[step for way in (f"{DISK_IRQ}; C=$(cat /proc/irq/$IRQ/effective_affinity_list); {flip('$C')}",
                               "hvctl disable") for step in (
                run("dd if=/dev/vda bs=4k count=1 iflag=direct 2>/dev/null | md5sum >/tmp/sum & P=$!; "
                    "sleep 1; kill -0 $P"),
                run(way),
                run("wait $P; cat /tmp/sum", "^@{part} "))]),
        run("dmesg | grep -c 'is lost'", "^0$", status=1),
    ]),
]
