# SPDX-License-Identifier: GPL-2.0-only
"""CPUs and kernels of other kinds, and many of them."""

import hardware
from steps import (compile_cell, console, create, destroy, line, memory_back, nonce, online, prompt,
                   report, run, see, shell, start, start_linux, verify)
from suite.common import Test
from suite.isolation import stray_fails

# --- the architecture as a cell finds it ---

ARCH = [
    create("smp"),
    report("cell load smp inmates/arch.bin", state="ready"),
    report("cell start smp", state="running"),
    console("smp", see(r"DONE pass=(\d+) ", "passed", timeout=90), see(r"fail=0 skip=0\r*\n"),
            nonce()),
    verify("all checks were made", lambda v: v["passed"] >= 170),
    run("hvctl cell show smp", "^  refused +HVC 0xc6001234, at PC 0x4",
        "^  refused +HVC 0xc600ca00, at PC 0x4", "^  refused +SMC 0xc6001234, at PC 0x4"),
    run("hvctl log", "^cell smp: HVC c6001234 refused", "^cell smp: SMC c6001234 refused"),
    destroy("smp"),
]

# What a cell reads in S3_0_C0_Cx_y; what is not here is zero (Documentation/threat-model.md).
AARCH32 = {"C2_0": 0x02101110, "C2_1": 0x13112111, "C2_2": 0x21232042, "C2_3": 0x01112131,
           "C2_4": 0x00010142, "C3_0": 0x10110222, "C3_2": 0x43}
REGISTERS_A57 = {
    **AARCH32, "C1_0": 0x131, "C2_5": 0x11121, "C3_1": 0x12111111, "C4_0": 0x01000012,
    "C5_0": 0x10305106, "C6_0": 0x11120, "C7_0": 0x24,
}
REGISTERS_MAX = {
    **AARCH32, "C1_0": 0x01010131, "C2_5": 0x11011121, "C2_7": 0x01111111, "C3_1": 0x13211111,
    "C3_4": 0x11, "C4_0": 0x1101000001110012, "C4_1": 0x21, "C5_0": 0x10305606,
    "C6_0": 0x1221111110212120, "C6_1": 0x0011111101211012, "C7_0": 0x100025,
    "C7_1": 0x1000201002, "C7_2": 0x1001001010010011,
}


def reads(registers):
    """The inmate `arch` prints all that are not zero."""
    rows = "".join(rf"id {name}={value:#x}\r*\n" for name, value in sorted(registers.items()))
    return console("smp", line("ids"), see(rf"ids\r*\n{rows}id end"), history=False)


ARCH_A57 = [*ARCH[:-1], reads(REGISTERS_A57), ARCH[-1]]
ARCH_MAX = [
    *ARCH[:-1],
    reads(REGISTERS_MAX),
    # Undefined in the cell, as on a CPU without SME and LORegions.
    run("hvctl cell show smp", "^  refused +read of S3_1_C0_C0_6, at PC 0x4",
        "^  refused +read of S3_0_C10_C4_3, at PC 0x4"),
    report("cell show smp", keep="show"),
    verify("as JSON, too", lambda v: ("trap", "read of S3_1_C0_C0_6") in
           [(row["kind"], row["text"]) for row in v["show"]["refused"]]),
    run("hvctl log", "^cell smp: undefined instruction, esr 623c4001, pc 4"),
    ARCH[-1],
]

# With features that cells must not see: what a second Linux believes to have, it uses.
OTHER_CPUS = [test for machine, arch in ((hardware.cortex_a76, ARCH), (hardware.cpu_max, ARCH_MAX))
              for test in (
    Test(f"arch_{machine.__name__}", "enabled", 120, arch, machine),
    Test(f"linux_{machine.__name__}", "enabled", 180, [
        start_linux(),
        console("linux", prompt(),
                shell("cat /proc/cpuinfo", r"(?s)^processor\s*: 1$.*asimd(?!.*\b(sve|sme|mte))"),
                shell("taskset 2 usleep 1000")),
        destroy("linux"),
        run("hvctl disable"),
        memory_back(),
    ], machine),
)]

OTHER_CPUS += [
    Test("arch_qemu_10", "enabled", 120, ARCH, hardware.qemu_10),
    stray_fails("stray_qemu_10", "w @{hypervisor}", "hypervisor", ".*write",
                machine=hardware.qemu_10),
]


# --- 64 CPUs: the last one alone; more of them in a cell than an SGI reaches in one cluster ---

MANY_CPUS = [
    Test("cpus_64", "loaded", 300, machine=hardware.cpus_64, steps=[
        run("hvctl enable"),
        report("status", enabled=True, cpus=64),
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="63"),
        start("other", "hello", "/tmp/other.cell"),
        online("0-62"),
        console("other", see("on cpu=0 of 1"), nonce()),
        destroy("other"),
        online("0-63"),
        run("hvctl disable"),
    ]),
]
LONG_MANY_CPUS = [
    Test("cpus_64_cell_of_20", "enabled", 300, machine=hardware.cpus_64, steps=[
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="40", COUNT="20"),
        start("other", "arch", "/tmp/other.cell"),
        online("0-39,60-63"),
        console("other", see(r"DONE pass=\d+ fail=0 skip=0\r*\n", timeout=240), nonce()),
        destroy("other"),
        start("other", "smp", "/tmp/other.cell"),
        console("other", see(r"smp: ok cpus=20 ipis=\d+\r*\n", timeout=240)),
        destroy("other"),
    ]),
    Test("cpus_64_linux", "enabled", 400, machine=hardware.cpus_64, steps=[
        start_linux("--initrd guest-initrd.gz --cpus 44-63 --memory 256M"),
        console("linux", prompt(timeout=300), shell("nproc", "^20$"),
                # Timers, and IPIs across clusters.
                shell("taskset 80000 usleep 1000"),
                shell("awk '/IPI0/ { print $NF, $2 > 0, $21 > 0 }' /proc/interrupts")),
        destroy("linux"),
        online("0-63"),
    ]),
]


# --- what else runs as a second Linux ---


def guest(name, version):
    return Test(f"guest_{name}", "enabled", 240, machine=hardware.guests, steps=[
        report(f"cell linux {name} --initrd guest-initrd.gz --cpus 2-3 --memory 384M",
               state="running"),
        console("linux", prompt(), shell("uname -rv", version),
                shell("cat /sys/devices/system/cpu/online", "^0-1$"),
                shell("taskset 2 usleep 1000"),
                shell("dmesg | grep -E 'WARNING|BUG:|Call trace'", status=1)),
        destroy("linux"),
    ])


GUESTS = [
    guest("6.12", r"^6\.12\..*deb13-arm64"),
    # A kernel that would want SVE and SME to be set up by whoever has EL2.
    guest("6.1", r"^6\.1\.")._replace(name="guest_6.1_on_6_12_max", machine=hardware.guests_max),
]
LONG_GUESTS = [
    guest("6.12-bpo", r"^6\.12\..*deb12-arm64"),
    guest("6.12-rt", r"^6\.12\..*-rt-arm64 .*PREEMPT_RT"),
    # Its first screen, in a language that is chosen there.
    Test("guest_installer", "enabled", 300, machine=hardware.guests, steps=[
        report("cell linux installer --initrd installer-initrd.gz --cpus 2-3 --memory 512M",
               state="running"),
        console("linux", see("Select a language", timeout=240), see("English")),
        destroy("linux"),
    ]),
]
LONG_GUESTS += [test._replace(name=f"{test.name}_on_6_12", machine=hardware.guests_6_12)
                for test in [guest("6.1", r"^6\.1\."), *LONG_GUESTS]]
