# SPDX-License-Identifier: GPL-2.0-only
"""What a cell has and what it must not reach: memory, devices, stage 2."""

from signal import SIGBUS

import hardware
from steps import (compile_cell, console, create, destroy, exits_between, fewest_leaves, keep,
                   keep_exits, line, need, nonce, online, prompt, refused, report, run, see, shell,
                   start, start_linux, state, verify)
from suite.common import CPUS, INTERRUPTS, NOWHERE, Test, asks, delta, flip, memory_end

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
    # What EL2 does not emulate on a device, and, where none is, need not.
    stray_fails("stray_simd_on_device", "q 0x08000000", "0x08000000",
                "instruction 0x3d800000 on an emulated device: SIMD$"),
    stray_fails("stray_exclusive_on_device", "e 0x08000004", "0x08000004",
                "instruction 0x885f7[0-9a-f]{3} on an emulated device: exclusive"),
    stray_fails("stray_pair_across_pages", "p 0x08000ffc", "0x08000ffc",
                "instruction 0x29400[0-9a-f]{3} on an emulated device: across two pages"),
    stray_fails("stray_simd_nowhere", f"q {NOWHERE:#x}", hex(NOWHERE), ".*write: nothing is mapped"),
]


# --- states in which a cell may be when it is destroyed ---


def destroyed_while(name, command, said, config="stray", core=True):
    return Test(name, "enabled", 90, [
        start("stray", config=config),
        console("stray", nonce(), line(command), see(said)),
        report("cell shutdown stray", state=lambda s: s in ("stopped", "ready")),
        report("cell restart stray", state="running"),
        console("stray", nonce(), line(command), see(said), history=False),
        destroy("stray"),
        online("0-3"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
    ], core=core)


BUSY = [
    destroyed_while("destroy_masked_spin", "s", r"spinning, masked\r*\n"),
    destroyed_while("destroy_raised_priority", "ap", r"running priority raised\r*\n"),
    destroyed_while("destroy_raised_priority_sleep", "apwfi", r"sleeping, masked, running priority raised\r*\n",
                    "tests/stray-wfi.cell", core=False),
    destroyed_while("destroy_masked_sleep", "irqmask", r"sleeping, masked\r*\n"),
    destroyed_while("destroy_deaf_sleep", "deaf", r"sleeping, deaf\r*\n"),
    destroyed_while("destroy_acknowledged", "ack", r"sleeping, an interrupt active\r*\n"),
    destroyed_while("destroy_sleep", "wfi", r"sleeping\r*\n"),
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


AMBA_DRIVERS = "for d in /sys/bus/amba/devices/*/driver; do readlink $d; done"


def root_has_devices():
    """Its drivers, and they work."""
    return run(f"{AMBA_DRIVERS}; cat /sys/class/rtc/rtc*/since_epoch; ls /sys/bus/gpio/devices",
               "/rtc-pl031$", "/pl061_gpio$", r"^[1-9]\d+$", "^gpiochip")


def part_of_rtc(name, cpu, offset, size, flags="MEM_RW"):
    return compile_cell("device", f"/tmp/{name}.cell", NAME=f'"{name}"', CPU=str(cpu), NO_IRQ="1",
                        OFFSET=f"{offset:#x}", SIZE=f"{size:#x}", RTC_FLAGS=flags)


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
    # By their nodes: a second Linux has what root lets go of, and only then.
    Test("devices_of_linux", "enabled", 180, machine=hardware.devices, steps=[
        root_has_devices(),
        # Keys, of which one hangs on a line.
        run("insmod /lib/modules/more/gpio_keys.ko"),
        refused("hvctl cell create cells/devices.cell", r"^configs/devices\.c:\d+: error: "
                r"/pl061@9030000: root Linux uses its line 3 \(GPIO Key Poweroff\)"),
        root_has_devices(),
        run("rmmod gpio_keys"),
        # What fails comes behind.
        compile_cell("device", "/tmp/a.cell", NODE='"/pl031@9010000"', CELL_RAM="GiB(8)"),
        refused("hvctl cell create /tmp/a.cell", "not enough memory"),
        root_has_devices(),
        start_linux("--config cells/devices.cell --initrd guest-initrd.gz"),
        run(AMBA_DRIVERS, r"\A\S*/uart-pl011\s+\S*/caisson\s+\S*/caisson$"),
        run("ls /sys/class/rtc /sys/bus/gpio/devices | grep -E '^(rtc|gpiochip)'", status=1),
        run(f"echo {RTC_NAME} >{RTC_DRIVER}/bind", status=1),
        root_may_not(RTC),
        compile_cell("device", "/tmp/a.cell", NODE='"/pl031@9010000"', CPU="1"),
        refused("hvctl cell create /tmp/a.cell", "the memory belongs to another cell"),
        console("devices", prompt(),
                shell("cat /sys/class/rtc/rtc0/name", "^rtc-pl031 "),
                shell("echo +1 >/sys/class/rtc/rtc0/wakealarm; "
                      "until grep -E ' [1-9][0-9]* .*rtc-pl031' /proc/interrupts; do usleep 9999; done"),
                shell("cd /sys/class/gpio; n=$(cat gpiochip*/base); echo $n >export; "
                      "echo high >gpio$n/direction; cat gpio$n/value; cd", "^1$"),
                shell("dmesg | grep -E 'WARNING|BUG:|Call trace'", status=1)),
        destroy("devices"),
        root_has_devices(),
    ]),
    Test("device_nodes", "enabled", 90, machine=hardware.devices, steps=[
        *[step for node, base, why in (
            ("/pl011@9000000", 0x09000000, "the device is root Linux's console"),
            ("/pl031@9010001", RTC, "root Linux has no device of that node"),
            ("/intc@8000000", 0x08000000, "root Linux has no device of that node"),
            ("/pl061@9030000", RTC, "the region is not one of the node's, or part of one"))
          for step in (
              compile_cell("device", "/tmp/a.cell", NODE=f'"{node}"', BASE=f"{base:#x}", NO_IRQ="1"),
              refused("hvctl cell create /tmp/a.cell",
                      rf"^ci/configs/device\.c:\d+: error: {why} \({node}\)$"))],
        root_has_devices(),
        # One of another bus, with a disk, and in a page with others.
        run("cd /lib/modules/more && insmod virtio_mmio.ko && insmod virtio_blk.ko; cd; ls /dev/vd*", "^/dev/vda$"),
        compile_cell("device", "/tmp/a.cell", NODE='"/virtio_mmio@a003e00"', BASE="0x0a003000",
                     OFFSET="0xe00", SIZE="0x200", NO_IRQ="1"),
        run("exec 9</dev/vda"),
        refused("hvctl cell create /tmp/a.cell", "root Linux uses a disk behind the device",
                "hint: unmount what is on it"),
        run("dmesg", "disk vda is in use, and behind a device that a cell wants$"),
        run("exec 9<&-"),
        start("device", "stray", "/tmp/a.cell"),
        run("ls /dev/vda", status=1),
        console("device", see("stray> ")),
        asks("device", "r 0x09010e00", "value=0x74726976\r*\n"),
        destroy("device"),
        run("dd if=/dev/vda bs=1M 2>/dev/null | md5sum", f"^{hardware.disk_sum()} "),
        run("rmmod virtio_blk virtio_mmio"),
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


LONG_DEVICES = [
    # Chosen by hvctl, and given without a file.
    Test("devices_by_option", "enabled", 180, machine=hardware.devices, steps=[
        run("hvctl config create linux --cpus 2-3 --memory 512M --device /pl061@9030000",
            r"^CPUS\(2, 2\);$", r"^IRQ\(39\);$", "what hangs on it: /gpio-keys/poweroff"),
        start_linux("--cpus +2 --memory 512M --device /pl061@9030000 --device /pl031@9010000 "
                    "--initrd guest-initrd.gz", cpus=[2, 3]),
        run(AMBA_DRIVERS, r"\A\S*/uart-pl011\s+\S*/caisson\s+\S*/caisson$"),
        console("linux", prompt(), shell("cat /sys/class/rtc/rtc0/name", "^rtc-pl031 "),
                shell("ls /sys/bus/gpio/devices", "^gpiochip")),
        destroy("linux"),
        root_has_devices(),
    ]),
    # What a cell's device needs of root runs on, and the cell is told how fast.
    Test("device_with_clock", "enabled", 120, machine=hardware.gated_clock, steps=[
        compile_cell("device", "/tmp/a.cell", NODE='"/pl031@9010000"', FOR_A_LINUX="1", CELL_RAM="MiB(256)"),
        refused("hvctl cell create cells/devices.cell",
                r"^configs/devices\.c:\d+: error: /pl061@9030000: root Linux's device gate depends on it|"
                r"^configs/devices\.c:\d+: error: /pl061@9030000: root Linux uses its line 0 "),
        start_linux("--config /tmp/a.cell --initrd guest-initrd.gz"),
        run("cat /sys/kernel/debug/clk/gate/clk_enable_count", "^[1-9]$"),
        console("device", prompt(),
                shell("hexdump -C /proc/device-tree/clock-*/clock-frequency", "01 6e 36 00"),
                shell("cat /sys/class/rtc/rtc0/since_epoch", r"^[1-9]\d+$")),
        destroy("device"),
        root_has_devices(),
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


# --- what root finds on CPUs and in memory that were a cell's (ci/target/module/remains.c) ---

# The inmate `same` is told to fill all registers with this, as far as they take it, and its memory.
PATTERN = "5a5a"
# What Linux has used by the time it looks, and has other values each time.
OWN = {"nzcv", "sp_el0", "ttbr0_el1", "ttbr1_el1", "elr_el1", "spsr_el1", "esr_el1", "isr_el1",
       "cntp_cval_el0", "cntv_cval_el0", "icc_hppir1_el1"}
TAKEN = 0x70000000


def remains(name):
    """What root's kernel found on each CPU when it came online last: {(CPU, register): value}."""
    def step(context):
        rows = [row.split() for row in context.machine.run("cat /proc/remains").output.splitlines()]
        context.values["words"] = int(rows[0][1], 16)
        context.values[name] = {(int(cpu), register): value for cpu, register, value in rows[1:]}
    return step


def nothing_left(context):
    before, after = context.values["before"], context.values["after"]
    need({cpu for cpu, _ in after} == {2, 3} and len(after) == len(before) > 2 * 128, f"{after}")
    changed = {key: (before[key], value) for key, value in after.items()
               if value != before[key] and key[1] not in OWN}
    need(not changed, f"not as when the CPU came online before: {changed}")
    marked = {key: value for key, value in after.items() if value == PATTERN}
    need(not marked, f"the cell's: {marked}")
    need(context.values["words"] == 0, f"{context.values['words']} words of the cell's memory")
    context.note(f"{len(after)} registers of two CPUs that root got back are as before")


LEAKS = [
    Test("root_finds_nothing", "enabled", 120, [
        run("insmod /lib/modules/remains.ko"),
        run(flip(2)), run(flip(3)),
        remains("before"),
        compile_cell("policy", "/tmp/policy.cell", CPU_COUNT="2", PA=f"{TAKEN:#x}"),
        start("policy", "same", "/tmp/policy.cell"),
        console("policy", line("dirty fault"), see("dirty, then fault")),
        # By then it has filled all that it can.
        state("policy", "failed"),
        destroy("policy"),
        run(f"echo {TAKEN:x} 1000000 >/proc/remains"),
        remains("after"),
        nothing_left,
        run("rmmod remains"),
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
