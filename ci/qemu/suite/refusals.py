# SPDX-License-Identifier: GPL-2.0-only
"""What validator, driver, EL2 and hvctl refuse, and what they say; the files in sysfs."""

import re

from machine import TOP
from refusals import every_refusal
from steps import (compile_cell, console, create, destroy, keep, memory_back, nonce, online,
                   refused, report, run, start, verify)
from suite.common import MIB, Test, memory_end

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


CPU_OWNED = (r"^ci/configs/cpu-owned\.c:\d+: error: the CPU belongs to another cell \(CPU 3\)",
             r"^configs/hello\.c:\d+: note: cell hello has it here")

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
        run("hvctl config check --json /nope cells/hello.cell", r'^ +"file": "/nope",\r*$',
            r'^ +"code": "UNREADABLE"\r*$', r'^ +"ok": true\r*$', status=2),
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
        create("/tmp/b.cell"),
        destroy("thief"),
    ]),
    Test("config_over_kernel", "enabled", 60, [
        run("sed -n 's/^ *\\([0-9a-f]*\\)-.* : Kernel code$/0x\\1/p' /proc/iomem", keep="pa"),
        compile_cell("at-pa", "/tmp/a.cell", PA="@{pa}"),
        refused("hvctl cell create /tmp/a.cell",
                r"^ci/configs/at-pa\.c:\d+: error: root Linux uses the memory and cannot move what "
                r"it has there \(0x", "hint: .*movablecore"),
        online("0-3"),
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
            "cells/hello/memory; cd", r"^1\n@{mode}\n\d+\nrunning\n3\n16777216$"),
        destroy("hello"),
        run(f"ls {SYSFS}/cells | wc -l", "^0$"),
    ]),
]


# --- what hvctl itself refuses ---


# The good image is in /tmp/good. A module that has seen it needs no other, and no file any more.
RELOAD = "rmmod caisson && insmod caisson.ko"


def image_with(at, content):
    """caisson.bin with other bytes in one place, and a module that has not seen the good one."""
    octal = "".join(f"\\{byte:03o}" for byte in content)
    return run(f"cp /tmp/good/caisson.bin /lib/firmware && printf '{octal}' | "
               f"dd of=/lib/firmware/caisson.bin bs=1 seek={at} conv=notrunc; {RELOAD}")


def alone(*names):
    """These are the only cells, for hvctl as for sysfs, and each answers."""
    steps = [run("hvctl cell list | wc -l", f"^{len(names) + 1}$"),
             run("ls /sys/class/misc/caisson/cells | wc -l", f"^{len(names)}$"),
             *[console(name, nonce(), history=False) for name in names]]
    return steps


HVCTL = [
    # What `config check' says of this very machine, and of the cells that exist.
    Test("config_together", "enabled", 60, [
        report("status", keep="status"),
        report("config check --live cells/hello.cell", keep="check", ok=True, findings=[]),
        run("hvctl config check --live cells/hello.cell tests/cpu-owned.cell 2>&1",
            *CPU_OWNED, "^cells/hello.cell: sound", status=3),
        start("hello"),
        report("status", keep="after"),
        verify("the pool is what check says, and a cell takes from it what check says",
               lambda v: v["check"]["pool"]["pages"] == v["status"]["pool_free"] and
               0 <= v["status"]["pool_free"] - v["after"]["pool_free"] -
               v["check"]["pool"]["cells"] <= v["check"]["pool"]["root"]),
        refused("hvctl config check --live tests/cpu-owned.cell", *CPU_OWNED, status=3),
        keep("pa", lambda v: hex(v["status"]["memory_address"] // (2 * MIB) * 2 * MIB)),
        compile_cell("at-pa", "/tmp/a.cell", PA="@{pa}"),
        refused("hvctl config check --live /tmp/a.cell", "the memory belongs to the hypervisor",
                "^hvctl status: note: 0x", status=3),
        run("sed -n 's/^ *\\([0-9a-f]*\\)-.*Kernel code$/\\1/p' /proc/iomem", keep="kernel"),
        keep("pa", lambda v: hex(int(v["kernel"], 16) // (2 * MIB) * 2 * MIB)),
        compile_cell("at-pa", "/tmp/a.cell", PA="@{pa}"),
        refused("hvctl config check --live /tmp/a.cell", "root Linux uses the memory and cannot",
                "^/proc/iomem, Kernel code: note: 0x", status=3),
        compile_cell("device", "/tmp/a.cell", BASE="0x0a000000", SIZE="0x200", NO_IRQ="1",
                     CPU="2"),
        run("hvctl config check --live /tmp/a.cell 2>&1", "warning: the device does DMA",
            "warning: these are no whole pages", "^/virtio_mmio@a000000: note: ",
            "^/tmp/a.cell: 3 warnings"),
        destroy("hello"),
    ]),
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
        run(f"rm /lib/firmware/caisson.bin; {RELOAD}"),
        refused("hvctl enable", r"caisson\.bin cannot be used \(it is missing\)",
                "^hvctl: hint: /lib/firmware/caisson.bin "),
        *[step for size in (0, 1, 63, 64, 8192) for step in (
            run(f"head -c {size} /tmp/good/caisson.bin >/lib/firmware/caisson.bin; {RELOAD}"),
            refused("hvctl enable", r"caisson\.bin cannot be used \(it is "))],
        run(f"(cat /tmp/good/caisson.bin; echo) >/lib/firmware/caisson.bin; {RELOAD}"),
        refused("hvctl enable", r"\(it is damaged, or not of "),
        # The magic number, and each of the first words behind the version, which is the third.
        *[step for word in (0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11) for step in (
            image_with(4 * word, b"\xa5\x5a\xa5\x5a"),
            refused("hvctl enable", r"\(it is damaged, or not of "))],
        # Code and data, anywhere.
        *[step for at in (4096, 30000, 50000) for step in (
            image_with(at, b"\xa5\x5a\xa5\x5a"),
            refused("hvctl enable", r"\(it is damaged, or not of "))],
        # A bit of the last byte.
        run("size=$(wc -c </tmp/good/caisson.bin); cp /tmp/good/caisson.bin /lib/firmware; printf '\\001' | "
            f"dd of=/lib/firmware/caisson.bin bs=1 seek=$((size - 1)) conv=notrunc; {RELOAD}"),
        refused("hvctl enable", r"\(it is damaged, or not of "),
        image_with(8, b"\x07\0\0\0"),
        refused("hvctl enable", r"\(its version is 7, caisson\.ko's is \d+\)"),
        report("status", enabled=False),
        memory_back(),
        # It looks again when it has none, and no more when it has one.
        run("cp /tmp/good/caisson.bin /lib/firmware"),
        report("enable", enabled=True),
        run("hvctl disable; rm /lib/firmware/caisson.bin"),
        report("enable", enabled=True),
        run("hvctl disable; cp /tmp/good/caisson.bin /lib/firmware"),
    ]),
]
