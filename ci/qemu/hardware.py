# SPDX-License-Identifier: GPL-2.0-only
"""
Machines with more than scripts/qemu's own: what tests.py names in a row's last field. Each is a
function that makes the files it needs and returns arguments for scripts/qemu.
"""

import gzip
import hashlib
import random
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from machine import BUILD, LOGS, TOP, Failure

DISK_MIB = 32
# In the order in which they depend on each other; virtio and virtio_ring are in the kernel itself.
DISK_MODULES = ("virtio/virtio_pci_legacy_dev", "virtio/virtio_pci_modern_dev",
                "virtio/virtio_pci", "block/virtio_blk")


def disk_content():
    """The same in each run, and with no two blocks alike."""
    return random.Random(1).randbytes(DISK_MIB << 20)


def disk_sum():
    """What md5sum says of the disk."""
    return hashlib.md5(disk_content()).hexdigest()


def archive():
    """An empty initramfs of scripts/mkroot, which is a program without a suffix."""
    loader = SourceFileLoader("mkroot", str(TOP / "scripts" / "mkroot"))
    module = module_from_spec(spec_from_loader("mkroot", loader))
    loader.exec_module(module)
    return module.Archive()


def drivers():
    """The directory of the drivers of the kernel that root runs."""
    text = (BUILD / "arm64" / "env.mk").read_text(encoding="utf-8")
    match = re.search(r"^VMLINUZ := (.*)/boot/vmlinuz-(.*)$", text, re.M)
    if not match:
        raise Failure(f"{BUILD}/arm64/env.mk names no VMLINUZ")
    return f"{match[1]}/lib/modules/{match[2]}/kernel/drivers"


def devices():
    """
    For devices that a cell gets and for those that root keeps. A disk behind PCI, whose interrupt is
    an LPI: one queue, so that Linux moves it from CPU to CPU. Its drivers are in /lib/modules/disk,
    in a second archive behind the first, which stays small. And root's `devmem` reaches devices
    that Linux holds, so that it is EL2 that refuses.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    disk, initrd = LOGS / "disk.img", LOGS / "disk-initrd.gz"
    disk.write_bytes(disk_content())
    modules = archive()
    for i, name in enumerate(DISK_MODULES):
        modules.copy(f"lib/modules/disk/{i}.ko", f"{drivers()}/{name}.ko")
    root = (BUILD / "root" / "initrd.gz").read_bytes()
    initrd.write_bytes(root + gzip.compress(modules.bytes(), 1, mtime=0))
    return ["--initrd", str(initrd), "--append", "iomem=relaxed", "--",
            "-drive", f"if=none,id=disk,format=raw,readonly=on,file={disk}",
            "-device", "virtio-blk-pci,drive=disk,num-queues=1"]
