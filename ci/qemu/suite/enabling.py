# SPDX-License-Identifier: GPL-2.0-only
"""Enabling and disabling: refusals, rollbacks, KVM beside it, machines on which it is not possible."""

import hardware
from hardware import LIST, REVOKE
from steps import (compile_cell, compile_made, console, destroy, keep, keep_exits, memory_back,
                   memory_from_here, nonce, online, parallel_load, prompt, refused, report, run, shell,
                   start, stop_load, verify, wait)
from suite.common import CPUS, NEVER_ENABLED, Test, flip
from variants import with_image

# --- enabling that is refused, and on few CPUs ---

ENABLING = [
    Test("rollback", "loaded", 60, [
        compile_cell("system", "/tmp/small.sys", POOL_PAGES="4"),
        parallel_load(),
        run("n=0; while [ $n -lt 20 ] && ! hvctl enable /tmp/small.sys 2>/tmp/why; "
            "do n=$((n+1)); done; echo refused=$n; cat /tmp/why",
            "^refused=20$", "page pool is exhausted"),
        stop_load(timers=100, ipis=100),
        report("status", enabled=False),
        memory_back(),
        run("hvctl enable"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
        run("hvctl disable"),
    ]),
    *[Test(f"config_{name}", "loaded", 30, [
        compile_cell("system", "/tmp/a.sys", FIELDS=fields),
        refused("hvctl enable /tmp/a.sys", rf"^ci/configs/system\.c:\d+: error: {said}", hint),
        report("status", enabled=False),
    ]) for name, fields, said, hint in [
        ("gic_address", ".gicd_base=0x08010000",
         r"the GIC of root Linux's device tree lies elsewhere \(0x8010000\)", "hint: correct"),
    ]],
    # No kernel of Debian's has pseudo-NMIs: an image that takes each root for one that masks by PMR.
    Test("root_masks_by_priority", "loaded", 150, but={
        REVOKE: "each root's PMR is the real one", LIST: "each root's PMR masks list registers"}, steps=[
        with_image("masks", {"arch/arm64/irq_fiq.c": [
            ("return (found->icc_pmr & 0xf0) != 0xf0;", "return found->icc_pmr != 0;")]},
            parallel_load(),
            run("n=0; while [ $n -lt 10 ] && hvctl enable >/dev/null && hvctl disable >/dev/null; "
                "do n=$((n+1)); done; echo cycles=$n", "^cycles=10$"),
            run("hvctl enable"),
            keep_exits("before", "root"),
            run(f"for i in 1 2 3; do {flip(2)}; done"),
            start("timer"),
            console("timer", nonce()),
            keep_exits("after", "root"),
            verify("DIR is carried out by EL2",
                   lambda v: v["after"]["sysreg"] > v["before"]["sysreg"] + 100),
            destroy("timer"),
            stop_load(),
            run("hvctl disable")),
    ]),
    # Enough for enabling, and no cell.
    Test("create_without_pool", "loaded", 60, [
        compile_cell("system", "/tmp/usual.sys"),
        report("enable /tmp/usual.sys", keep="status"),
        run("hvctl disable"),
        keep("pages", lambda v: v["status"]["pool_pages"] - v["status"]["pool_free"] + 3),
        compile_cell("system", "/tmp/small.sys", POOL_PAGES="@{pages}"),
        run("hvctl enable /tmp/small.sys"),
        refused("hvctl cell create cells/hello.cell", "the hypervisor's page pool is exhausted",
                r"hint: .*larger \.pool_pages"),
        online("0-3"),
        run("hvctl disable"),
        memory_back(),
    ]),
    # The only spare SPI is the doorbell.
    Test("console_without_spi", "loaded", 60, [
        compile_cell("system", "/tmp/one.sys", SPARES="1"),
        run("hvctl enable /tmp/one.sys"),
        run("hvctl cell create cells/hello.cell 2>&1",
            "^hvctl: warning: the console of hello is polled: no unwired SPI is left"),
        run("hvctl cell load hello inmates/hello.bin"),
        run("hvctl cell start hello"),
        console("hello", nonce()),
        destroy("hello"),
        run("hvctl disable"),
    ]),
    Test("config_hides_ram", "loaded", 30, [
        compile_cell("system", "/tmp/hides.sys", RAM_SIZE="MiB(512)"),
        refused("hvctl enable /tmp/hides.sys", r"\(0x60000000\)"),
        report("status", enabled=False),
        compile_cell("system", "/tmp/shows.sys"),
        run("hvctl enable /tmp/shows.sys"),
        # What it does not list comes when root touches it.
        run("cat /sys/class/rtc/rtc0/since_epoch", r"^[1-9]\d+$"),
        run("hvctl disable"),
    ]),
    # What config create writes of this machine, compiled unchanged: the same as without a file, and a
    # second Linux that has a device of root's.
    Test("config_create", "loaded", 120, [
        run("hvctl config create system --output /tmp/made.c", "is written"),
        refused("hvctl config create system --output /tmp/made.c", "exists; --force", status=2),
        # Its devices without a driver, too.
        run("cat /tmp/made.c", r"(?s)without a line here:.* /fw-cfg@9020000 .*/its@8080000 "),
        compile_made("/tmp/made.c", "/tmp/made.sys"),
        run("for w in '' /tmp/made.sys; do hvctl enable --dry-run --json $w | grep -v '\"where\"' | "
            "md5sum; done | sort -u | wc -l", "^1$"),
        report("enable /tmp/made.sys", enabled=True, doorbell_intid=224),
        run("hvctl config create linux --cpus +2 --memory 256M --device /pl031@9010000 "
            "--output /tmp/linux.c"),
        run("cat /tmp/linux.c", r"^CPUS\(2, 2\);$", "^IRQ\\(34\\);$",
            r"INTID 34 for Linux's rtc-pl031", r"^CONSOLE\(\.intid = 42\);$",
            r"^ \* is root Linux's console:\n \*     /pl011@9000000$"),
        compile_made("/tmp/linux.c", "/tmp/linux.cell"),
        report("cell linux vmlinuz --config /tmp/linux.cell --initrd guest-initrd.gz", state="running"),
        console("linux", prompt(), shell("nproc", "^2$"),
                shell("cat /sys/class/rtc/rtc0/name", "pl031")),
        # Those that it has are not chosen again.
        run("hvctl config create cell --cpus +1", r"^CPUS\(1\);$", r"^CONSOLE\(\.intid = 44\);$"),
        destroy("linux"),
        run("hvctl disable"),
    ]),
    Test("enable_on_one_cpu", "loaded", 60, [
        run(f"for c in 1 2 3; do echo 0 >{CPUS}/cpu$c/online; done"),
        run("hvctl enable"),
        run("hvctl disable"),
        run("hvctl enable"),
        # Three CPUs that EL2 has never seen.
        run(f"for c in 1 2 3; do echo 1 >{CPUS}/cpu$c/online; done"),
        online("0-3"),
    ]),
]


# --- KVM in root: before, while and after, in virtual machines that live across it ---

ROUND = r"^vm: round=\d+ out=0x600e hvc=0x1\w{4} sgi=5 timer=27$"
REFUSED = "^vm: refused$"


def kvm(kernel, cpu, cycles):
    """
    `vm` is ci/target/vm.c. In QEMU 7.2 the guest hangs once in a few hundred hotplugs, on
    cortex-a57 sooner, without Caisson too.
    """
    name = f"{kernel}_{cpu.removeprefix('cortex-')}"

    def machine():
        return ["--qemu", "10", "--root-kernel", kernel, "--cpu", cpu,
                "--append", "kvm-arm.mode=nvhe"]

    def enabled_and_not(times):
        return run(f"n=0; while [ $n -lt {times} ] && export C=$((n % 3 + 1)) && vm run "
                   f"'hvctl enable' refused '{flip('$C')}' refused "
                   "'vm refused \"hvctl disable\" run' run "
                   f"'{flip('$C')}' run >/tmp/vm 2>&1; do n=$((n+1)); done; echo cycles=$n; "
                   "cat /tmp/vm", f"^cycles={times}$", timeout=280)
    return [
        Test(f"kvm_{name}", "loaded", 90, machine=machine, steps=[
            run("vm run run", rf"{ROUND}\n{ROUND}"),
            run("hvctl enable"),
            run("vm refused refused", rf"{REFUSED}\n{REFUSED}"),
            refused("vm run", "KVM refused"),
            run(flip(1)),
            run("vm refused", REFUSED),
            start("hello"),
            console("hello", nonce()),
            destroy("hello"),
            run("hvctl disable"),
            *[run(f"taskset {1 << n:x} vm run", ROUND) for n in range(4)],
            # Here KVM comes only when EL2 is Caisson's already, unless it always is there.
            run("hvctl enable"),
            run("taskset 2 vm refused 'hvctl disable' run", rf"{REFUSED}\n(.*\n)*{ROUND}"),
            # In the guest, wherever that is, when EL2 goes.
            run("vm run busy 'hvctl disable' run run >/tmp/vm & VM=$!"),
            wait("cat /tmp/vm", ROUND),
            run("hvctl enable"),
            run("wait $VM; echo status=$?; cat /tmp/vm",
                rf"^status=0$(.|\n)*refused, after round=\d+ (.|\n)*{ROUND}\n{ROUND}\n\Z"),
            # Those that KVM has left are there again after a refusal too.
            compile_cell("system", "/tmp/small.sys", POOL_PAGES="4"),
            run("vm run '! hvctl enable /tmp/small.sys' run '! hvctl enable /tmp/small.sys' "
                "run 2>&1", rf"{ROUND}\nhvctl: .* exhausted\n(hvctl: .*\n)*{ROUND}"),
            # A CPU that was off, then one that comes up later.
            run(f"echo 0 >{CPUS}/cpu2/online"),
            run("hvctl enable"),
            run(f"echo 1 >{CPUS}/cpu2/online && echo 0 >{CPUS}/cpu3/online"),
            run("taskset 4 vm refused", REFUSED),
            run("hvctl disable"),
            run(f"echo 1 >{CPUS}/cpu3/online"),
            *[run(f"taskset {1 << n:x} vm run", ROUND) for n in (2, 3)],
        ]),
        Test(f"kvm_{name}_cycles", "loaded", 300, machine=machine, steps=[
            # Linux fills its caches of objects in the first ones.
            enabled_and_not(6),
            memory_from_here(),
            enabled_and_not(cycles),
            *[run(f"taskset {1 << n:x} vm run", ROUND) for n in range(4)],
        ]),
    ]


KVM = [*kvm("6.1", "cortex-a53", 50), *kvm("6.12", "cortex-a53", 50)]
LONG_KVM = [*kvm("6.1", "max", 50), *kvm("6.12", "max", 50)]


# --- machines on which it cannot be enabled: why, and that root does not mind ---


def unfit(kind, said, insisting=None, hint=True, before=()):
    """Refused for that reason, with a hint; `before`: what is told without the module, too."""
    checked = rf"^problem +\w.* {said}" + (r".*\n +hint: \w" if hint else "")
    return Test(f"unfit_{kind.__name__}", "bare", 60, machine=kind, but=NEVER_ENABLED, steps=[
        run("hvctl hardware check", r"^problem +module +caisson.ko is not.*\n +hint: insmod",
            *before, status=1),
        run("insmod caisson.ko"),
        run("hvctl hardware check", checked, status=1),
        refused("hvctl enable", said, *(["^hvctl: hint: "] if hint else [])),
        # Who insists gets the same answer, as a rule.
        refused("hvctl enable --assume-el2", insisting or said),
        report("status", enabled=False),
        run("rmmod caisson"),
    ])


def line_of(what, verdict):
    """A line of the report of `hvctl hardware check`, by its two names."""
    return lambda checks: any(c["what"] == what and c["verdict"] == verdict for c in checks)


UNFIT = [
    unfit(hardware.no_el2, "this CPU has no EL2"),
    *[unfit(kind, "this kernel was not started in EL2",
            "this CPU has EL2, but firmware has disabled HVC")
      for kind in (hardware.no_hvc, hardware.el2_unknown)],
    unfit(hardware.vhe, r"the kernel runs in EL2 itself: boot it with kvm-arm\.mode=nvhe", hint=False),
    unfit(hardware.pkvm, r"\(pKVM\): boot without kvm-arm\.mode=protected", hint=False),
    unfit(hardware.hvhe, r"\(hVHE\): boot without arm64_sw\.hvhe=1", hint=False),
    unfit(hardware.gicv2, "the interrupt controller is not a GICv3",
          before=[r"^problem +GIC +the interrupt controller is not a GICv3.*\n +hint: \w"]),
    unfit(hardware.acpi, "the machine was booted with ACPI",
          before=[r"^problem +boot +.*ACPI.*\n +hint: boot with acpi=off"]),
]

HARDWARE = [
    Test("hardware_check_no_psci", "bare", 30, machine=hardware.el2_unknown, but=NEVER_ENABLED, steps=[
        run("hvctl hardware check", r"^problem +PSCI .*no cell can get a CPU\n +hint: ", status=1),
    ]),
    Test("hardware_check", "bare", 60, [
        # Without the module: what can be told without it, and what to do.
        run("hvctl hardware check", "^problem +module +caisson.ko is not loaded",
            "^ +hint: insmod caisson.ko", "^ok +boot +by a device tree, for linux,dummy-virt",
            "^ok +PSCI +by smc", status=1),
        run("insmod caisson.ko"),
        report("hardware check", ok=True, checks=line_of("enable", "ok")),
        run("hvctl hardware check", r"^ok +CPU +0-3: Cortex-A57 r1p0 ",
            "^note +erratum +1319537 of Cortex-A57: ", r"^(ok|note) +Group 0 +is @{group0} ",
            "^ok +enable +nothing speaks against it"),
        # What enabling can do without, and no cell can.
        run(f"mount -t tmpfs none {CPUS}; hvctl hardware check; s=$?; umount {CPUS}; (exit $s)",
            r"^problem +CPU hotplug .*no cell can get one\n +hint: ", status=1),
        # Of a CPU that is offline nothing is known.
        run(f"echo 0 >{CPUS}/cpu2/online"),
        run("hvctl hardware check", "^ok +CPU +0-1,3: Cortex-A57 "),
        run(f"echo 1 >{CPUS}/cpu2/online"),
        # Checks leave nothing behind.
        run("n=0; while [ $n -lt 20 ] && hvctl hardware check >/dev/null; do n=$((n+1)); done; "
            "echo checked=$n", "^checked=20$"),
        memory_back(),
        run("mv /lib/firmware/caisson.bin /tmp && rmmod caisson && insmod caisson.ko"),
        run("hvctl hardware check", r"^problem +enable +caisson\.bin cannot be used \(it is missing",
            status=1),
        run("mv /tmp/caisson.bin /lib/firmware"),
        run("hvctl enable"),
        run("hvctl hardware check", "^ok +enable +the hypervisor is enabled already"),
        run("hvctl disable"),
    ]),
]
