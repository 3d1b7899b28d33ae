#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
`make deb-test`: the packages of build/deb on a Debian 12 for arm64, booted by systemd from a disk.

    debian.py

That Debian's packages are unpacked here and configured by itself in QEMU, once (build/deb-test/base.img).
DKMS builds the module twice: here, for all kernels whose headers there are, by the cross compiler; there,
when apt installs the packages, as for any user. The next boot is what it is about: cells come up, `apt
remove` is refused and they go on, and power-off ends them in order. Exit status 0 only if all was seen.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from machine import BUILD, TOP, Failure, Machine, env_mk, plain

DEBIAN = BUILD / "arm64-debian"
WORK = BUILD / "deb-test"
DEBS = sorted((BUILD / "deb").glob("*.deb"))
APT_INSTALL = "apt-get install -y --no-install-recommends /root/caisson_*.deb /root/caisson-dkms_*.deb"
SYSFS = "/sys/class/misc/caisson"
# In the order in which they need each other.
MODULES = ("crc16", "crc32c_generic", "mbcache", "jbd2", "ext4", "virtio_mmio", "virtio_blk")
# Seconds: there a compiler is emulated, and dpkg runs a hundred packages' scripts.
CONFIGURE, INSTALL, BOOT = 3600, 3600, 900

# What is put into /etc/caisson. `hello' wants a CPU of the second Linux's, and does not get it.
CELLS = {
    "timer": "IMAGE=/usr/share/caisson/inmates/timer.bin\n",
    "linux": "KERNEL=/root/vmlinuz\nINITRD=/root/guest-initrd.gz\nCMDLINE=quiet\n",
    "hello": "IMAGE=/usr/share/caisson/inmates/hello.bin\n",
}
LAST = "[Unit]\nAfter=caisson-cell@linux.service\n"


def say(text):
    print(f"deb-test: {text}", flush=True)


def command(*words, **more):
    made = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False, **more)
    if made.returncode:
        raise Failure(f"{' '.join(map(str, words))}: exit status {made.returncode}\n{made.stdout[-5000:]}")
    return made.stdout


def need(condition, what):
    if not condition:
        raise Failure(what)


# --- the machine ---

def initrd():
    """What finds the disk: busybox and the modules for it."""
    modules = [f"lib/modules/{number}.ko={path}" for number, name in enumerate(MODULES)
               for directory in ("arm64-debian", "arm64")
               for path in (BUILD / directory / "root/lib/modules" / env_mk("KVER_6.1")).rglob(f"{name}.ko")]
    target = WORK / "initrd.gz"
    command(TOP / "scripts" / "mkroot", "--init", TOP / "ci" / "debian" / "init", "--hostname", "initrd",
            "--busybox", env_mk("BUSYBOX"), "-o", target, *modules)
    return target


def boot(name, disk, words=""):
    """A machine with that disk. It has no log of systemd's on its console but what matters."""
    return Machine(f"debian-{name}", [
        "--initrd", str(initrd()), "--mem", "2G",
        "--append", f"systemd.show_status=no {words}".strip(), "--",
        "-drive", f"if=none,id=disk,format=raw,file={disk}", "-device", "virtio-blk-device,drive=disk"])


@contextlib.contextmanager
def session(name, disk):
    """A boot to where Machine.run() works. A failure comes with what the machine has to say of it."""
    with boot(name, disk) as machine:
        machine.expect("login: ", BOOT)
        machine.send("root\r")
        machine.expect("root# ", BOOT)
        machine.start_agent()
        machine.run("usleep() { sleep 0.1; }")  # busybox has one, for Machine.wait()
        try:
            yield machine
        except Failure as failure:
            journal = machine.run("journalctl -b -n 60 --no-pager", BOOT).output
            raise Failure(f"{failure}\n--- the journal ---\n{journal}") from failure


def power_off(machine):
    """Returns what systemd says of the services that it stops."""
    machine.start("kill -s RTMIN+20 1; systemctl poweroff")  # 20: show what is done
    need(machine.wait_end(BOOT) == 0, "QEMU did not end by itself")
    return plain(machine.tty.before)


# --- the disk ---

def make_base():
    """A configured Debian, unless it is there already."""
    base = WORK / "base.img"
    made_from = "".join(path.read_text() for path in sorted((TOP / "ci" / "debian").iterdir()))
    made_from += "".join(path.name for path in sorted((DEBIAN / "debs").glob("*.deb")))
    stamp = WORK / "base.stamp"
    if base.exists() and stamp.exists() and stamp.read_text() == made_from:
        return base
    say("unpacking a Debian 12")
    command("fakeroot", TOP / "ci" / "debian" / "mkdisk", DEBIAN / "debs", base)
    say("which configures itself in QEMU")
    with boot("second-stage", base, "START=/second-stage") as machine:
        need(machine.expect(["second stage: done", "second stage: failed"], CONFIGURE) == 0,
             f"it did not: {machine.log_path}")
        machine.wait_end(60)
    # Replays the journal, if there is anything left in it: debugfs does not. 1: there was.
    command("sh", "-c", f"e2fsck -fp '{base}' || [ $? -eq 1 ]")
    stamp.write_text(made_from)
    return base


def make_disk():
    """A copy of it, with our packages, and a second Linux's files, in /root."""
    base, disk = make_base(), WORK / "disk.img"
    command("cp", "--sparse=always", base, disk)
    files = {deb.name: deb for deb in DEBS}
    files["vmlinuz"] = env_mk("VMLINUZ_6.1")
    files["guest-initrd.gz"] = BUILD / "guest" / "initrd-6.1.gz"
    script = "cd /root\n" + "".join(f"write {path} {name}\n" for name, path in files.items())
    command("debugfs", "-w", "-f", "/dev/stdin", disk, input=script)  # succeeds in any case
    listed = command("debugfs", "-R", "ls /root", disk)
    need(all(name in listed for name in files), f"not all of {list(files)} are in /root:\n{listed}")
    return disk


# --- DKMS on this host ---

def build_by_dkms():
    """The package's source, for each kernel that there are headers of, by the cross compiler."""
    tree = WORK / "dkms"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "var").mkdir(parents=True)
    for deb in [*DEBS, *(DEBIAN / "debs").glob("dkms_*.deb")]:
        command("dpkg-deb", "-x", deb, tree / "root")
    names = re.findall(r"^KERNELS \+= (\S+)$", "".join(
        (BUILD / directory / "env.mk").read_text() for directory in ("arm64", "arm64-more")), re.M)
    need({"6.1", "6.12"} <= set(names), f"there are headers of {names} only")
    source = next((tree / "root/usr/src").iterdir())
    places = ["--dkmstree", tree / "var", "--sourcetree", tree / "root/usr/src",
              "--installtree", tree / "modules"]
    environment = {**os.environ, "ARCH": "arm64", "CROSS_COMPILE": "aarch64-linux-gnu-"}
    for name in names:
        version = env_mk(f"KVER_{name}")
        say(f"DKMS builds the module for {version} here")
        command("bash", tree / "root/usr/sbin/dkms", "build", "-m", "caisson", "-v", source.name.split("-", 1)[1],
                "-k", version, "-a", "aarch64", "--kernelsourcedir", env_mk(f"KDIR_{name}"), *places,
                env=environment)
        built = list((tree / "var").rglob(f"{version}/aarch64/module/caisson.ko*"))
        need(len(built) == 1, f"no module of {version}")
        need(command("modinfo", "-F", "vermagic", built[0]).startswith(version + " "), "of another kernel")


# --- what a user does and sees ---

def ticks(result):
    """How far the inmate `timer' is, by what its console has said."""
    return max(map(int, re.findall(r"ticks=(\d+)", result.output)), default=0)


def goes_on(machine):
    look = "hvctl console timer --dump"
    before = ticks(machine.run(look))
    machine.wait(look, lambda result: ticks(result) > before, "the cell timer does not go on")


def put_cells(machine):
    for cell, conf in CELLS.items():
        machine.run(f"cp /usr/share/caisson/cells/{cell}.cell /etc/caisson")
        machine.put(f"/etc/caisson/{cell}.conf", conf.encode())
    last = "/etc/systemd/system/caisson-cell@hello.service.d/last.conf"
    machine.run(f"mkdir -p $(dirname {last})")
    machine.put(last, LAST.encode())


def remove_and_install(machine):
    """What does not run can be removed; all of it goes but what the user wrote."""
    machine.run("systemctl stop caisson", BOOT)
    machine.run(f"grep 0 {SYSFS}/enabled && [ -z \"$(ls {SYSFS}/cells)\" ]")
    machine.run("apt-get remove -y caisson", INSTALL)
    machine.run("[ ! -e /usr/bin/hvctl ] && ! grep caisson /proc/modules && ls /etc/caisson/timer.cell")
    machine.run(APT_INSTALL, INSTALL)


def install(disk):
    """apt installs the packages, DKMS builds; cells are there from the next boot on, or by systemctl."""
    with session("install", disk) as machine:
        say("apt installs the packages there, DKMS builds the module")
        started = time.monotonic()
        machine.run(APT_INSTALL, INSTALL)
        say(f"it took {time.monotonic() - started:.0f} s")
        need(machine.run("modinfo -F signer caisson").output.strip(), "DKMS has not signed the module")
        machine.run("! grep caisson /proc/modules")  # nothing is done by being installed
        say("a cell is started by hand; stopped, all can be removed and installed again")
        put_cells(machine)
        machine.run("systemctl start caisson-cell@timer", BOOT)
        goes_on(machine)
        remove_and_install(machine)
        power_off(machine)


def refused(machine, removal):
    """A way to remove the package fails, says why, and changes nothing."""
    result = machine.run(f"{removal} 2>&1", INSTALL, status=None)
    need(result.status and re.search(r"caisson: not removed, .*: linux timer", result.output) and
         "systemctl stop caisson" in result.output, f"{removal}: {result.status}\n{result.output}")
    need("install ok installed" in machine.run("dpkg -s caisson").output, "dpkg has it no longer installed")
    machine.run("systemctl is-active caisson caisson-cell@timer caisson-cell@linux")
    goes_on(machine)


def live(disk):
    """Cells come up at boot and outlive attempts at removing the packages."""
    with session("live", disk) as machine:
        say("cells come up at boot; one that cannot says why, and harms no other")
        state = machine.run("systemctl is-system-running --wait", BOOT, status=None).output
        need(state.strip() == "degraded", f"the system is {state}")
        machine.run("systemctl is-active caisson caisson-cell@timer caisson-cell@linux")
        goes_on(machine)
        status = machine.run("systemctl status caisson-cell@hello", status=3).output
        need("hello.c:" in status and "CPU" in status, f"its status gives no reason:\n{status}")
        machine.run(f"[ ! -e {SYSFS}/cells/hello ]")
        say("apt remove is refused, and they go on")
        refused(machine, "apt-get remove -y caisson")
        refused(machine, "apt-get remove -y caisson caisson-dkms")
        refused(machine, "dpkg --remove caisson")
        machine.run("rmmod caisson 2>&1", status=1)
        say("power-off stops cells, then the hypervisor")
        said = power_off(machine)
        places = [said.find(text) for text in ("Stopped caisson-cell@linux", "Stopped caisson-cell@timer",
                                               "Stopped caisson.service")]
        need(-1 not in places and max(places[:2]) < places[2], f"not in that order:\n{said}")


def main():
    need(DEBS, f"no packages in {BUILD / 'deb'}: make deb")
    WORK.mkdir(parents=True, exist_ok=True)
    build_by_dkms()
    disk = make_disk()
    install(disk)
    live(disk)
    say("all seen")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"deb-test: {failure}")
