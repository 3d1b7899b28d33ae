# SPDX-License-Identifier: GPL-2.0-only
"""`hvctl cell dump`: what a cell had in registers and memory, as gdb on the host finds it."""

import hardware
from steps import (compile_cell, console, debug, destroy, line, nonce, refused, report, run, see,
                   start, state)
from suite.common import NO_WATCHDOGS, Test

# A small file system, mounted: a core of any cell does not fit.
FULL = "/tmp/small"

DUMP = [
    # Three frames below its main program it writes where nothing is.
    Test("dump_failed", "enabled", 60, [
        start("stray"),
        console("stray", see("stray> "), line("deep 0x60000010"), see(r"0x60000010\r*\n")),
        state("stray", "failed"),
        report("cell dump stray /tmp/core", name="stray", file="/tmp/core", ncpus=1,
               memory_bytes=16 << 20),
        run("ls -l /tmp/core", "^-rw------- "),
        debug("/tmp/core", "stray", "Program terminated with signal SIGSEGV",
              r"#0 .*mmio_write32 .*#1 .*deep_inner \(address=1610612752\).*#2 .*deep_middle "
              r".*#3 .*deep_outer .*#4 .*command .*#5 .*inmate_main ",
              r"^\$1 = 1610612752$", r"^\$2 = 1$",
              commands=("bt", "p address", "p machine.ncpus")),
        # A dump changes nothing: the reason is still there, and so is the cell.
        state("stray", "failed"),
        run("rm /tmp/core"),
        destroy("stray"),
    ]),
    # Two CPUs, each found where it is, in a cell that goes on afterwards.
    Test("dump_running", "enabled", 90, [
        start("smp"),
        console("smp", nonce()),
        report("cell dump smp /tmp/core", ncpus=2),
        state("smp", "running"),
        console("smp", nonce(), history=False),
        debug("/tmp/core", "smp", "LWP 1.*LWP 2", r"^\$1 = 2$", "#[0-9]+ .*inmate_main ",
              commands=("info threads", "p machine.ncpus", "thread apply all bt")),
        # And again, into the same file, without stopping it for longer than the registers take.
        report("cell dump smp /tmp/core --live", ncpus=2),
        console("smp", nonce(), history=False),
        debug("/tmp/core", "smp", "#[0-9]+ .*inmate_main ", commands=("thread apply all bt",)),
        run("rm /tmp/core"),
        destroy("smp"),
    ]),
    # Everything masked, and no kick will do.
    Test("dump_deaf", "enabled", 60, [
        start("stray"),
        console("stray", see("stray> "), line("ap"), see("priority raised")),
        report("cell dump stray /tmp/core", ncpus=1),
        debug("/tmp/core", "stray", "#0 .*do_stay .*#1 .*command .*#2 .*inmate_main "),
        state("stray", "running"),
        run("rm /tmp/core"),
        destroy("stray"),
    ]),
    # The time that a cell is held is not its watchdog's: by the instructions of one page alone, 4,096
    # times, it would be over. While others measure, as nothing else of the host's may take time.
    Test("dump_watched", "enabled", 120, [
        compile_cell("policy", "/tmp/policy.cell", CPU_COUNT="1", POLICY=".watchdog_ms=20"),
        start("policy", "guarded", "/tmp/policy.cell"),
        console("policy", see("the watchdog is short")),
        *[step for _ in range(2) for step in (
            report("cell dump policy /tmp/core", ncpus=1), state("policy", "running"))],
        run("rm /tmp/core"),
        destroy("policy"),
    ], hardware.icount, but=NO_WATCHDOGS),
    Test("dump_refused", "enabled", 60, [
        refused("hvctl cell dump nobody /tmp/core", "there is no such cell"),
        refused("hvctl cell dump root /tmp/core", "not possible with the root cell"),
        start("hello"),
        refused("hvctl cell dump hello /tmp", "^hvctl: /tmp: cannot be written", status=2),
        refused("hvctl cell dump hello /proc/none", "^hvctl: /proc/none: cannot be written", status=2),
        refused("hvctl cell dump hello /dev/null", "it is no regular file", status=2),
        run(f"mkdir {FULL} && mount -t tmpfs -o size=16k none {FULL}"),
        refused(f"hvctl cell dump hello {FULL}/core", f"{FULL}/core: cannot be written: the file "
                "system is full", status=2),
        run(f"ls {FULL} | wc -l; umount {FULL}; rmdir {FULL}", "^0$"),
        run("ls /tmp/core; true", "No such file"),
        # Killed in the middle of it, or all at once: it goes on.
        run("for i in 1 2 3; do hvctl cell dump hello /tmp/core & sleep 0.0$i; kill -9 $!; done; wait; "
            "true"),
        console("hello", nonce()),
        report("cell dump hello /tmp/core", ncpus=1),
        console("hello", nonce(), history=False),
        run("rm /tmp/core"),
        destroy("hello"),
    ]),
]
