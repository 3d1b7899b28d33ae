# SPDX-License-Identifier: GPL-2.0-only
"""
scripts/mkguest without QEMU: what is in a guest's RAM disk, and what is refused before a cell would have
died of it. A page runs one (Documentation/howto/second-linux.md); `make matrix` builds a kernel, too.
"""

import io
import os
import re
import shutil
import subprocess
import tarfile

import pytest
from machine import BUILD, TOP

HELLO = TOP / "scripts" / "rootfs" / "hello.c"


def script(name, *words, under=(), **environment):
    return subprocess.run([*under, str(TOP / "scripts" / name), *map(str, words)], capture_output=True,
                          text=True, errors="replace", stdin=subprocess.DEVNULL, check=False, timeout=3600,
                          env=dict(os.environ, O=str(BUILD), **environment))


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A folder with what folders have."""
    folder = tmp_path / "folder"
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "passwd").write_text("mine\n")
    (folder / "opt").mkdir()
    tool = folder / "opt" / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o750)
    (folder / "tool").symlink_to("opt/tool")
    return folder


def test_folder(folder):
    """The user's files and program are in the RAM disk, and win; so is busybox."""
    made = script("mkguest", "--name", "test-folder", "--init", HELLO, "--folder", folder)
    assert made.returncode == 0, made.stderr
    assert "hvctl cell linux kernel --initrd initrd --name test-folder " in made.stdout
    out = BUILD / "guest" / "test-folder"
    listing = subprocess.run(f"zcat {out}/initrd | cpio -tv", shell=True, capture_output=True, text=True,
                             check=True).stdout
    entries = {line.split()[8]: line.split() for line in listing.splitlines()}
    assert entries["bin/busybox"][0] == entries["init"][0] == "-rwxr-xr-x"
    assert entries["opt/tool"][0] == "-rwxr-x---" and entries["opt/tool"][2] == "root"
    assert entries["tool"][-2:] == ["->", "opt/tool"]
    assert entries["etc/passwd"][4] == "5"
    assert any(name.endswith("/gpio_keys.ko") for name in entries)
    init = subprocess.run(["aarch64-linux-gnu-readelf", "-hl", str(out / "init")], capture_output=True,
                          text=True, check=True).stdout
    assert "AArch64" in init and "INTERP" not in init
    assert (out / "kernel").stat().st_size > 1 << 20
    shutil.rmtree(out)


def test_tar(folder, tmp_path):
    """The same as a tar archive, for a file system."""
    archive = tmp_path / "archive.tar"
    made = script("mkroot", "--tar", "-o", archive, "--init", HELLO, "--folder", folder)
    assert made.returncode == 0, made.stderr
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as tar:
        assert tar.extractfile("etc/passwd").read() == b"mine\n"
        assert tar.getmember("opt/tool").mode == 0o750
        assert tar.getmember("tool").linkname == "opt/tool"
        console = tar.getmember("dev/console")
        assert console.ischr() and (console.devmajor, console.devminor) == (5, 1)
        assert all(member.uid == member.gid == 0 for member in tar)


def refused(made, text):
    assert made.returncode and text in made.stderr, (made.returncode, made.stderr)


def test_refusals(tmp_path):
    """What would end in a panic of the guest, or in a kernel without what was asked for."""
    text = tmp_path / "text"
    text.write_text("neither\n")
    broken = tmp_path / "broken.c"
    broken.write_text("int main(void) { return }\n")
    dynamic = tmp_path / "dynamic"
    subprocess.run(["aarch64-linux-gnu-gcc", "-o", str(dynamic), str(HELLO)], check=True)
    refused(script("mkguest", "--init", "/no/such"), "--init /no/such: there is no such file")
    refused(script("mkguest", "--init", text), "is neither a C source, a program for arm64 nor a script")
    refused(script("mkguest", "--init", "/bin/true"), "is neither a C source, a program for arm64 nor")
    refused(script("mkguest", "--init", dynamic), "wants shared libraries: link it with -static")
    refused(script("mkguest", "--init", broken), "broken.c:1:")
    python = tmp_path / "python"
    python.write_text("#!/usr/bin/python3\n")
    refused(script("mkguest", "--init", python), "/usr/bin/python3 is not in the guest")
    refused(script("mkguest", "--init", python, "--folder", tmp_path), "/usr/bin/python3 is not in the guest")
    refused(script("mkguest", "--folder", text), "there is no such folder")
    refused(script("mkguest", "--name", "a b"), "--name a b: a name is of")
    refused(script("mkguest", "--disk", "64M"), "give KERNEL_CONFIG")
    refused(script("mkguest", "--disk", "64G"), "--disk: a size is a number of MiB")
    refused(script("mkguest", "--fast"), "unknown option --fast")
    refused(script("mkguest", "--init"), "--init needs a value")
    modules = tmp_path / "modules.config"
    modules.write_text("CONFIG_PREEMPT=y\nCONFIG_LOOP=m\n")
    refused(script("guest-kernel", modules), "nothing is a module here")
    refused(script("mkguest", KERNEL_CONFIG="/no/such"), "/no/such: there is no such file")


# Says what it runs on, and as what it has been built.
INIT = """#!/bin/sh
/bin/busybox --install -s
mount -t proc proc /proc
echo "kernel $(uname -rv)"
grep ' / ' /proc/mounts
[ -e /proc/swaps ] || echo no swap
cat /etc/passwd
poweroff -f
"""
FRAGMENT = "CONFIG_PREEMPT=y\nCONFIG_HZ_1000=y\n# CONFIG_SWAP is not set\n"


@pytest.mark.long
def test_kernel_and_disk(folder, tmp_path):
    """A kernel from source with lines of one's own, and a root file system on a RAM disk, run in a cell."""
    config, init = tmp_path / "test-disk.config", tmp_path / "init"
    config.write_text(FRAGMENT)
    init.write_text(INIT)
    words = ["--name", "test-disk", "--disk", "16M", "--init", init, "--folder", folder]
    # On one CPU: others test beside.
    made = script("mkguest", *words, under=["taskset", "-c", "0"], KERNEL_CONFIG=str(config))
    assert made.returncode == 0, made.stderr[-5000:]
    assert "root=/dev/ram0 rw init=/init ramdisk_size=16384" in made.stdout
    ran = script("mkguest", *words, "--run", KERNEL_CONFIG=str(config))
    said = ran.stdout.replace("\r", "")
    for line in (r"kernel 6\.1\.\d+ .*PREEMPT .*", "/dev/root / ext2 rw.*", "no swap", "mine"):
        assert re.search(f"^{line}$", said, re.M), f"no {line} in:\n{said[-5000:]}"
    shutil.rmtree(BUILD / "guest" / "test-disk")
