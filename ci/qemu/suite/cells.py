# SPDX-License-Identifier: GPL-2.0-only
"""The steps of the tour and the demos; what a cell costs; CPUs and memory that change hands."""

from steps import (bounced, compile_cell, console, create, destroy, exits_between, keep_exits, key,
                   line, lines, memory_back, nonce, note, online, parallel_load, prompt, refused,
                   report, run, see, shell, start, start_linux, state, stop_load, until, verify,
                   wait)
from suite.common import (CPUS, INTERRUPTS, MIB, NOWHERE, Test, a_thousand, all_that_came, asks,
                          notes)
from suite.guests import ARCH_A57
from variants import with_image

CYCLES = 100
# Interrupts between two CPUs, and timers on both; and what sends back what a terminal types.
ACROSS = "taskset 1 timeout 1 yes | taskset 2 cat >/dev/null"
BOUNCE = "stty raw -echo; echo ready; dd bs=1 count=1000 2>/dev/null; stty sane"
# How often its own CPUs have zeroed that cell's memory.
OWN_SCRUBS = "hvctl log | grep -c '^cell smp: [1-9][0-9]* pages zeroed by its own cpus'"
# The inmate timer's: the ticks, and the first row.
HISTOGRAM = r"ticks=(\d+) .*\r*\n +\d+\.\."

CELLS = [
    Test("enable", "bare", 60, [
        run("hvctl status 2>&1", "module", status=4),
        run("insmod caisson.ko"),
        run("stat -c %a /dev/caisson", "^600$"),
        report("status", enabled=False),
        run("cat /sys/class/misc/caisson/enabled", "^0$"),
        refused("hvctl cell list", "not enabled", status=4),
        report("enable", enabled=True),
        report("status", enabled=True, mode="@{mode}", cpus=4, cells=0,
               image_bytes=lambda n: 0 < n <= 96 * 1024, memory_bytes=lambda n: 0 < n < 4 * MIB,
               pool_free=lambda n: n > 0, enable_ns=lambda n: n > 0),
        run("cat /sys/class/misc/caisson/enabled", "^1$"),
        refused("hvctl enable", "enabled already"),
        run("rmmod caisson 2>&1", status=1),
        run("hvctl disable", "^the hypervisor is disabled$"),
        report("status", enabled=False),
    ], core=True),
    Test("enable_system_file", "loaded", 60, [
        run("hvctl enable systems/qemu-virt.sys"),
        report("status", enabled=True, system="qemu-virt"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
        run("hvctl disable"),
    ]),
    Test("timer", "enabled", 60, [
        create("timer", cpus=[1], memory_bytes=16 * MIB),
        online("0,2-3"),
        report("cell load timer inmates/timer.bin", state="ready"),
        report("cell start timer", state="running"),
        console("timer", see("timer: cpu=0 "), see(r"ticks=(\d+) ", "first"), nonce(), key("h"),
                see(r"ticks=(\d+) ", "second"), see("histogram end")),
        verify("it ticks", lambda v: v["second"] >= v["first"] >= 1000),
        run("hvctl cell show timer", "^cell timer$", "state +running"),
        run("cat /sys/class/misc/caisson/cells/timer/state", "^running$"),
        destroy("timer"),
        run("ls /sys/class/misc/caisson/cells", "^$"),
    ]),
    Test("linux", "enabled", 180, [
        start_linux(cpus=[2, 3], memory_bytes=256 * MIB),
        online("0-1"),
        console("linux", prompt(),
                shell("uname -sr", r"^Linux 6\."),
                shell("cat /proc/cpuinfo", r"(?s)^processor\s*: 0$.*^processor\s*: 1$"),
                shell("ls -d /sys/devices/system/cpu/cpu[0-9]*", r"cpu1$"),
                shell("cat /proc/interrupts", r"^ *\d+: +[1-9]\d* +[1-9]\d* .*arch_timer",
                      r"uart-pl011"),
                shell("head -n1 /proc/meminfo", r"^MemTotal: +2\d{5} kB$"),
                shell("dmesg | grep -c 'Call trace'", "^0$", status=1)),
        report("cell show linux", console_dropped=0),
        destroy("linux"),
        online("0-3"),
    ], core=True),
    Test("linux_own_hotplug", "enabled", 180, [
        start_linux(),
        console("linux", prompt(),
                *[action for _ in range(3) for action in (
                    shell("echo 0 >/sys/devices/system/cpu/cpu1/online"),
                    shell("cat /sys/devices/system/cpu/online", "^0$"),
                    shell("echo 1 >/sys/devices/system/cpu/cpu1/online"),
                    shell("cat /sys/devices/system/cpu/online", "^0-1$"))],
                shell("taskset 2 usleep 1000")),
        destroy("linux"),
    ], core=True),
    Test("linux_reboot_poweroff", "enabled", 240, [
        start_linux(),
        console("linux", prompt(), line("poweroff -f")),
        state("linux", "off"),
        report("cell restart linux", state="running", starts=2),
        console("linux", prompt(), line("reboot -f"), history=False),
        # What it asks for, the driver does.
        wait("hvctl cell show linux", "^ +starts +3$"),
        run("hvctl log", "^cell linux: reset, by itself$"),
        console("linux", prompt(), shell("true"), history=False),
        destroy("linux"),
    ]),
    Test("two_cells", "enabled", 240, [
        start("timer"),
        start_linux("--config cells/linux.cell --initrd guest-initrd.gz"),
        online("0"),
        run("hvctl cell list", r"^timer +\d+ +running +1 ", r"^linux +\d+ +running +2-3 "),
        report("status", cells=2),
        console("linux", prompt(), shell("true")),
        console("timer", nonce(), key("h"), see(HISTOGRAM, "before"), history=False),
        run("hvctl cell stats timer", r"^CPU +total", r"^1 +\d+"),
        run("hvctl cell stats linux", r"^2 +\d+", r"^3 +\d+"),
        run("hvctl cell stats root", r"^0 +\d+"),
        report("cell shutdown timer", state=lambda s: s in ("stopped", "ready")),
        # One stands still, the other goes on.
        console("linux", prompt(), shell("true"), history=False),
        report("cell shutdown linux", state=lambda s: s in ("stopped", "ready")),
        report("cell restart timer", state="running", starts=2),
        console("timer", nonce(), key("h"), see(HISTOGRAM, "after"), history=False),
        verify("the timer began anew", lambda v: v["after"] < v["before"]),
        report("cell restart linux", state="running", starts=2),
        console("linux", prompt(), shell("true"), history=False),
        destroy("timer"),
        online("0-1"),
        console("linux", prompt(), shell("true"), history=False),
        destroy("linux"),
        online("0-3"),
        memory_back(),
    ]),
    Test("reload", "enabled", 120, [
        run("hvctl disable"),
        run("rmmod caisson"),
        run("grep -c caisson /proc/modules", "^0$", status=1),
        memory_back(),
        run("insmod caisson.ko"),
        run("hvctl enable"),
        start("hello"),
        refused("hvctl disable", "cells still exist"),
        console("hello", nonce()),
        destroy("hello"),
        run("hvctl disable"),
        run("hvctl enable"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
    ]),
    Test("hello", "enabled", 60, [
        start("hello"),
        console("hello", see("here is an inmate on cpu=0 of 1"), see("compatible: caisson,cell"),
                see("memory: 0x40000000 size 0x1000000"), see("psci: hvc version 0x10001"),
                see("hello> "), nonce(), line("sum 40 2"), see("sum=42")),
        # Piped input, as scripts use it.
        run("echo nonce 1000 | hvctl console --no-history hello", "^nonce=3001"),
        # By itself off, and run again.
        console("hello", line("off"), see(r"off\r*\n"), history=False),
        state("hello", "off"),
        report("cell restart hello", state="running", starts=2),
        console("hello", nonce(), line("reset"), see(r"reset\r*\n"), history=False),
        # What it asks for, the driver does.
        wait("hvctl cell show hello", "^ +starts +3$"),
        console("hello", nonce(), history=False),
        destroy("hello"),
    ], core=True),
    Test("smp", "enabled", 90, [
        start("smp"),
        console("smp", see(r"smp: (ok cpus=2 ipis=\d+|FAIL.*)\r*\n"), nonce(), line("run"),
                see(r"smp: ok cpus=2 ipis=(\d+)\r*\n", "ipis")),
        run("hvctl console --dump smp", "smp: ok cpus=2"),
        verify("IPIs", lambda v: v["ipis"] >= 200),
        destroy("smp"),
    ], core=True),
    Test("uart_echo", "enabled", 120, [
        start("uart-echo"),
        console("uart-echo", see("input=interrupt"), see("echo> "), lines(20, 60), nonce(),
                line("stat"), see(r"rx_irqs=(\d+)\r*\n", "irqs")),
        verify("input came by interrupts", lambda v: v["irqs"] > 0),
        report("cell show uart-echo", console_dropped=0),
        destroy("uart-echo"),
    ]),
    Test("arch", "enabled", 120, ARCH_A57, core=True),
    Test("exits_bare_metal", "enabled", 120, [
        start("bench"),
        console("bench", see("key before timer_irqs", timeout=90)),
        keep_exits("before", "bench"),
        console("bench", key(" "), see(r"END timer_irqs n=(\d+)\r*\n", "irqs"), see("key after"),
                history=False),
        keep_exits("after", "bench"),
        exits_between("before", "after", ["console"], other=2, irqs=lambda v: v["irqs"]),
        note("timer interrupts", lambda v: v["irqs"]),
        verify("1,000 interrupts", lambda v: v["irqs"] >= 1000),
        destroy("bench"),
    ]),
    Test("exits_linux", "enabled", 240, [
        start_linux(),
        console("linux", prompt(), shell(INTERRUPTS, keep="irqs_before")),
        keep_exits("before", "linux"),
        until(a_thousand("timer", "ipi"),
              console("linux", shell(ACROSS), shell(INTERRUPTS, keep="irqs_after"), history=False)),
        keep_exits("after", "linux"),
        exits_between("before", "after", ["console", "sgi"], irqs=all_that_came),
        *notes("timer", "ipi"),
        # An SPI for each character.
        console("linux", shell(INTERRUPTS, keep="irqs_before"), line(BOUNCE), see(r"ready\r*\n"),
                history=False),
        keep_exits("before", "linux"),
        console("linux", bounced(1000), see("cell# "), history=False),
        keep_exits("after", "linux"),
        console("linux", shell(INTERRUPTS, keep="irqs_after"), history=False),
        exits_between("before", "after", ["console", "sgi"], irqs=all_that_came),
        *notes("uart-pl011"),
        verify("1,000 interrupts", a_thousand("uart-pl011")),
        destroy("linux"),
    ], core=True),
    Test("exits_root", "enabled", 120, [
        run(INTERRUPTS, keep="irqs_before"),
        keep_exits("before", "root"),
        until(a_thousand("timer", "ipi"), run(ACROSS), run(INTERRUPTS, keep="irqs_after")),
        keep_exits("after", "root"),
        # hvc: asking for the counters. sgi: IPIs that root sends.
        exits_between("before", "after", ["hvc", "sgi"], irqs=all_that_came, root=True),
        *notes("timer", "ipi"),
    ]),
    Test("hotplug_while_enabled", "enabled", 180, [
        parallel_load(),
        *[step for _ in range(3) for cpu in (1, 2, 3) for step in (
            run(f"echo 0 >/sys/devices/system/cpu/cpu{cpu}/online"),
            run("cat /sys/devices/system/cpu/online", "^" + ",".join(
                {1: ["0", "2-3"], 2: ["0-1", "3"], 3: ["0-2"]}[cpu]) + "$"),
            run(f"echo 1 >/sys/devices/system/cpu/cpu{cpu}/online"),
            online("0-3"))],
        stop_load(),
        report("status", hotplugged=True),
        start("smp"),
        console("smp", see(r"smp: ok cpus=2")),
        destroy("smp"),
    ], core=True),
    Test("cpu_of_a_cell_stays_there", "enabled", 60, [
        start("hello"),
        run(f"echo 1 >{CPUS}/cpu3/online", status=1),
        online("0-2"),
        console("hello", nonce()),
        destroy("hello"),
        online("0-3"),
    ]),
    Test("offline_before_create", "enabled", 60, [
        run(f"echo 0 >{CPUS}/cpu2/online"),
        start("smp"),
        console("smp", see("smp: ok cpus=2")),
        destroy("smp"),
        # As it was found.
        online("0-1,3"),
        run(f"echo 1 >{CPUS}/cpu2/online"),
    ]),
    Test("offline_across_enable", "loaded", 60, [
        run(f"echo 0 >{CPUS}/cpu2/online"),
        run("hvctl enable"),
        run(f"echo 1 >{CPUS}/cpu2/online"),
        online("0-3"),
        start("smp"),
        console("smp", see("smp: ok cpus=2")),
        destroy("smp"),
        run(f"echo 0 >{CPUS}/cpu3/online"),
        run("hvctl disable"),
        run(f"echo 1 >{CPUS}/cpu3/online"),
        online("0-3"),
        run("hvctl enable"),
        run("hvctl disable"),
    ], core=True),
    # Memory is zeroed by the cell's own CPUs while they are parked: root's only ask and wait.
    Test("scrub_by_own_cpus", "enabled", 60, [
        run(f"{OWN_SCRUBS}; true", keep="before"),
        start("smp"),
        console("smp", nonce()),
        report("cell restart smp", state="running"),
        console("smp", nonce(), history=False),
        destroy("smp"),
        run(OWN_SCRUBS, keep="after"),
        verify("thrice", lambda v: int(v["after"]) == int(v["before"]) + 3),
    ]),
    # By one that is with firmware it cannot be done.
    Test("scrub_by_root", "loaded", 60, [
        run(f"echo 0 >{CPUS}/cpu2/online"),
        run("hvctl enable"),
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="2"),
        create("/tmp/other.cell"),
        run("hvctl log", "^cell other: 0 pages zeroed by its own cpus, 4096 by root's$"),
        destroy("other"),
        run("hvctl disable"),
        run(f"echo 1 >{CPUS}/cpu2/online"),
    ]),
    # Killed or destroyed in the midst of it, the cell is whole, and goes away as a whole.
    Test("scrub_interrupted", "enabled", 120, [
        run("hvctl cell create cells/linux.cell & P=$!; "
            "until hvctl log | grep -q '^cell linux: created'; do :; done; "
            "kill -9 $P; wait $P; hvctl cell destroy linux"),
        create("linux"),
        # The same scrub that the first one waits for; the second has it over again.
        run("hvctl cell stop linux; hvctl cell create cells/timer.cell & "
            "hvctl cell destroy linux & wait; hvctl cell destroy timer"),
        start("smp"),
        console("smp", nonce()),
        run("hvctl cell restart smp & hvctl cell destroy smp & hvctl cell restart smp; wait; "
            "hvctl cell list", "^NAME"),
    ]),
    # A CPU that does not hear is not waited for; one that does not come back from its piece keeps
    # the cell as it is, until it does.
    Test("scrub_cpu_lost", "loaded", 120, [
        with_image("cpu-deaf", {"core/cpu_ctl.c": [("\t\tcell_scrub_share(cpu);\n", "")]},
            run("hvctl enable"),
            start("hello"),
            console("hello", nonce()),
            destroy("hello"),
            run("hvctl log", "^cell hello: 0 pages zeroed by its own cpus, 4096 by root's$"),
            run("hvctl disable")),
        with_image("cpu-lost", {"core/cell_scrub.c": [
            ("\tif (!cell)\n\t\treturn;\n",
             "\tif (!cell)\n\t\treturn;\n\tfor (uint64_t end = arch_counter() + 20 * arch_counter_hz(); "
             "cell->id == 1 && arch_counter() < end;)\n\t\tarch_relax();\n")]},
            run("hvctl enable"),
            refused("hvctl cell create cells/hello.cell", "a CPU did not answer in time"),
            run("dmesg", "cell hello cannot be undone .*, it stays$"),
            report("cell show hello", state="created"),
            # Others come and go.
            start("timer"),
            console("timer", nonce()),
            destroy("timer"),
            wait("hvctl cell destroy hello && echo done", "^done$", timeout=40),
            run("hvctl disable")),
    ]),
    Test("cells_under_load", "enabled", 120, [
        parallel_load(),
        *[step for _ in range(3) for step in (
            start("smp"),
            console("smp", see(r"smp: ok cpus=2"), nonce()),
            destroy("smp"))],
        stop_load(),
    ], core=True),
    Test("enable_disable_100", "loaded", 400, [
        parallel_load(),
        run(f"n=0; while [ $n -lt {CYCLES} ] && hvctl enable >/dev/null && "
            "hvctl disable >/dev/null; do n=$((n+1)); done; echo cycles=$n",
            f"^cycles={CYCLES}$", timeout=360),
        stop_load(),
        run("hvctl enable"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
        run("hvctl disable"),
        memory_back(),
    ]),
    # A step of enabling fails on one CPU, or one does not come: all go back, with one reason.
    Test("rollback_cpu_fails", "loaded", 120, [
        parallel_load(),
        with_image("cpu-fails", {"core/init.c": [
            ("code = irq_enable(cpu, found);",
             "code = irq_enable(cpu, found) || mine->index == 2 ? (uint32_t)CAISSON_E_KICK : 0;")]},
            *[refused("hvctl enable", r"neither SGI 15 nor PPI 26 reaches EL2 .*\(CPU 2\)")] * 5),
        stop_load(),
        memory_back(),
        run("hvctl enable"),
        run("hvctl disable"),
    ]),
    Test("rollback_cpu_missing", "loaded", 120, [
        with_image("cpu-missing", {"core/init.c": [
            ("code = meet(&entered, b->nonline, 0);", "code = meet(&entered, b->nonline + 1, 0);"),
            ("#define RENDEZVOUS_SECONDS 5", "#define RENDEZVOUS_SECONDS 1")]},
            *[refused("hvctl enable", "a CPU did not answer in time")] * 3),
        memory_back(),
        run("hvctl enable"),
        run("hvctl disable"),
    ]),
    Test("create_destroy_20", "enabled", 120, [
        run("n=0; while [ $n -lt 20 ] && hvctl cell create cells/smp.cell >/dev/null && "
            "hvctl cell load smp inmates/smp.bin >/dev/null && hvctl cell start smp >/dev/null && "
            "hvctl cell destroy smp >/dev/null; do n=$((n+1)); done; echo cycles=$n",
            "^cycles=20$", timeout=100),
        report("status", cells=0),
    ], core=True),
    Test("pool_is_returned", "enabled", 90, [
        report("status", keep="before"),
        start("hello"),
        destroy("hello"),
        report("status", keep="after"),
        verify("EL2's pages are back",
               lambda v: v["after"]["pool_free"] == v["before"]["pool_free"]),
    ]),
    Test("stray_inject", "enabled", 60, [
        compile_cell("stray-inject", "/tmp/a.cell"),
        start("stray-inject", "stray", "/tmp/a.cell"),
        # Synchronous external aborts: of data (EC 0x25), of an instruction (0x21).
        console("stray-inject", see("stray> "), line("w 0x60000000"),
                see(r"fault esr=0x96000050 far=0x60000000 .* op=w"), line("r 0x08080000"),
                see(r"fault esr=0x96000010 far=0x8080000 .* op=r"), line(f"x {NOWHERE:#x}"),
                see(rf"fault esr=0x86000010 far={NOWHERE:#x} .* op=x"),
                # Root's UART: this cell's own one is elsewhere.
                line("w 0x09000000 0x21"), see(r"fault esr=0x96000050 far=0x9000000 "),
                # On a device, but nothing that EL2 emulates there.
                line("q 0x08000000"), see(r"fault esr=0x96000050 far=0x8000000 .* op=q"),
                line("p 0x08000ff8"), see("ok p"), nonce()),
        run("hvctl log", r"^cell stray-inject: stray access at 60000000, ",
            "^cell stray-inject: instruction 3d800000 at pc 4[0-9a-f]+ is not emulated"),
        run("hvctl cell show stray-inject", "^  refused +access to 0x60000000: .*, at PC 0x4",
            "^  refused +access to 0x8080000: ", "^  refused +access to 0x9000000: ",
            "^  refused +instruction 0x3d800000 on an emulated device: SIMD, at PC 0x4"),
        # Only the first four that differ, and none of them twice; none at the next start.
        asks("stray-inject", *[word for at in (0, 4, 8, 0x1000, 0)
                               for word in (f"r {0x60000000 + at:#x}", "fault esr=0x96000010 ")]),
        run("hvctl cell show stray-inject | grep -c 'access to'", "^4$"),
        run("hvctl log | grep -c 'stray-inject: stray access'", "^4$"),
        report("cell restart stray-inject", state="running"),
        report("cell show stray-inject", refused=[]),
        destroy("stray-inject"),
    ], core=True),
]
