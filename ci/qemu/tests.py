# SPDX-License-Identifier: GPL-2.0-only
"""
The list of system tests: what is done with a machine, and what must be seen. test_system.py runs
it.

A row: a name; what the hypervisor must be at the start (`bare`: no module, `loaded`: not enabled,
`enabled`); a budget in seconds that the whole test must keep to, several times what it takes;
the steps; and, if it is not the usual machine, a function of hardware.py. After each test root must
be healthy, with all of its CPUs and memory back, and no cell left (steps.healthy()).
"""

import re
from collections import namedtuple
from signal import SIGBUS, SIGTERM

import hardware
from life import at_once, clear_up, cpu, kexec, kill_hvctl
from machine import TOP
from refusals import every_refusal
from steps import (bounced, compile_cell, console, create, destroy, exits_between, fewest_leaves,
                   interrupts, interrupts_taken, keep, keep_exits, key, line, lines, machine_ends,
                   memory_back, memory_from_here, nonce, note, online, parallel_load, prompt,
                   refused, report, run, see, shell, start, start_linux, state, stop_load, until,
                   verify, wait)
from variants import with_image

Test = namedtuple("Test", "name state budget steps machine", defaults=[None])

MIB = 1 << 20
CYCLES = 100
CPUS = "/sys/devices/system/cpu"
# Rows of /proc/interrupts end in names; in the cell they are read through its console.
INTERRUPTS = "cat /proc/interrupts"
# Interrupts between two CPUs, and timers on both; and what sends back what a terminal types.
ACROSS = "taskset 1 timeout 1 yes | taskset 2 cat >/dev/null"
BOUNCE = "stty raw -echo; echo ready; dd bs=1 count=1000 2>/dev/null; stty sane"
# The inmate timer's: the ticks, and the first row.
HISTOGRAM = r"ticks=(\d+) .*\r*\n +\d+\.\."
# Nothing of the machine, of root or of a cell is there, whichever CPU looks.
NOWHERE = 0x2_0000_0000


def came(kind):
    """Between two looks at /proc/interrupts: of "timer", of "ipi", or of a row that holds that."""
    def count(values, name):
        if kind in ("timer", "ipi"):
            return sum(interrupts(None, values[name])[kind])
        return interrupts_taken("\n".join(re.findall(rf".*{kind}.*", values[name])))
    return lambda values: count(values, "irqs_after") - count(values, "irqs_before")


def all_that_came(values):
    return interrupts_taken(values["irqs_after"]) - interrupts_taken(values["irqs_before"])


def a_thousand(*kinds):
    return lambda values: all(came(kind)(values) >= 1000 for kind in kinds)


def notes(*kinds):
    return [note(f"interrupts of {kind}", came(kind)) for kind in kinds]


def memory_end(values):
    """Where the hypervisor's memory ends, after a `status` was kept."""
    return values["status"]["memory_address"] + values["status"]["memory_bytes"]


# --- what an inmate must not do ---

def stray_fails(name, command, where, reason, machine=None):
    """An access of the inmate `stray` ends its cell; root and the cell `hello` live."""
    return Test(name, "enabled", 90, [
        compile_cell("hello-at-cpu", "/tmp/other.cell", CPU="2"),
        start("other", "hello", "/tmp/other.cell"),
        start("stray"),
        report("status", keep="status"),
        keep("hypervisor", lambda v: hex(v["status"]["memory_address"])),
        keep("hypervisor_end", lambda v: hex(memory_end(v) - 4)),
        console("stray", nonce(), line(command), see("try ")),
        state("stray", "failed"),
        report("cell show stray", keep="show", state="failed"),
        verify(f"it failed at {where}",
               lambda v: v["show"]["failure"]["address"] == int(v.get(where, where), 16)),
        run("hvctl cell show stray", rf"state +failed: {reason}"),
        run("hvctl log", r"^cell stray: failed on its cpu 0, .*"),
        console("other", nonce()),
        # A failed cell can be run again.
        report("cell restart stray", state="running"),
        console("stray", nonce(), history=False),
        destroy("stray", "other"),
    ], machine)


STRAY = [
    stray_fails("stray_write_hypervisor", "w @{hypervisor}", "hypervisor", ".*write"),
    stray_fails("stray_write_hypervisor_end", "w @{hypervisor_end}", "hypervisor_end", ".*write"),
    stray_fails("stray_read_hypervisor", "r @{hypervisor}", "hypervisor", ".*read"),
    stray_fails("stray_write_root_memory", "w 0x60000000", "0x60000000", ".*write"),
    stray_fails("stray_write_its", "w 0x08080000", "0x08080000", ".*write"),
    stray_fails("stray_write_rtc", "w 0x09010000", "0x09010000", ".*write"),
    stray_fails("stray_jump_hypervisor", "x @{hypervisor}", "hypervisor", "instruction fetch"),
    stray_fails("stray_jump_nowhere", f"x {NOWHERE:#x}", hex(NOWHERE), "instruction fetch"),
]

# --- states in which a cell may be when it is destroyed ---


def destroyed_while(name, command, said):
    return Test(name, "enabled", 90, [
        start("stray"),
        console("stray", nonce(), line(command), see(said)),
        report("cell shutdown stray", state=lambda s: s in ("stopped", "ready")),
        report("cell restart stray", state="running"),
        console("stray", nonce(), line(command), see(said), history=False),
        destroy("stray"),
        online("0-3"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
    ])


BUSY = [
    destroyed_while("destroy_masked_spin", "s", r"spinning, masked\r*\n"),
    destroyed_while("destroy_raised_priority", "ap", r"running priority raised\r*\n"),
    destroyed_while("destroy_masked_sleep", "irqmask", r"sleeping, masked\r*\n"),
    destroyed_while("destroy_deaf_sleep", "deaf", r"sleeping, deaf\r*\n"),
    destroyed_while("destroy_sleep", "wfi", r"sleeping\r*\n"),
]

# --- what follows the end of a cell ---

# How it ends: what the inmate `stray` is told, what it says, the state, and what dmesg calls it.
ENDS = {
    "off": ("off", r"off\r*\n", "off", "switched itself off"),
    "last_cpu": ("cpuoff", "switching this CPU off", "off", "switched itself off"),
    "reset": ("reset", r"reset\r*\n", "reset", "asked for a reset"),
    "fault": ("w 0x60000000", "try w", "failed", "failed"),
}


def policy(*policies):
    """A cell of that configuration, in which the inmate `stray` runs, ready to end."""
    return [compile_cell("policy", "/tmp/policy.cell", POLICY=",".join(policies)),
            start("policy", "stray", "/tmp/policy.cell"),
            console("policy", see("stray> "))]


def watched(ms, *policies, cpus=1):
    """The inmate `guarded`, that must pet in such a time."""
    return [compile_cell("policy", "/tmp/policy.cell", CPU_COUNT=str(cpus),
                         POLICY=",".join((f".watchdog_ms={ms}", *policies))),
            start("policy", "guarded", "/tmp/policy.cell"),
            console("policy", see("guarded> "))]


DIGESTS = {"registers": "cpu 0 registers", "gic": "cpu 0 gic", "other_registers": "cpu 1 registers",
           "other_gic": "cpu 1 gic", "uart": "uart", "memory": "memory"}


def found(name, starts):
    """The inmate `same` of this start says what it found."""
    def step(context):
        wait("hvctl cell show policy", rf"^ +starts +{starts}$")(context)
        console("policy", nonce(), line("show"),
                *[see(rf"{text}=(\d+)\r*\n", f"{name}_{key}") for key, text in DIGESTS.items()],
                history=False)(context)
    return step


def same(first, second):
    return verify(f"{second} is like {first}",
                  lambda v: all(v[f"{first}_{key}"] == v[f"{second}_{key}"] for key in DIGESTS))


def ends(cause):
    return console("policy", line(ENDS[cause][0]), see(ENDS[cause][1]), history=False)


def restarts(number, **expected):
    """So many restarts are done, and it answers."""
    return [wait("hvctl cell show policy", rf"^ +restarts +{number}( of \d+)?$"),
            report("cell show policy", state="running", restarts=number, **expected),
            console("policy", nonce(), history=False)]


def stops_after(cause, field):
    state_name, text = ENDS[cause][2:]
    return Test(f"stops_after_{cause}", "enabled", 60, [
        *policy(".on_off=RESTART", ".on_reset=RESTART", ".on_fault=RESTART",
                f".{field}=STOP"),
        ends(cause),
        state("policy", state_name),
        wait("dmesg", rf"caisson: cell policy {text}$"),
        report("cell show policy", state=state_name, starts=1, restarts=0, restart_limit=None),
        report("cell restart policy", state="running", starts=2, restarts=0),
        console("policy", nonce(), history=False),
        destroy("policy"),
    ])


def restarts_after(cause, field):
    state_name, text = ENDS[cause][2:]
    return Test(f"restarts_after_{cause}", "enabled", 90, [
        *policy(".on_off=STOP", ".on_reset=STOP", f".{field}=RESTART",
                ".restarts=2"),
        ends(cause),
        *restarts(1, starts=2, restart_limit=2),
        run("hvctl cell list", "^NAME .* RESTARTS$", "^policy .* 1 of 2$"),
        # A start that is refused does not count.
        refused("hvctl cell start policy", "not possible in the cell's present state"),
        report("cell show policy", restarts=1),
        ends(cause),
        *restarts(2, starts=3),
        run("dmesg", rf"cell policy {text}: restart 1 of 2$",
            rf"cell policy {text}: restart 2 of 2$"),
        ends(cause),
        wait("dmesg", rf"cell policy {text}, and stays so after 2 restarts$"),
        report("cell show policy", state=state_name, starts=3, restarts=2),
        # By hand it starts anew, and so do the restarts.
        report("cell start policy", state="running", starts=4, restarts=0),
        console("policy", nonce(), history=False),
        ends(cause),
        *restarts(1, starts=5),
        destroy("policy"),
    ])


def fails_at_once(policies):
    """A cell of that configuration, to be started, whose entry is zeroed memory."""
    return [compile_cell("policy", "/tmp/policy.cell", FLAGS="STRAY_FAIL|SET_ENTRY",
                         POLICY=policies),
            create("/tmp/policy.cell"),
            report("cell load policy inmates/stray.bin", state="ready")]


POLICIES = [
    *[make(cause, field) for make in (stops_after, restarts_after) for cause, field in
      [("off", "on_off"), ("last_cpu", "on_off"), ("reset", "on_reset"), ("fault", "on_fault")]],
    # Watchdogs. Interrupts of EL2's are not the cell's to mask, and nobody has to be awake.
    Test("watchdog_expires", "enabled", 120, [
        *watched(3000, ".on_fault=RESTART", ".restarts=1"),
        console("policy", line("left"), see(r"left=[0-3] of 3\r*\n"), line("keep 1000000 6"),
                see("cpu=0 petted 6 times"), line("s"), see("spins, masked"), history=False),
        *restarts(1),
        run("dmesg", "cell policy failed, as its watchdog ran out: restart 1 of 1$"),
        run("hvctl log", "^cell policy: its watchdog ran out$"),
        # This time it is simply not petted: the inmate waits for a line.
        state("policy", "failed"),
        run("hvctl cell show policy", "state +failed: its watchdog ran out$"),
        report("cell show policy", failure=lambda f: f["reason"] == "its watchdog ran out"),
        run("dmesg", "cell policy failed, as its watchdog ran out, and stays so after 1 restarts$"),
        report("cell restart policy", state="running"),
        console("policy", line("keep 500000 10"), see("cpu=0 petted 10 times"), history=False),
        destroy("policy"),
    ]),
    Test("watchdog_calls", "enabled", 120, [
        *watched(60500),
        console("policy", line("left"), see("left=(59|60) of 60"),
                line("timeout 61"), see("timeout refused"), line("timeout 0"),
                see("timeout refused"), line("timeout 2"), see("timeout done"),
                line("enable 0"), see("enable done"), line("left"), see("left=0 of 60"),
                line("hvc"), see(r"hvc pet=0 unknown=-1 again=0\r*\n"), history=False),
        # It is stopped.
        run("sleep 4"),
        report("cell show policy", state="running"),
        console("policy", nonce(), line("enable 1"), see("enable done"), history=False),
        # The shorter time counts.
        state("policy", "failed", timeout=20),
        # And is forgotten at the next start.
        report("cell restart policy", state="running"),
        run("sleep 4"),
        console("policy", line("left"), see("left=5[0-9] of 60"), history=False),
        destroy("policy"),
    ]),
    Test("watchdog_refused", "enabled", 60, machine=hardware.other_timer, steps=[
        compile_cell("policy", "/tmp/policy.cell", POLICY=".watchdog_ms=1000"),
        refused("hvctl cell create /tmp/policy.cell",
                r"^ci/configs/policy\.c:\d+: error: .*there are no watchdogs"),
        online("0-3"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
    ]),
    # The CPU that was armed first goes; the other one pets, and then no more.
    Test("watchdog_of_two_cpus", "enabled", 120, [
        *watched(2000, cpus=2),
        keep_exits("before", "policy"),
        console("policy", line("leave 500000 12"), see("cpu=0 leaves"),
                see("cpu=1 petted 12 times"), see("cpu=1 spins, masked"), history=False),
        keep_exits("after", "policy"),
        # A pet sets no timer: it came a few times too early.
        verify("few interrupts of EL2's", lambda v: 2 <= delta(v, "kick") <= 10),
        state("policy", "failed", timeout=20),
        run("hvctl log", "cell policy: failed on its cpu 1, "),
        destroy("policy"),
        # EL2's timer and its interrupt stay behind nowhere.
        start("smp"),
        console("smp", see(r"smp: ok cpus=2")),
        run("sleep 3"),
        report("cell show smp", state="running"),
        destroy("smp"),
        start_linux(),
        console("linux", prompt()),
        destroy("linux"),
        run("hvctl disable"),
        run("hvctl enable"),
        *watched(60000, cpus=2),
        report("cell shutdown policy", state=lambda s: s in ("stopped", "ready")),
        report("cell start policy", state="running"),
        console("policy", line("left"), see("left=(59|60) of 60"), history=False),
        destroy("policy"),
        run("hvctl disable"),
    ]),
    Test("same_start", "enabled", 240, [
        compile_cell("policy", "/tmp/policy.cell", CPU_COUNT="2",
                     POLICY=".on_off=RESTART,.on_fault=RESTART,.watchdog_ms=60000"),
        start("policy", "same", "/tmp/policy.cell"),
        found("first", starts=1),
        *[step for starts, way in enumerate(("reset", "off", "fault", "watchdog"), 2) for step in (
            console("policy", line(f"dirty {way}"), see(f"dirty, then {way}"), history=False),
            found(way, starts), same("first", way))],
        console("policy", line("dirty spin"), see("dirty, then spin"), history=False),
        report("cell restart policy", state="running"),
        found("restart", starts=6), same("first", "restart"),
        console("policy", line("dirty spin"), see("dirty, then spin"), history=False),
        run("hvctl cell shutdown policy"),
        report("cell start policy", state="running"),
        found("start", starts=7), same("first", "start"),
        destroy("policy"),
    ]),
    # Again and again, and root goes on.
    Test("restarts_for_ever", "enabled", 90, [
        *fails_at_once(".on_fault=RESTART"),
        run("cut -d' ' -f1 /proc/uptime", keep="before"),
        report("cell start policy"),
        wait("hvctl cell show policy", r"^ +restarts +\d\d$"),
        report("cell show policy", keep="show"),
        run("cut -d' ' -f1 /proc/uptime", keep="after"),
        verify("at most ten times a second",
               lambda v: 10 <= v["show"]["restarts"] <=
               (float(v["after"]) - float(v["before"])) * 10 + 1),
        report("cell shutdown policy", state=lambda s: s in ("stopped", "ready")),
        destroy("policy"),
    ]),
    # More than Linux prints at once: each restart counts, whether it is told or not.
    Test("restarts_untold", "enabled", 90, [
        *fails_at_once(".on_fault=RESTART,.restarts=15"),
        report("cell start policy"),
        wait("dmesg", r"cell policy failed, and stays so after 15 restarts$"),
        report("cell show policy", state="failed", starts=16, restarts=15),
        destroy("policy"),
    ]),
]

# --- configurations that are refused ---


def rejected(config, said, status=3):
    """Refused by the validator: by `config check`, and by `cell create` without a change."""
    where = rf"^ci/configs/{config}\.c:\d+: error: .*{said}"
    return Test(f"config_{config}", "enabled", 30, [
        refused(f"hvctl config check tests/{config}.cell", where, status=status),
        refused(f"hvctl cell create tests/{config}.cell", where, status=status),
        online("0-3"),
    ])


def refused_live(config, said, *before, after=()):
    """Sound in itself, refused by driver or EL2 as things are."""
    return Test(f"config_{config}", "enabled", 60, [
        *before,
        run(f"hvctl config check tests/{config}.cell"),
        refused(f"hvctl cell create tests/{config}.cell", said),
        *after,
    ])


CONFIGS = [
    rejected("cpu-twice", r"the CPU is listed twice \(CPU 3\)"),
    rejected("irq-twice", r"the interrupt is listed twice \(INTID 42\)"),
    rejected("irq-private", r"not an SPI .*\(INTID 27\)"),
    rejected("overlap", r"overlaps another entry"),
    rejected("overlap-pa", r"overlaps another entry"),
    rejected("overlap-gic", r"overlaps another entry"),
    rejected("entry-outside", r"the entry point lies in no memory region"),
    rejected("unaligned", r"not a multiple of 4 KiB"),
    Test("config_no-cpu", "enabled", 30, [
        refused("hvctl config check tests/no-cpu.cell", r"a required entry is missing \(CPUS\)",
                status=3),
        refused("hvctl cell create tests/no-cpu.cell", r"a required entry is missing \(CPUS\)",
                status=3),
        refused("hvctl cell create systems/qemu-virt.sys", "a cell was expected, this is a system",
                status=3),
        run("hvctl config check --json /nope cells/hello.cell", r'^    "file": "/nope",\r*$',
            r'^    "code": "UNREADABLE"\r*$', r'^    "ok": true\r*$', status=2),
    ]),
    refused_live("cpu-owned", r"belongs to another cell \(CPU 3\)",
                 start("hello"), after=[console("hello", nonce()), destroy("hello")]),
    refused_live("irq-owned", r"the interrupt belongs to another cell \(INTID 250\)",
                 create("tests/irq-owner.cell"), after=[online("0-2"), destroy("irq-owner")]),
    refused_live("irq-in-use", r"enabled in root Linux \(INTID 33\)"),
    refused_live("cpu-all", r"root Linux must keep at least one CPU"),
    *[Test(f"config_{name}", "enabled", 60, [
        compile_cell(source, "/tmp/a.cell", **defines),
        refused("hvctl cell create /tmp/a.cell",
                rf"^ci/configs/{source}\.c:\d+: error: {said}", hint),
        online("0-3"),
    ]) for name, source, defines, said, hint in [
        ("irq_unknown", "irq-in-use", {"INTID": "1000"},
         r"the interrupt controller has no such interrupt \(INTID 1000\)", ""),
        ("device_in_ram", "device", {"BASE": "0x48000000", "NO_IRQ": "1"},
         r"the device region lies in root Linux's RAM \(0x48000000\)", ""),
        # The CPU's addresses have 44 bits.
        ("out_of_range", "at-pa", {"PA": "CAISSON_PA_ANY", "IPA": "0x100000000000"},
         r"the range .* lies beyond the addressable space \(0x100000200000\)", ""),
        ("named_root", "at-pa", {"PA": "CAISSON_PA_ANY", "NAME": '"root"'},
         "a cell of that name exists", "hint: .*another name"),
        ("no_memory", "at-pa", {"PA": "CAISSON_PA_ANY", "SIZE": "GiB(64)"},
         r"not enough memory \(64 GiB\)", "hint: .*ask for less"),
    ]],
    # The last 2 MiB that it has; the first that it has not are above.
    Test("config_highest", "enabled", 30, [
        compile_cell("at-pa", "/tmp/a.cell", PA="CAISSON_PA_ANY", IPA="0xfffffe00000"),
        create("/tmp/a.cell"),
        destroy("at-pa"),
    ]),
    # Linux could spare it, but not in one piece: its own kernel, at least, is in between.
    Test("config_no_contiguous_memory", "enabled", 120, [
        run("sed -n 's/^MemAvailable: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo",
            keep="available"),
        keep("size", lambda v: f"MiB({(int(v['available']) // 1024 - 48) // 2 * 2})"),
        compile_cell("at-pa", "/tmp/a.cell", PA="CAISSON_PA_ANY", SIZE="@{size}",
                     FLAGS="MEM_RWX|MEM_CONTIGUOUS"),
        refused("hvctl cell create /tmp/a.cell",
                r"^ci/configs/at-pa\.c:\d+: error: not enough memory \(\d+ MiB\)",
                "hint: .*MEM_CONTIGUOUS"),
        online("0-3"),
        memory_back(),
    ]),
    refused_live("cpu-unknown", r"there is no such CPU \(CPU 1000\)"),
    refused_live("at-pa", r"the memory is not RAM"),
    Test("config_over_hypervisor", "enabled", 60, [
        report("status", keep="status"),
        keep("pa", lambda v: hex(v["status"]["memory_address"] // (2 * MIB) * 2 * MIB)),
        compile_cell("at-pa", "/tmp/a.cell", PA="@{pa}"),
        refused("hvctl cell create /tmp/a.cell",
                r"^ci/configs/at-pa\.c:\d+: error: the memory belongs to the hypervisor \(0x"),
        # Its last page alone, too.
        keep("pa", lambda v: hex(memory_end(v) - 4096)),
        compile_cell("at-pa", "/tmp/a.cell", PA="@{pa}", SIZE="4096"),
        refused("hvctl cell create /tmp/a.cell", r"the memory belongs to the hypervisor \(0x"),
        online("0-3"),
    ]),
    Test("config_over_cell", "enabled", 60, [
        compile_cell("at-pa", "/tmp/a.cell", PA="0x70000000", NAME='"owner"', CPU="3"),
        compile_cell("at-pa", "/tmp/b.cell", PA="0x701ff000", NAME='"thief"', SIZE="8192"),
        report("cell create /tmp/a.cell", state="ready"),
        refused("hvctl cell create /tmp/b.cell",
                r"^ci/configs/at-pa\.c:\d+: error: the memory belongs to another cell "
                r"\(0x701ff000\)"),
        online("0-2"),
        destroy("owner"),
        # Nobody has it any more; whether Linux can spare those very pages again is its own affair.
        run("hvctl cell create /tmp/b.cell 2>&1", r"^cell thief is ready|root Linux refused",
            status=None),
        run("! hvctl cell show thief >/dev/null 2>&1 || hvctl cell destroy thief"),
    ]),
]

# --- what scripts read in sysfs ---

SYSFS = "/sys/class/misc/caisson"


def documented_files(cell):
    """What the ABI's page says is there while there is one cell."""
    text = (TOP / "Documentation/ABI/testing/sysfs-class-misc-caisson").read_text(encoding="utf-8")
    names = re.findall(r"^What:\s+(\S+[^/])$", text, re.M)
    return sorted(name.replace("<cell>", cell) for name in names)


FILES = [
    Test("sysfs_is_documented", "enabled", 30, [
        start("hello"),
        # uevent, dev, power and subsystem are there for each device.
        run(f"find {SYSFS}/enabled {SYSFS}/mode {SYSFS}/cells -type f; "
            f"ls {SYSFS} | grep -vxE 'cells|dev|power|subsystem|uevent' | sed 's|^|{SYSFS}/|'",
            keep="files"),
        verify("each file is documented, and there",
               lambda v: sorted(set(v["files"].split())) == documented_files("hello")),
        run(f"cd {SYSFS} && cat enabled mode cells/hello/id cells/hello/state cells/hello/cpus "
            "cells/hello/memory; cd", r"^1\ndirect-fiq\n\d+\nrunning\n3\n16777216$"),
        destroy("hello"),
        run(f"ls {SYSFS}/cells | wc -l", "^0$"),
    ]),
]

# --- what hvctl itself refuses ---


def image_with(at, content):
    """caisson.bin with other bytes in one place; the good one is in /tmp/good."""
    octal = "".join(f"\\{byte:03o}" for byte in content)
    return run(f"cp /tmp/good/caisson.bin /lib/firmware && printf '{octal}' | "
               f"dd of=/lib/firmware/caisson.bin bs=1 seek={at} conv=notrunc")


def alone(*names):
    """These are the only cells, for hvctl as for sysfs, and each answers."""
    steps = [run("hvctl cell list | wc -l", f"^{len(names) + 1}$"),
             run("ls /sys/class/misc/caisson/cells | wc -l", f"^{len(names)}$"),
             *[console(name, nonce(), history=False) for name in names]]
    return steps


HVCTL = [
    # The validator's refusals, each of them, with a cell beside that minds none.
    Test("hvctl_every_refusal", "enabled", 180, [
        start("hello"),
        every_refusal(),
        *alone("hello"),
        online("0-2"),
        destroy("hello"),
    ]),
    Test("hvctl_files", "enabled", 60, [
        start("hello"),
        run(": >/tmp/empty.cell"),
        refused("hvctl cell create /tmp/empty.cell", "/tmp/empty.cell: is empty", status=2),
        refused("hvctl cell create /tmp", "/tmp: is no regular file", status=2),
        refused("hvctl cell create /nope.cell", "/nope.cell: No such file", status=2),
        refused("hvctl enable /nope.sys", "/nope.sys: No such file", status=2),
        refused("hvctl enable cells/hello.cell", "a system was expected, this is a cell", status=3),
        refused("hvctl enable --mode fast", "--mode: fast is none of auto, ", status=2),
        refused("hvctl cell load hello /nope.bin", "/nope.bin: No such file", status=2),
        refused("hvctl cell linux /nope --cpus 2 --memory 128M", "/nope: No such file", status=2),
        refused("hvctl cell linux cells/hello.cell --cpus 2 --memory 128M",
                "cells/hello.cell: is no arm64 Image", status=3),
        *alone("hello"),
        destroy("hello"),
    ]),
    # What is not possible as things are, beside a cell that runs.
    Test("hvctl_states", "enabled", 90, [
        start("hello"),
        refused("hvctl cell create cells/hello.cell", 
                r"^configs/hello\.c:\d+: error: a cell of that name exists", "hint: "),
        refused("hvctl cell load hello inmates/hello.bin",
                r"not possible in the cell's present state \(running\)", "hint: .*cell shutdown"),
        refused("hvctl cell start hello", r"present state \(running\)"),
        create("timer"),
        refused("hvctl cell start timer", "nothing has been loaded", "hint: .*cell load"),
        refused("hvctl cell restart timer", "nothing has been loaded"),
        refused("hvctl disable", "cells still exist", "hint: .*destroy them first"),
        refused("hvctl enable", "enabled already"),
        run("rmmod caisson 2>&1", "caisson", status=1),
        *[refused(f"hvctl cell {verb} root", "not possible with the root cell")
          for verb in ("start", "shutdown", "restart", "destroy")],
        refused("hvctl cell load root inmates/hello.bin", "not possible with the root cell"),
        *[refused(f"hvctl cell {verb} nobody", "nobody: there is no such cell", "hint: .*cell list")
          for verb in ("start", "shutdown", "restart", "destroy", "show", "stats")],
        refused("hvctl cell load nobody inmates/hello.bin", "there is no such cell"),
        refused("hvctl console nobody", "there is no such cell"),
        destroy("timer"),
        compile_cell("at-pa", "/tmp/mute.cell", PA="CAISSON_PA_ANY", NAME='"mute"'),
        create("/tmp/mute.cell"),
        refused("hvctl console mute", "mute: the cell has no console", "hint: .*CONSOLE"),
        destroy("mute"),
        *alone("hello"),
        destroy("hello"),
    ]),
    Test("hvctl_image_and_region", "enabled", 60, [
        create("hello"),
        # 16 MiB of it; the device tree is at its end.
        run("head -c 17825792 /dev/zero >/tmp/large.bin"),
        refused("hvctl cell load hello /tmp/large.bin",
                "/tmp/large.bin: needs 0x1100000 bytes at 0x40000000, which is more", status=3),
        refused("hvctl cell load hello inmates/hello.bin@0x40ffff00",
                "inmates/hello.bin: needs 0x[0-9a-f]+ bytes at 0x40ffff00, which is more", status=3),
        *[refused(f"hvctl cell load hello inmates/hello.bin@{at}",
                  f"inmates/hello.bin: its address {at} lies in no memory of cell hello", status=3)
          for at in ("0x80000000", "0x3ffff000")],
        refused("hvctl cell load hello inmates/hello.bin inmates/timer.bin@0x40000100",
                r"inmates/\w+.bin \(0x40000.00 to 0x[0-9a-f]+\) overlaps inmates/", status=3),
        refused("hvctl cell start hello", "nothing has been loaded"),
        run("rm /tmp/large.bin"),
        destroy("hello"),
    ]),
    Test("hvctl_memory", "enabled", 120, [
        start("hello"),
        refused("hvctl cell linux vmlinuz --cpus 1-2 --memory 64G",
                r"^--memory 64G: error: not enough memory \(64 GiB\)",
                r"^hvctl: hint: Linux has \d+ MiB available .* MEM_CONTIGUOUS"),
        # Neither its CPUs nor any memory went.
        online("0-2"),
        *alone("hello"),
        destroy("hello"),
        memory_back(),
    ]),
    Test("hvctl_cpus", "enabled", 60, [
        refused("hvctl cell linux vmlinuz --cpus 4 --memory 128M",
                r"^--cpus 4: error: there is no such CPU \(CPU 4\)", "hint: .*cpu/possible"),
        refused("hvctl cell linux vmlinuz --cpus 0-3 --memory 128M",
                r"^--cpus 0-3: error: root Linux must keep at least one CPU", "hint: "),
        refused("hvctl cell linux vmlinuz --cpus 1024 --memory 128M", "--cpus", status=2),
        start("hello"),
        refused("hvctl cell linux vmlinuz --cpus 2-3 --memory 128M",
                r"^--cpus 2-3: error: the CPU belongs to another cell \(CPU 3\)",
                "hint: .*cell list"),
        online("0-2"),
        *alone("hello"),
        destroy("hello"),
    ]),
    # Another user: the device is root's alone, and what root leaves open is refused by the driver.
    Test("hvctl_not_root", "enabled", 60, [
        run("echo 'guest::1000:1000::/:/bin/sh' >>/etc/passwd"),
        *[run(f"su guest -c 'hvctl {command}' 2>&1", "/dev/caisson is root's alone", status=4)
          for command in ("status", "cell list", "cell destroy hello", "log", "disable")],
        run("su guest -c 'hvctl enable' 2>&1", "is root's alone|to root alone", status=4),
        run("su guest -c 'hvctl hardware check' 2>&1", "^problem +module +.*root's alone",
            "hint: run hvctl as root", status=1),
        run("chmod 666 /dev/caisson"),
        run("su guest -c 'hvctl status' 2>&1", "Operation not permitted", status=4),
        run("chmod 600 /dev/caisson; sed -i /^guest/d /etc/passwd"),
        report("status", enabled=True),
    ]),
    Test("hvctl_no_module", "bare", 30, [
        *[run(f"hvctl {command} 2>&1", "load the module first", status=4) for command in
          ("status", "enable", "disable", "log", "console hello", "cell list", "cell show hello",
           "cell create cells/hello.cell", "cell destroy hello")],
    ]),
    Test("hvctl_help", "bare", 30, [
        run("hvctl cell --help", "^hvctl cell create FILE.cell", "^hvctl cell linux "),
        run("hvctl help config", "^hvctl config check "),
        run("hvctl help cell linux", r"^ +--append CMDLINE "),
        refused("hvctl help nothing", "there is no command `nothing'", status=2),
        refused("hvctl log -f --json", "is no JSON", status=2),
    ]),
    Test("hvctl_output", "enabled", 60, [
        run("hvctl status --json 2>&1 >/dev/full", "the output cannot be written", status=1),
        start("hello"),
        run("hvctl cell list 2>&1 >/dev/full", "the output cannot be written", status=1),
        run("hvctl console hello 2>&1 </dev/null >/dev/full", "the output cannot be written",
            status=1),
        destroy("hello"),
    ]),
    Test("hvctl_load", "enabled", 60, [
        create("hello"),
        *[refused(f"hvctl cell load hello inmates/hello.bin@{at}", f"`{at}' is no address",
                  status=2) for at in ("0xffffffffffffffff", "-1", "0x1ffffffffffffffff", "abc")],
        refused("hvctl cell load hello inmates/hello.bin@0x40000001", "entry point 0x40000001",
                status=3),
        run("cp inmates/hello.bin /tmp/hello@home"),
        report("cell load hello /tmp/hello@home", state="ready"),
        report("cell load hello /tmp/hello@home@0x40000000", state="ready"),
        report("cell start hello", state="running"),
        console("hello", nonce()),
        # Times of an earlier cell's end are none of this one's.
        destroy("hello"),
        create("hello", ns=lambda ns: "destroy" not in ns),
        destroy("hello"),
    ]),
    Test("hvctl_linux", "enabled", 30, [
        refused("hvctl cell linux --cpus 2,2 --memory 128M vmlinuz", "each once", status=2),
        refused("hvctl cell linux --cpus 2 --memory 128M vmlinuz "
                "--append $(head -c 2032 /dev/zero | tr '\\0' x)", "at most 2047", status=2),
        refused("hvctl cell linux --cpus 2 --memory 64K vmlinuz", "vmlinuz: needs 0x[0-9a-f]+ bytes",
                status=3),
        refused("hvctl cell linux --cpus 2 --memory 128M --name .. vmlinuz", "a name is",
                status=3),
        online("0-3"),
    ]),
    Test("hvctl_image", "loaded", 60, [
        run("cp -r /lib/firmware /tmp/good"),
        run("rm /lib/firmware/caisson.bin"),
        refused("hvctl enable", r"caisson\.bin cannot be used \(it is missing\)",
                "^hvctl: hint: /lib/firmware/caisson.bin "),
        *[step for size in (0, 1, 63, 64, 8192) for step in (
            run(f"head -c {size} /tmp/good/caisson.bin >/lib/firmware/caisson.bin"),
            refused("hvctl enable", r"caisson\.bin cannot be used \(it is "))],
        run("(cat /tmp/good/caisson.bin; echo) >/lib/firmware/caisson.bin"),
        refused("hvctl enable", r"\(it is truncated or damaged\)"),
        # The magic number, and each of the first words behind the version, which is the third.
        *[step for word in (0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11) for step in (
            image_with(4 * word, b"\xa5\x5a\xa5\x5a"),
            refused("hvctl enable", r"\(it is truncated or damaged\)"))],
        # Code and data, anywhere.
        *[step for at in (4096, 30000, 50000) for step in (
            image_with(at, b"\xa5\x5a\xa5\x5a"),
            refused("hvctl enable", r"\(it is truncated or damaged\)"))],
        image_with(8, b"\x07\0\0\0"),
        refused("hvctl enable", r"\(its version is 7, caisson\.ko's is \d+\)"),
        report("status", enabled=False),
        memory_back(),
        run("cp /tmp/good/caisson.bin /lib/firmware"),
        report("enable", enabled=True),
        run("hvctl disable"),
    ]),
]

# --- devices that a cell is given: QEMU's real-time clock, all of it or parts of its page ---

RTC = 0x09010000
RTC_ID = RTC + 0xfe0
RTC_DRIVER = "/sys/bus/amba/drivers/rtc-pl031"
RTC_NAME = "9010000.pl031"


def root_reads(at, value, width=32):
    return run(f"devmem {at:#x} {width}", f"^{value}$")


def root_may_not(*addresses):
    """EL2 refuses the access, and root survives it."""
    def step(context):
        for at in addresses:
            run(f"devmem {at:#x} 2>&1", "Bus error", status=128 + SIGBUS)(context)
    return step


def part_of_rtc(name, cpu, offset, size, flags="MEM_RW"):
    return compile_cell("device", f"/tmp/{name}.cell", NAME=f'"{name}"', CPU=str(cpu), NO_IRQ="1",
                        OFFSET=f"{offset:#x}", SIZE=f"{size:#x}", RTC_FLAGS=flags)


def asks(cell, *words, history=False):
    """The inmate `stray` is told to do something and says so: pairs of command and answer."""
    actions = [action for command, answer in zip(words[::2], words[1::2])
               for action in (line(command), see(answer), see("stray> "))]
    return console(cell, *actions, history=history)


def delta(values, cause):
    return values["after"][cause] - values["before"][cause]


DEVICES = [
    Test("device", "enabled", 60, machine=hardware.devices, steps=[
        refused("hvctl cell create tests/device.cell",
                r"^ci/configs/device\.c:\d+: error: .*(INTID 34|a driver of root Linux)"),
        run(f"echo {RTC_NAME} >{RTC_DRIVER}/unbind"),
        start("device", config="tests/device.cell"),
        online("0-2"),
        root_may_not(RTC, RTC_ID),
        console("device", see(r"device: clock=[1-9]\d+ "), see("device> ")),
        keep_exits("before", "device"),
        console("device", line("alarm 2"), see(r"device: irq=34 count=1 seconds=[23]\r*\n"),
                line("burst 1000"), see(r"device: irq=34 count=1000 seconds=\d+\r*\n"), nonce(),
                history=False),
        keep_exits("after", "device"),
        exits_between("before", "after", ["console"], irqs=lambda v: 1001),
        # The interrupt is active and raised when it is taken away.
        console("device", line("hold"), see("device: holding"), history=False),
        destroy("device"),
        online("0-3"),
        root_reads(RTC, "0x[0-9A-F]{8}"),
        root_reads(RTC_ID, "0x31", 8),
        start("device", config="tests/device.cell"),
        console("device", see("device> "), line("alarm 1"), see("device: irq=34 count=1 "),
                nonce()),
        destroy("device"),
        run(f"echo {RTC_NAME} >{RTC_DRIVER}/bind"),
        run("cat /sys/class/rtc/rtc*/since_epoch", r"^[1-9]\d+$"),
        run(INTERRUPTS, " 34 Level +rtc-pl031"),
    ]),
    # A driver of root's is bound to one, and everybody's interrupts hang on the others.
    *[Test(f"device_in_use_{base:08x}", "enabled", 30, machine=hardware.devices, steps=[
        compile_cell("device", "/tmp/a.cell", BASE=f"{base:#x}", NO_IRQ="1"),
        refused("hvctl cell create /tmp/a.cell", rf"^ci/configs/device\.c:\d+: error: .*"
                rf"a driver of root Linux uses the device \({base:#x}\)", "hint: "),
        online("0-3"),
    ]) for base in (0x09000000, 0x09030000, 0x08000000, 0x08080000, 0x080e0000)],
    Test("device_in_parts", "enabled", 90, machine=hardware.devices, steps=[
        part_of_rtc("a", 2, 0, 0x20),
        part_of_rtc("b", 3, 0xfe0, 0x20, "MEM_R"),
        part_of_rtc("thief", 1, 0x1c, 4),
        part_of_rtc("whole", 1, 0, 0x1000),
        run(f"echo {RTC_NAME} >{RTC_DRIVER}/unbind"),
        start("a", "stray", "/tmp/a.cell"),
        console("a", see("stray> ")),
        keep_exits("before", "a"),
        asks("a", f"r {RTC:#x}", r"value=0x[1-9a-f]", f"r {RTC + 0x1c:#x}", "value=0x0\r*\n",
             f"w {RTC + 4:#x} 0x1234", "ok w", f"r {RTC + 4:#x}", "value=0x1234\r*\n"),
        keep_exits("after", "a"),
        verify("each access was carried out by EL2",
               lambda v: delta(v, "mmio") == 4 and delta(v, "stage2") == delta(v, "stray") == 0),
        # Root keeps the rest of the page.
        root_may_not(RTC, RTC + 0x1c),
        root_reads(RTC + 0x20, "0x00000000"),
        root_reads(RTC_ID, "0x31", 8),
        start("b", "stray", "/tmp/b.cell"),
        console("b", see("stray> ")),
        asks("b", f"r {RTC_ID:#x}", "value=0x31\r*\n"),
        root_may_not(RTC, RTC_ID),
        root_reads(RTC + 0xfdc, "0x00000000"),
        refused("hvctl cell create /tmp/thief.cell", "belongs to another cell"),
        refused("hvctl cell create /tmp/whole.cell", "belongs to another cell"),
        # What is read-only, and what is the other's.
        console("b", line(f"w {RTC_ID:#x}"), see("try w"), history=False),
        state("b", "failed"),
        console("a", line(f"r {RTC_ID:#x}"), see("try r"), history=False),
        state("a", "failed"),
        report("cell restart a", state="running"),
        destroy("b"),
        asks("a", f"r {RTC:#x}", "value=0x[1-9a-f]"),
        root_may_not(RTC),
        root_reads(RTC_ID, "0x31", 8),
        start("b", "stray", "/tmp/b.cell"),
        destroy("a"),
        console("b", see("stray> ")),
        asks("b", f"r {RTC_ID:#x}", "value=0x31\r*\n"),
        root_may_not(RTC_ID),
        root_reads(RTC, "0x[0-9A-F]{8}"),
        destroy("b"),
        # Nobody shares the page any more: it is mapped.
        root_reads(RTC_ID, "0x31", 8),
        keep_exits("before", "root"),
        *[root_reads(RTC, "0x[0-9A-F]{8}") for _ in range(4)],
        keep_exits("after", "root"),
        verify("EL2 is out of it", lambda v: delta(v, "mmio") == delta(v, "stray") == 0),
        run(f"echo {RTC_NAME} >{RTC_DRIVER}/bind"),
    ]),
]

# --- memory of all kinds, and two cells of one CPU each ---

MEMORY = [
    Test("memory_regions", "enabled", 90, [
        create("tests/memory.cell", name="memory"),
        start("timer"),
        report("cell load memory inmates/stray.bin", state="ready"),
        report("cell start memory", state="running"),
        online("0,3"),
        console("memory", see("stray> ")),
        asks("memory", "r 0", "value=0x0\r*\n", "w 0xfffc 5", "ok w", "r 0xfffc", "value=0x5\r*\n",
             "r 0x10000", "fault esr=0x96000010 far=0x10000 "),
        asks("memory", "r 0x50000000", "value=0x0\r*\n", "w 0x505ffffc 7", "ok w", "r 0x505ffffc",
             "value=0x7\r*\n", "r 0x50600000", "fault ", "x 0x50000000", "fault esr=0x86"),
        asks("memory", "r 0x60000000", "value=0x0\r*\n", "w 0x601ffffc 8", "ok w", "r 0x601ffffc",
             "value=0x8\r*\n", "r 0x60200000", "fault "),
        asks("memory", "r 0x61234ffc", "value=0x0\r*\n", "w 0x61234000", "fault ", "r 0x61235000",
             "fault ", "r 0x61233ffc", "fault "),
        # The younger one stays, then the older one; each goes on without the other.
        destroy("timer"),
        asks("memory", "r 0xfffc", "value=0x5\r*\n"),
        start("timer"),
        destroy("memory"),
        console("timer", nonce()),
        # That very memory was zeroed in between.
        create("tests/memory.cell"),
        report("cell load memory inmates/stray.bin", state="ready"),
        report("cell start memory", state="running"),
        console("memory", see("stray> ")),
        asks("memory", "r 0x601ffffc", "value=0x0\r*\n"),
        destroy("memory", "timer"),
    ]),
]

# --- stage 2: as few entries as there can be, whoever had the memory in between ---

# A page of the PCI window, and a GiB of it, of which nobody uses anything.
PCI_PAGE, PCI_GIB = 0x80_1234_5000, 0x80_4000_0000
AT_GIB = 0x80000000 - RTC  # device.c has its device at the address of the clock, and this behind


# When a CPU comes online, Linux touches the ITS, which is mapped then.
TOUCH_ITS = run(f"echo 0 >{CPUS}/cpu1/online && echo 1 >{CPUS}/cpu1/online")


def root_leaves(name):
    """Root's entries by region; the last row is all of them."""
    def step(context):
        context.values[name] = context.machine.json("cell show root")["stage2"]
    return step


def leaves_lost(first, second, **wanted):
    """How many entries root lost in all."""
    return verify(f"root lost {wanted}", lambda v: wanted == {
        size: v[first][-1][size] - v[second][-1][size] for size in wanted})


STAGE2 = [
    Test("stage2_leaves", "loaded", 120, [
        run("hvctl enable"),
        root_leaves("enabled"),
        TOUCH_ITS,
        root_leaves("before"),
        create("tests/memory.cell"), fewest_leaves("memory"),
        # Both ends inside a block; and no block at all, since IPA and PA never agree.
        compile_cell("at-pa", "/tmp/ends.cell", NAME='"ends"', CPU="1", IPA="0x401ff000",
                     PA="0x701ff000", SIZE="MiB(6)+8192"),
        compile_cell("at-pa", "/tmp/pages.cell", NAME='"pages"', CPU="3", PA="0x71001000",
                     SIZE="MiB(3)"),
        create("/tmp/ends.cell"), fewest_leaves("ends"),
        create("/tmp/pages.cell"), fewest_leaves("pages"),
        root_leaves("lent"),
        verify("root's memory has gaps", lambda v: v["lent"][0] != v["before"][0]),
        destroy("ends"),
        create("timer"), fewest_leaves("timer"),
        destroy("memory", "pages", "timer"),
        root_leaves("after"),
        verify("root's entries are what they were", lambda v: v["after"] == v["before"]),
        verify("those of its regions, since enabling",
               lambda v: v["after"][:-1] == v["enabled"][:-1]),
        run("hvctl disable"),
    ]),
    Test("stage2_gibibytes", "enabled", 60, [
        # A window of some GiB is mapped when root touches it.
        run(f"devmem {PCI_PAGE:#x} && devmem {PCI_GIB:#x}"),
        TOUCH_ITS,
        root_leaves("before"),
        compile_cell("device", "/tmp/page.cell", NAME='"page"', CPU="2", NO_IRQ="1",
                     BASE=f"{PCI_PAGE:#x}"),
        compile_cell("device", "/tmp/gib.cell", NAME='"gib"', NO_IRQ="1", OFFSET=f"{AT_GIB:#x}ULL",
                     BASE=f"{PCI_GIB - AT_GIB:#x}", SIZE="GiB(1)"),
        # A GiB is split twice, for one page; MEMORY takes 8 blocks; root has the console's page.
        create("/tmp/page.cell"), fewest_leaves("page"),
        root_leaves("page"),
        leaves_lost("before", "page", leaves_1g=1, leaves_2m=8 - 511, leaves_4k=-511 - 1),
        create("/tmp/gib.cell"), fewest_leaves("gib"),
        report("cell show gib", stage2=lambda rows: rows[1]["leaves_1g"] == 1),
        root_leaves("gib"),
        leaves_lost("page", "gib", leaves_1g=1, leaves_2m=8, leaves_4k=-1),
        destroy("page", "gib"),
        root_leaves("after"),
        verify("root's entries are what they were", lambda v: v["after"] == v["before"]),
    ]),
]

def flip(cpu):
    return f"echo 0 >{CPUS}/cpu{cpu}/online && echo 1 >{CPUS}/cpu{cpu}/online"


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


KINDS = ("timer", "phys", "sgi", "spi")

IRQS = [
    Test("irqs_of_each_kind", "enabled", 120, [
        start("irqs", config="tests/irqs.cell"),
        console("irqs", see("irqs> ")),
        *[step for kind in KINDS for step in takes(kind)],
        destroy("irqs"),
    ]),
    # The counters are EL2's own. Where it lets the PMU count it: none of its instructions.
    Test("irqs_without_el2", "loaded", 240, machine=hardware.icount, steps=[
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
    Test("irqs_masked_by_priority", "enabled", 120, [
        start("irqs", "priority", "tests/irqs.cell"),
        console("irqs", see(r"DONE pass=25 fail=0 skip=0\r*\n", timeout=90), nonce()),
        destroy("irqs"),
    ]),
]

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
    Test("root_masks_by_priority", "loaded", 150, [
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


def its_disk(name, machine):
    return Test(name, "loaded", 150, machine=machine, steps=[
        keep("disk", lambda v: hardware.disk_sum()),
        keep("part", lambda v: hardware.disk_sum(1100 * 4096)),
        run("for i in 0 1 2 3; do insmod /lib/modules/disk/$i.ko; done"),
        run(INTERRUPTS, "ITS-MSI .*virtio0-req"),
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
        run("touch /tmp/stop; wait"),
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
    ])


DISK = [its_disk("its_disk", hardware.devices)]

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
            run(f"n=0; while [ $n -lt {cycles} ] && export C=$((n % 3 + 1)) && vm run "
                f"'hvctl enable' refused '{flip('$C')}' refused "
                "'vm refused \"hvctl disable\" run' run "
                f"'{flip('$C')}' run >/tmp/vm 2>&1; do n=$((n+1)); done; echo cycles=$n; "
                "cat /tmp/vm", f"^cycles={cycles}$", timeout=280),
            *[run(f"taskset {1 << n:x} vm run", ROUND) for n in range(4)],
        ]),
    ]


KVM = [*kvm("6.1", "cortex-a53", 50), *kvm("6.12", "cortex-a53", 50)]
LONG_KVM = [*kvm("6.1", "max", 50), *kvm("6.12", "max", 50)]

# --- machines on which it cannot be enabled: why, and that root does not mind ---


def unfit(kind, said, insisting=None, hint=True, before=()):
    """Refused for that reason, with a hint; `before`: what is told without the module, too."""
    checked = rf"^problem +\w.* {said}" + (r".*\n +hint: \w" if hint else "")
    return Test(f"unfit_{kind.__name__}", "bare", 60, machine=kind, steps=[
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
    Test("hardware_check_no_psci", "bare", 30, machine=hardware.el2_unknown, steps=[
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
            "^note +erratum +1319537 of Cortex-A57: ", r"^ok +Group 0 .*DS = 1",
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
        run("mv /lib/firmware/caisson.bin /tmp"),
        run("hvctl hardware check", r"^problem +enable +caisson\.bin cannot be used \(it is missing",
            status=1),
        run("mv /tmp/caisson.bin /lib/firmware"),
        run("hvctl enable"),
        run("hvctl hardware check", "^ok +enable +the hypervisor is enabled already"),
        run("hvctl disable"),
    ]),
]

# --- the architecture as a cell finds it ---

ARCH = [
    create("smp"),
    report("cell load smp inmates/arch.bin", state="ready"),
    report("cell start smp", state="running"),
    console("smp", see(r"DONE pass=(\d+) ", "passed", timeout=90), see(r"fail=0 skip=0\r*\n"),
            nonce()),
    verify("all checks were made", lambda v: v["passed"] >= 120),
    destroy("smp"),
]

# With features that cells must not see: what a second Linux believes to have, it uses.
OTHER_CPUS = [test for machine in (hardware.cortex_a76, hardware.cpu_max) for test in (
    Test(f"arch_{machine.__name__}", "enabled", 120, ARCH, machine),
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


GUESTS = [guest("6.12", r"^6\.12\..*deb13-arm64")]
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

# --- asked to shut down ---

# Only the shell of the second Linux is left, so that nobody listens to the power button.
DEAF_LINUX = shell("kill $(pidof dd)")
SAID_AT_THE_END = "hvctl console --dump linux | tail -n 2"

SHUTDOWN = [
    Test("shutdown_linux", "enabled", 180, [
        start_linux(),
        console("linux", prompt()),
        report("cell shutdown linux", state="stopped", shutdown="done"),
        run(SAID_AT_THE_END, "shutting down"),
        run("hvctl log", "^cell linux: off, by itself$"),
        report("cell restart linux", state="running"),
        console("linux", prompt(), DEAF_LINUX, history=False),
        run("hvctl cell shutdown linux --timeout 1", "^cell linux did not shut down in time$",
            "^cell linux is stopped: "),
        report("cell restart linux", state="running"),
        console("linux", prompt(), history=False),
        report("cell shutdown linux --now", state="stopped", shutdown="unasked"),
        report("cell shutdown linux", state="stopped", shutdown="unasked"),
        destroy("linux"),
    ]),
    Test("shutdown_bare_metal", "enabled", 60, [
        start("timer"),
        console("timer", see("ticks=")),
        run("hvctl cell shutdown timer", "^cell timer has shut down$", "^cell timer is stopped: "),
        run("hvctl console --dump timer", r"^timer: shut down after \d+ ticks"),
        report("cell restart timer", state="running"),
        console("timer", see("ticks="), history=False),
        destroy("timer"),
        start("hello"),
        run("hvctl cell shutdown hello", "^cell hello listens to no request to shut down$",
            "^cell hello is stopped: "),
        destroy("hello"),
        refused("hvctl cell shutdown hello --timeout soon", "no number of seconds", status=2),
        refused("hvctl cell shutdown hello", "no such cell"),
    ]),
    # It does as it was told: no restart follows, though its configuration says so.
    Test("shutdown_is_no_restart", "enabled", 60, [
        compile_cell("policy", "/tmp/policy.cell", POLICY=".on_off=RESTART"),
        start("policy", "timer", "/tmp/policy.cell"),
        console("policy", see("ticks=")),
        report("cell shutdown policy", state="stopped", shutdown="done", starts=1),
        run("hvctl log", "^cell policy: off, by itself$"),
        report("cell start policy", state="running", starts=2),
        console("policy", see("ticks="), line("off"), history=False),
        wait("hvctl cell show policy", "^ +restarts +1"),
        destroy("policy"),
    ]),
]

# --- root's life with the hypervisor under it ---

TWO_CELLS = [start("timer"), start_linux()]
ALIVE = [console("timer", nonce(), history=False),
         console("linux", prompt(), shell("true"), history=False)]


def vetoed(word, what):
    return [run(f"(echo {word} >/sys/power/state) 2>&1", "Operation not permitted", status=1),
            run("dmesg | tail -n 12", f"caisson: {what} refused while the hypervisor is enabled: "
                "hvctl disable first")]


LIFE = [
    Test("suspend_is_vetoed", "enabled", 180, [
        *TWO_CELLS,
        console("linux", prompt()),
        *vetoed("mem", "suspend"),
        *vetoed("freeze", "suspend"),
        *vetoed("disk", "hibernation"),
        online("0"),
        *ALIVE,
        destroy("timer", "linux"),
        run("hvctl disable"),
        # Nobody stands in its way now; it is woken at once, or not at all.
        run("echo freezer >/sys/power/pm_test && echo mem >/sys/power/state; "
            "echo none >/sys/power/pm_test"),
    ]),
    Test("kcore", "enabled", 240, [
        compile_cell("at-pa", "/tmp/a.cell", PA="0x70000000", NAME='"at-pa"', CPU="3"),
        create("/tmp/a.cell"),
        report("cell load at-pa inmates/hello.bin", state="ready"),
        report("cell start at-pa", state="running"),
        start("timer"),
        report("status", keep="status"),
        keep("start", lambda v: hex(v["status"]["memory_address"])),
        keep("size", lambda v: v["status"]["memory_bytes"]),
        # What is not root's reads as zero; EL2's memory ends with the last page that is its own.
        run("kcore 0x70000000 0x200000", "^bytes=2097152 zero=2097152 errors=0$"),
        run("kcore @{start} @{size}", "^bytes=@{size} zero=@{size} errors=0$"),
        run("kcore", "^bytes=[0-9]{10} zero=[0-9]+ errors=0$"),
        # As far as `cat` gets in a while: its first 250 TiB are not memory.
        run("timeout 5 cat /proc/kcore >/dev/null", status=128 + SIGTERM),
        state("at-pa", "running"),
        console("timer", nonce()),
        # While memory changes hands.
        destroy("at-pa"),
        create("hello"),
        run("while [ ! -e /tmp/stop ]; do kcore; done >/tmp/kcores 2>&1 & "
            "n=0; while [ $n -lt 20 ] && hvctl cell destroy hello >/dev/null && "
            "hvctl cell create cells/hello.cell >/dev/null; do n=$((n+1)); done; "
            "touch /tmp/stop; wait; "
            "rm /tmp/stop; echo cycles=$n; grep -vc 'errors=0$' /tmp/kcores",
            "^cycles=20$", "^0$", status=1, timeout=180),
        destroy("hello", "timer"),
    ]),
    Test("hotplug_with_cells", "enabled", 240, [
        start("timer"),
        run(f"taskset 4 sh -c 'echo 0 >{CPUS}/cpu2/online; hvctl cell list'", "^timer .* running"),
        cpu(2, 1),
        # hvctl is moved from CPU to CPU while it works.
        run(f"(while [ ! -e /tmp/stop ]; do for c in 2 3; do echo 0 >{CPUS}/cpu$c/online; "
            f"echo 1 >{CPUS}/cpu$c/online; done; done) & n=0; while [ $n -lt 40 ]; do "
            "taskset c hvctl cell stats root >/dev/null && taskset c hvctl cell restart timer "
            ">/dev/null || echo failed; n=$((n+1)); done; touch /tmp/stop; wait; rm /tmp/stop; "
            "echo done", r"\Adone\s*\Z", timeout=120),
        online("0,2-3"),
        console("timer", nonce(), history=False),
        # The boot CPU goes, and the last one stays.
        cpu(0, 0), cpu(2, 0),
        run(f"echo 0 >{CPUS}/cpu3/online", status=1),
        online("3"),
        report("cell shutdown timer", shutdown="done"),
        destroy("timer"),
        online("1,3"),
        start("timer"),
        online("3"),
        console("timer", nonce()),
        destroy("timer"),
        run("hvctl disable"),
        run("hvctl enable"),
        cpu(0, 1), cpu(2, 1),
        online("0-3"),
    ]),
    *[Test(f"hvctl_killed_{name}", "enabled", 400, [
        kill_hvctl(signal, 48, seed),
        clear_up,
        memory_back(),
        start("timer"),
        console("timer", nonce()),
        destroy("timer"),
    ]) for name, signal, seed in [("by_kill", "KILL", 1), ("by_int", "INT", 2)]],
    Test("hvctl_at_once", "enabled", 300, [
        at_once(12, *[["cell create cells/timer.cell", "cell load timer inmates/timer.bin",
                       "cell start timer", "cell restart timer", "cell shutdown timer",
                       "cell destroy timer", "disable", "enable"]] * 2,
                ["status", "cell list", "cell stats root", "cell show timer", "log",
                 "console --dump timer", "cell create cells/smp.cell", "cell destroy smp"]),
        clear_up,
        memory_back(),
    ]),
    Test("module_by_force", "enabled", 240, [
        *TWO_CELLS,
        console("linux", prompt()),
        run("rmmod caisson 2>&1", "Resource temporarily unavailable", status=1),
        *ALIVE,
        run("rmmod -f caisson"),
        run("grep -c caisson /proc/modules", "^0$", status=1),
        run("dmesg", "cell timer has shut down", "cell linux has shut down"),
        online("0-3"),
        memory_back(),
        run("insmod caisson.ko"),
        run("hvctl enable"),
    ]),
]

# The machine ends, or another kernel takes it.
DOWN = [
    Test("root_poweroff_with_cells", "enabled", 180, [
        *TWO_CELLS,
        console("linux", prompt()),
        machine_ends("poweroff -f", "caisson: cell timer has shut down",
                     "caisson: cell linux has shut down"),
    ]),
    Test("root_reboot_with_cells", "enabled", 180, [
        run("echo 2 >/sys/module/caisson/parameters/shutdown_timeout"),
        start("timer", "hello"),
        start_linux(),
        console("linux", prompt(), DEAF_LINUX),
        machine_ends("reboot -f", "caisson: cell timer cannot be asked to shut down: stopped",
                     "caisson: cell linux did not shut down in 2 s: stopped"),
    ]),
    Test("root_kexec_with_cells", "enabled", 300, [
        *TWO_CELLS,
        console("linux", prompt()),
        kexec("caisson: cell timer has shut down", "caisson: cell linux has shut down"),
        # As a machine that was just switched on.
        run("dmesg", "All CPU.s. started at EL2"),
        run("insmod caisson.ko"),
        run("hvctl enable"),
        *TWO_CELLS,
        console("timer", nonce()),
        console("linux", prompt()),
        destroy("timer", "linux"),
        run("hvctl disable"),
        run("dmesg | grep -cE 'WARNING:|Call trace'", "^0$", status=1),
    ], hardware.fresh),
    # Linux does not use EL2 for it then, and takes it that the next kernel finds nobody there.
    Test("root_kexec_after_hotplug", "enabled", 240, [
        cpu(3, 0), cpu(3, 1),
        kexec("caisson: a CPU was hot-plugged: the next kernel starts at EL1"),
        run("dmesg", "CPUs started in inconsistent modes"),
        run("insmod caisson.ko"),
        refused("hvctl enable", "this kernel was not started in EL2"),
        online("0-3"),
    ], hardware.fresh),
]

# All of it with Debian 13's kernel as root as well.
LIFE_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.fresh_6_12 if test.machine
                           else hardware.linux_6_12) for test in SHUTDOWN + LIFE + DOWN]

# --- the steps of the tour, the demos, and what must be shown ---

TESTS = [
    Test("enable", "bare", 60, [
        run("hvctl status 2>&1", "module", status=4),
        run("insmod caisson.ko"),
        run("stat -c %a /dev/caisson", "^600$"),
        report("status", enabled=False),
        run("cat /sys/class/misc/caisson/enabled", "^0$"),
        refused("hvctl cell list", "not enabled", status=4),
        report("enable", enabled=True),
        report("status", enabled=True, mode="direct-fiq", cpus=4, cells=0,
               image_bytes=lambda n: 0 < n <= 96 * 1024, memory_bytes=lambda n: 0 < n < 4 * MIB,
               pool_free=lambda n: n > 0, enable_ns=lambda n: n > 0),
        run("cat /sys/class/misc/caisson/enabled", "^1$"),
        refused("hvctl enable", "enabled already"),
        run("rmmod caisson 2>&1", status=1),
        run("hvctl disable", "^the hypervisor is disabled$"),
        report("status", enabled=False),
    ]),
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
    ]),
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
    ]),
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
    ]),
    Test("smp", "enabled", 90, [
        start("smp"),
        console("smp", see(r"smp: (ok cpus=2 ipis=\d+|FAIL.*)\r*\n"), nonce(), line("run"),
                see(r"smp: ok cpus=2 ipis=(\d+)\r*\n", "ipis")),
        run("hvctl console --dump smp", "smp: ok cpus=2"),
        verify("IPIs", lambda v: v["ipis"] >= 200),
        destroy("smp"),
    ]),
    Test("uart_echo", "enabled", 120, [
        start("uart-echo"),
        console("uart-echo", see("input=interrupt"), see("echo> "), lines(20, 60), nonce(),
                line("stat"), see(r"rx_irqs=(\d+)\r*\n", "irqs")),
        verify("input came by interrupts", lambda v: v["irqs"] > 0),
        report("cell show uart-echo", console_dropped=0),
        destroy("uart-echo"),
    ]),
    Test("arch", "enabled", 120, ARCH),
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
    ]),
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
    ]),
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
    ]),
    # Memory is zeroed by the cell's own CPUs while they are parked: root's only ask and wait.
    Test("scrub_by_own_cpus", "enabled", 60, [
        start("smp"),
        console("smp", nonce()),
        report("cell restart smp", state="running"),
        console("smp", nonce(), history=False),
        destroy("smp"),
        run(r"hvctl log | grep -c '^cell smp: [1-9][0-9]* pages zeroed by its own cpus'",
            "^3$"),
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
    ]),
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
            *[refused("hvctl enable", r"SGI 15 does not reach EL2 .*\(CPU 2\)")] * 5),
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
    ]),
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
                line("w 0x09000000 0x21"), see(r"fault esr=0x96000050 far=0x9000000 "), nonce()),
        run("hvctl log", r"^cell stray-inject: stray access at "),
        destroy("stray-inject"),
    ]),
    *STRAY,
    *BUSY,
    *POLICIES,
    *CONFIGS,
    *FILES,
    *HVCTL,
    *MEMORY,
    *STAGE2,
    *[test for test in IRQS if not test.machine],
    *ENABLING,
    *HARDWARE,
    *SHUTDOWN,
    *LIFE,
    # These end the machine, so they come last.
    Test("root_poweroff", "enabled", 60, [
        machine_ends("poweroff -f"),
    ]),
    *DOWN,
    # On another machine.
    *UNFIT,
    *KVM,
    *DEVICES,
    *DISK,
    *OTHER_CPUS,
    *MANY_CPUS,
    *GUESTS,
    *[test for test in IRQS if test.machine],
]

# How interrupts reach EL2 where firmware keeps Group 0, and, forced, elsewhere.
REVOKE = [
    Test("revoke_enable", "loaded", 120, machine=hardware.group0_kept, steps=[
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
]
REVOKE_TOO = ("irqs_of_each_kind", "irqs_masked_by_priority", "two_cells", "timer", "hello", "smp",
              "linux", "arch", "exits_linux", "hotplug_while_enabled", "offline_across_enable",
              "create_destroy_20", "destroy_masked_spin", "destroy_masked_sleep", "destroy_deaf_sleep",
              "destroy_sleep", "stray_inject")
REVOKE += [test._replace(name=f"{test.name}_revoke", machine=hardware.group0_kept)
           for test in TESTS if test.name in REVOKE_TOO]
REVOKE.append(its_disk("its_disk_revoke", hardware.in_mode("direct-revoke", hardware.devices)))
LONG_REVOKE = [test._replace(name=f"{test.name}_revoke_forced",
                             machine=hardware.in_mode("direct-revoke"))
               for test in TESTS if test.name in REVOKE_TOO]
TESTS += REVOKE

# In the mode list interrupts come through EL2: each makes an exit.
LIST = [
    Test("list_refused", "loaded", 60, machine=hardware.other_timer, steps=[
        refused("hvctl enable --mode list", "this machine's GIC cannot be driven"),
        report("status", enabled=False),
    ]),
    Test("list_exits", "enabled", 120, machine=hardware.in_mode("list"), steps=[
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
]
LIST_TOO = ("timer", "hello", "smp", "linux", "arch", "hotplug_while_enabled", "cells_under_load",
            "offline_across_enable", "create_destroy_20", "destroy_masked_spin",
            "destroy_masked_sleep", "destroy_deaf_sleep", "destroy_sleep", "stray_inject", "watchdog_expires",
            "watchdog_of_two_cpus", "restarts_for_ever", "linux_own_hotplug")
LIST += [test._replace(name=f"{test.name}_list", machine=hardware.in_mode("list", test.machine))
         for test in TESTS if test.name in LIST_TOO]
LIST += [test._replace(name=f"{test.name}_list_group0_kept",
                       machine=hardware.in_mode("list", hardware.group0_kept))
         for test in TESTS if test.name in ("linux", "hotplug_while_enabled", "watchdog_expires")]
# All but its last step, that nothing but IPIs and hypercalls exits.
LIST += [test._replace(name=f"{test.name}_list", machine=hardware.in_mode("list", test.machine),
                       steps=test.steps[:-1]) for test in DISK]
TESTS += LIST

# What depends most on root's kernel, with Debian 13's.
ON_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.linux_6_12)
           for test in TESTS if test.name in (
               "enable", "linux", "two_cells", "smp", "exits_linux", "exits_root",
               "hotplug_while_enabled", "offline_across_enable", "enable_on_one_cpu",
               "enable_disable_100", "rollback_cpu_fails", "rollback_cpu_missing",
               "create_destroy_20", "same_start", "watchdog_expires")]

# What `make check` has no time for, and `make matrix` does.
LONG_TESTS = [
    *ON_6_12,
    *LONG_REVOKE,
    *LIFE_6_12,
    *LONG_KVM,
    *LONG_MANY_CPUS,
    *LONG_GUESTS,
]
