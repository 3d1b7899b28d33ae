# SPDX-License-Identifier: GPL-2.0-only
"""
Machines with more than scripts/qemu's own: what a row of suite/ names in its last field. Each is a
function that makes the files it needs and returns arguments for scripts/qemu.
"""

import gzip
import hashlib
import os
import random
import subprocess
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from machine import BUILD, LOGS, TOP, Failure, env_mk

DISK_MIB = 32
# Other kernels than root's own that a cell runs, by their names in arm64-packages.
GUESTS = ("6.1", "6.12", "6.12-bpo", "6.12-rt", "installer")
# Where ci/firmware starts the kernel and has the tree, and where nothing else of QEMU virt's RAM is.
KERNEL_AT, INITRD_AT, TREE_AT = 0x40200000, 0x44000000, 0x48000000
# In the order in which they depend on each other; virtio and virtio_ring are in the kernel itself.
DISK_MODULES = ("virtio/virtio_pci_legacy_dev", "virtio/virtio_pci_modern_dev",
                "virtio/virtio_pci", "block/virtio_blk")


def disk_content():
    """The same in each run, and with no two blocks alike."""
    return random.Random(1).randbytes(DISK_MIB << 20)


def disk_sum(size=None):
    """What md5sum says of the disk, or of its first bytes."""
    return hashlib.md5(disk_content()[:size]).hexdigest()


def archive():
    """An empty initramfs of scripts/mkroot, which is a program without a suffix."""
    loader = SourceFileLoader("mkroot", str(TOP / "scripts" / "mkroot"))
    module = module_from_spec(spec_from_loader("mkroot", loader))
    loader.exec_module(module)
    return module.Archive()


def vmlinuz(kernel="6.1"):
    """The kernel that root runs."""
    return Path(env_mk(f"VMLINUZ_{kernel}"))


def driver(name, kernel="6.1"):
    """A module of its drivers; None if that kernel has it in itself."""
    image = vmlinuz(kernel)
    modules = f"modules/{image.name.removeprefix('vmlinuz-')}/kernel/drivers"
    files = (image.parents[1] / lib / modules / f"{name}.ko" for lib in ("lib", "usr/lib"))
    return next(filter(Path.is_file, files), None)


def command(*words):
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Failure(f"{' '.join(words)}: {made.stderr}")


def usual():
    """
    Where a row names none. What the kernel cannot move is in the first half of its memory, however
    long the machine has run: the rows that take memory by its address do so in the second.
    """
    return ["--append", "movablecore=512M"]


def devices(kernel="6.1"):
    """
    For devices that a cell gets and for those that root keeps. A disk behind PCI, whose interrupt is
    an LPI: one queue, so that Linux moves it from CPU to CPU; and the same once more without MSI,
    whose interrupt is a wire's, an SPI. Their drivers are in /lib/modules/disk, in a second archive
    behind the first, which stays small. Once more it is a device of its own (virtio_mmio@a003e00); its
    driver, and one that uses GPIO lines, are in /lib/modules/more. And root's `devmem` reaches devices
    that Linux holds, so that it is EL2 that refuses.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    disk, initrd = LOGS / "disk.img", LOGS / f"disk-initrd-{kernel}.gz"
    disk.write_bytes(disk_content())
    modules = archive()
    for i, file in enumerate(filter(None, (driver(name, kernel) for name in DISK_MODULES))):
        modules.copy(f"lib/modules/disk/{i}.ko", file)
    for name in ("virtio/virtio_mmio", "block/virtio_blk", "input/keyboard/gpio_keys"):
        modules.copy(f"lib/modules/more/{name.rpartition('/')[2]}.ko", driver(name, kernel))
    root = (BUILD / "root" / f"initrd-{kernel}.gz").read_bytes()
    initrd.write_bytes(root + gzip.compress(modules.bytes(), 1, mtime=0))
    return ["--initrd", str(initrd), "--append", "iomem=relaxed", "--",
            *[word for name, device in (
                ("disk", "virtio-blk-pci,num-queues=1"),
                ("wire", "virtio-blk-pci,num-queues=1,queue-size=16,vectors=0"),
                ("alone", "virtio-blk-device"))
              for word in ("-drive", f"if=none,id={name},format=raw,readonly=on,file={disk}",
                           "-device", f"{device},drive={name}")]]


def devices_6_12():
    """The same, root's own kernel being Debian 13's, which has the drivers of PCI in itself."""
    return ["--root-kernel", "6.12", *devices("6.12")]


# Of EL2's timer, the last one: not the usual one.
OTHER_TIMER = ("/timer", "interrupts", "-ti",
               *[word for ppi in (13, 14, 11, 12) for word in ("1", str(ppi), "4")])


def set_properties(tree, properties):
    """In a device tree: node, name, fdtput's type, values."""
    for node, name, kind, *values in properties:
        command("fdtput", "-p", kind, str(tree), node, name, *values)


def other_timer():
    """In its device tree EL2's timer and the maintenance interrupt are not the usual ones."""
    tree = LOGS / "other-timer.dtb"
    LOGS.mkdir(parents=True, exist_ok=True)
    command(str(TOP / "scripts" / "qemu"), "--machine", f"dumpdtb={tree}")
    set_properties(tree, [OTHER_TIMER, ("/intc@8000000", "interrupts", "-ti", "1", "8", "4")])
    return ["--", "-dtb", str(tree)]


def gated_clock():
    """The real-time clock's own clock runs if a GPIO line says so, which takes a driver."""
    tree = LOGS / "gated-clock.dtb"
    LOGS.mkdir(parents=True, exist_ok=True)
    command(str(TOP / "scripts" / "qemu"), "--machine", f"dumpdtb={tree}")
    clock, gpio = (subprocess.run(["fdtget", "-tx", str(tree), node, "phandle"], check=True, text=True,
                                  capture_output=True).stdout.strip()
                   for node in ("/apb-pclk", "/pl061@9030000"))
    set_properties(tree, [
        ("/gate", "compatible", "-ts", "gpio-gate-clock"), ("/gate", "#clock-cells", "-tx", "0"),
        ("/gate", "clocks", "-tx", clock), ("/gate", "enable-gpios", "-tx", gpio, "0", "0"),
        ("/gate", "phandle", "-tx", "f000"), ("/pl031@9010000", "clocks", "-tx", "f000")])
    return ["--append", "iomem=relaxed", "--", "-dtb", str(tree)]


def faults():
    """The usual machine, but each step of its driver fails on demand (driver/fail.h)."""
    LOGS.mkdir(parents=True, exist_ok=True)
    initrd = LOGS / "faults-initrd"
    version = vmlinuz().name.removeprefix("vmlinuz-")
    command("make", "-s", "-C", str(TOP / "driver"), f"O={BUILD}", "KERNELS=6.1", "FAIL=1")
    files = archive()
    files.copy("lib/modules/caisson.ko", BUILD / "driver-fail" / version / "caisson.ko")
    root = (BUILD / "root" / "initrd-6.1.gz").read_bytes()
    initrd.write_bytes(root + bytes(-len(root) % 4) + files.bytes())
    return ["--initrd", str(initrd), *usual()]


def icount():
    """A tick of the timer is an instruction, and the PMU counts them."""
    return ["--icount"]


def icount_max_10():
    """The same with all that the newer QEMU can emulate."""
    return ["--icount", "--qemu", "10", *cpu_max()]


def cpus_64():
    """The most that fits: four clusters of 16."""
    return ["--smp", "64", "--mem", "2G"]


def qemu_10():
    """Stricter: with the MMU off, which is Device memory, an unaligned access faults."""
    return ["--qemu", "10"]


def guests(kernel="6.1"):
    """Root has the kernels that its cells run, and the installer's initial RAM disk."""
    LOGS.mkdir(parents=True, exist_ok=True)
    initrd = LOGS / f"guests-{kernel}-initrd.gz"
    files = archive()
    for name in GUESTS:
        files.copy(f"boot/{name}", env_mk(f"VMLINUZ_{name}"))
    files.copy("boot/installer-initrd.gz", env_mk("INITRD_installer"))
    root = (BUILD / "root" / f"initrd-{kernel}.gz").read_bytes()
    initrd.write_bytes(root + bytes(-len(root) % 4) + files.bytes())
    return ["--root-kernel", kernel, "--mem", "2G", "--initrd", str(initrd)]


def guests_6_12():
    """The same, root's own kernel being Debian 13's."""
    return guests("6.12")


# --- other CPUs ---

def cortex_a76():
    """Armv8.2. Its kernel would run in EL2 itself, and is told not to."""
    return ["--cpu", "cortex-a76", "--append", "kvm-arm.mode=nvhe"]


def cpu_max():
    """All that QEMU can emulate."""
    return ["--cpu", "max", "--append", "kvm-arm.mode=nvhe"]


def guests_max():
    """The same, root is Debian 13's and has other kernels for its cells."""
    return guests("6.12") + cpu_max()


def gdb_socket():
    """Where a debugger finds debugged() machines of this process."""
    return LOGS / f"gdb-{os.getpid()}.sock"


def debugged(machine=None):
    """With a debugger's door, through which EL2 can be looked at; and another CPU, perhaps."""
    def kind():
        arguments = machine() if machine else []
        return [*arguments, "--", "-gdb", f"unix:{gdb_socket()},server=on,wait=off"]
    kind.__name__ = f"debugged_{machine.__name__}" if machine else "debugged"
    return kind


# --- machines on which Caisson cannot be enabled ---

def no_el2():
    return ["--machine", "virtualization=off"]


def vhe():
    """The kernel stays in EL2, as it does on every CPU of Armv8.1 unless it is told otherwise."""
    return ["--cpu", "cortex-a76"]


def pkvm():
    return ["--append", "kvm-arm.mode=protected"]


def hvhe():
    return ["--root-kernel", "6.12", "--cpu", "max", "--append", "arm64_sw.hvhe=1"]


def gicv2():
    return ["--machine", "gic-version=2"]


def acpi():
    """By EFI firmware, which offers both, and a kernel that is told to take ACPI's tables."""
    return ["--append", "acpi=force", "--", "-bios", env_mk("EFI")]


def firmware(name):
    """What ci/firmware has under that name, for the flash at 0; its data are in the secure RAM."""
    # Each process its own: another one's QEMU may be reading.
    made = LOGS / f"{name}-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}.bin"
    LOGS.mkdir(parents=True, exist_ok=True)
    sources = sorted(str(path) for path in (TOP / "ci" / "firmware").glob(f"{name}.[Sc]"))
    command("aarch64-linux-gnu-gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-ffreestanding",
            "-fno-pic", "-fno-asynchronous-unwind-tables", "-fno-reorder-functions",
            "-mgeneral-regs-only", "-mstrict-align", "-nostdlib", "-static",
            "-Wl,-Ttext=0,-Tbss=0x0e000000,--build-id=none", "-o", f"{made}.elf", *sources)
    command("aarch64-linux-gnu-objcopy", "-O", "binary", f"{made}.elf", str(made))
    return made


def started_by(name, cpus, psci=True, properties=()):
    """
    The machine on which that firmware starts Linux: kernel, initramfs and device tree are where it
    finds them. `psci`: the tree has it; `properties` are changes of the tree.
    """
    made = firmware(name)
    tree = made.with_suffix(".dtb")
    kernel, initrd = vmlinuz(), BUILD / "root" / "initrd-6.1.gz"
    command(str(TOP / "scripts" / "qemu"), "--smp", str(cpus), "--machine",
            f"secure=on,dumpdtb={tree}", "--", "-bios", str(made))
    set_properties(tree, [
        *properties,
        ("/chosen", "bootargs", "-ts", "console=ttyAMA0 panic=-1 quiet iomem=relaxed"),
        ("/chosen", "linux,initrd-start", "-tx", hex(INITRD_AT)),
        ("/chosen", "linux,initrd-end", "-tx", hex(INITRD_AT + initrd.stat().st_size)),
        *((("/psci", "compatible", "-ts", "arm,psci-1.0", "arm,psci-0.2"),
           ("/psci", "method", "-ts", "smc"),
           *((f"/cpus/cpu@{n}", "enable-method", "-ts", "psci") for n in range(cpus)))
          if psci else ())])
    loaded = {kernel: KERNEL_AT, initrd: INITRD_AT, tree: TREE_AT}
    return ["--smp", str(cpus), "--machine", "secure=on", "--", "-bios", str(made),
            *[word for file, at in loaded.items() for word in
              ("-device", f"loader,file={file},addr={at:#x},force-raw=on")]]


def no_hvc():
    """
    EL2 is there, Linux was started in EL1, HVC is disabled; and a tree with PSCI, which makes the
    driver believe that somebody is in EL2.
    """
    return started_by("no-hvc", 1)


def el2_unknown():
    """The same, and nothing that says whether anybody is in EL2: no PSCI, and so no KVM either."""
    return started_by("no-hvc", 1, psci=False)


def fresh():
    """The usual machine, to which nothing has happened yet."""
    return []


def linux_6_12():
    """Root Linux is Debian 13's."""
    return ["--root-kernel", "6.12"]


def fresh_6_12():
    """The same, and nothing has happened to it yet."""
    return linux_6_12()


# --- interrupt modes ---

FIQ, REVOKE, LIST = "direct-fiq", "direct-revoke", "list"


def secure_firmware():
    """
    As on boards with Trusted Firmware-A: it keeps SGIs 8 to 15 as well as Group 0, and FIQs, has PSCI
    by SMC, and starts Linux in EL2.
    """
    return started_by("secure", 4)


def secure_other_timer():
    """The same, and PPI 10 is not EL2's timer's: nothing is left for EL2."""
    return started_by("secure", 4, properties=[OTHER_TIMER])


@cache
def in_mode(mode, kind=None, group0_kept=False):
    """
    The kind of machine `kind`, on which hvctl enables that mode. `group0_kept`: QEMU's own start of Linux
    on a machine with EL3: DS = 0, and no firmware that would set it. But its `max` takes more than a
    minute to boot there: the mode is forced instead.
    """
    el3 = group0_kept and kind not in (cpu_max, guests_max)
    kept = el3 or kind is secure_firmware

    def machine():
        return [*(("--machine", "secure=on") if el3 else ()), *(kind or usual)()]
    machine.__name__ = f"{kind.__name__ if kind else 'plain'}_{mode}{'_kept' if group0_kept else ''}"
    machine.mode = mode
    machine.group0 = "firmware's" if kept else "Linux's"
    machine.forced = mode != (REVOKE if kept else FIQ)
    return machine


def known(kind):
    """What steps may ask for: the mode that hvctl enables there, and whose Group 0 is."""
    return {"mode": getattr(kind, "mode", FIQ), "group0": getattr(kind, "group0", "Linux's")}


def prepare(kind, machine):
    """Before the first test on it: each `hvctl enable` is one with --mode, also after a kexec."""
    if not getattr(kind, "forced", False):
        return
    path = machine.run("which hvctl").output.strip()
    machine.run(f"mv {path} {path}.real")
    machine.put(path, f"""#!/bin/sh
[ "$1" = enable ] && shift && set -- enable --mode {kind.mode} "$@"
exec {path}.real "$@"
""".encode())
    machine.run(f"chmod +x {path}")
