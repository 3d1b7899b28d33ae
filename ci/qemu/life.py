# SPDX-License-Identifier: GPL-2.0-only
"""
Steps of the tests of a root that lives on, or ends, with the hypervisor under it: hvctl killed at any
moment, several hvctl at once, CPUs that come and go, kexec.
"""

import random

from machine import BOOT_TIMEOUT, RUN_TIMEOUT
from steps import destroy, need

CPUS = "/sys/devices/system/cpu"

# What is done to a hypervisor, and for how long (in ms) it may be under way when hvctl is killed.
LIFE = [
    ("enable", 150),
    ("cell create cells/timer.cell", 250),
    ("cell load timer inmates/timer.bin", 20),
    ("cell start timer", 20),
    ("cell linux vmlinuz --initrd guest-initrd.gz --cpus 2-3 --memory 128M", 900),
    ("cell shutdown timer", 30),
    ("cell restart timer", 50),
    ("cell destroy timer", 150),
    ("cell shutdown linux --timeout 1", 300),
    ("cell restart linux", 300),
    ("cell destroy linux", 300),
    ("disable", 100),
]


def kill_hvctl(signal, count, seed):
    """Kills that many hvctl in the midst of their work; after each the driver answers the next."""
    def step(context):
        dice = random.Random(seed)
        killed = 0
        for i in range(count):
            command, longest = LIFE[(i + dice.randrange(3)) % len(LIFE)]
            # `sh -c` gives back the signals that a shell's background commands ignore.
            result = context.machine.run(
                f"hvctl {command} >/dev/null 2>&1 & P=$!; usleep {dice.randrange(longest * 1000)}; "
                f"kill -{signal} $P 2>/dev/null; wait $P; echo status=$?; hvctl status >/dev/null")
            killed += "status=137" in result.output or "status=130" in result.output
        context.note(f"{killed} of {count} hvctl were killed before their end")
        need(killed >= count // 8, f"only {killed} of {count} were killed before their end")
    return step


def clear_up(context):
    """Whatever is left can be taken away; the hypervisor is enabled then."""
    if not context.machine.json("status")["enabled"]:
        context.machine.run("hvctl enable")
    for cell in context.machine.json("cell list"):
        destroy(cell["name"])(context)
    context.machine.run("hvctl disable")
    context.machine.run("hvctl enable")


def at_once(rounds, *lists):
    """Each list of hvctl commands over and over, all lists at once; each succeeds or says why not."""
    def step(context):
        script = ["work() {", "  me=$1; shift; n=0",
                  f"  while [ $n -lt {rounds} ]; do", "    for c; do",
                  "      hvctl $c >/dev/null 2>/tmp/at-once.$me; s=$?",
                  "      [ $s -le 4 ] || echo \"$c: status $s\"",
                  "      [ $s = 0 ] || [ -s /tmp/at-once.$me ] || echo \"$c: $s, without a word\"",
                  "      echo $s >>/tmp/at-once.status",
                  "    done; n=$((n+1)); done; }", ": >/tmp/at-once.status"]
        for i, commands in enumerate(lists):
            words = " ".join(f"'{command}'" for command in commands)
            script.append(f"work {i} {words} &")
        script.append("wait")
        context.machine.put("/tmp/at-once", "\n".join(script).encode())
        result = context.machine.run("sh /tmp/at-once", timeout=180)
        need(not result.output.strip(), f"not clean: {result.output}")
        # More than the list of those that only look: of the others many succeed, too.
        looks = rounds * len(lists[-1])
        succeeded = int(context.machine.run("grep -cx 0 /tmp/at-once.status").output)
        need(succeeded > looks, f"only {succeeded} commands succeeded, {looks} change nothing")
        done = context.machine.run("sort /tmp/at-once.status | uniq -c").output
        context.note("how they ended (times, status): " + ", ".join(
            " ".join(line.split()) for line in done.splitlines()))
    return step


def cpu(number, online):
    """A CPU of root's goes, or comes."""
    return lambda context: context.machine.run(f"echo {online} >{CPUS}/cpu{number}/online")


def root_panics(*seen, timeout=RUN_TIMEOUT):
    """
    Root's kernel panics, and stays so. After that the patterns come on its serial line, one after the
    other; the last step.
    """
    def step(context):
        machine = context.machine
        machine.run("echo 0 >/proc/sys/kernel/panic")
        machine.start("dmesg -n 8; echo c >/proc/sysrq-trigger")
        for pattern in ("Kernel panic - not syncing: sysrq triggered crash",
                        r"\[caisson\] root has died: its cells run on\r*\n", *seen):
            machine.expect(pattern, timeout)
        context.ended = True
    return step


def kexec(*expected):
    """
    Root's own kernel again, by kexec, with root's files as they are, which a cpio of them hands over.
    What is expected is on root's console before it ends.
    """
    def step(context):
        machine = context.machine
        machine.run("mkdir -p /mnt && mount -o bind / /mnt && (cd /mnt && find . ! -path './root/?*' | "
                    "cpio -o -H newc >/dev/shm/initrd)")
        machine.run("kexec vmlinuz /dev/shm/initrd \"$(cat /proc/cmdline)\"")
        machine.start("dmesg -n 8; kexec --exec")
        machine.expect("Bye!", BOOT_TIMEOUT)
        for pattern in expected:
            need(pattern in machine.tty.before, f"{pattern} was not in:\n{machine.tty.before}")
        machine.boot()
        machine.start_agent()
        context.ended = True
    return step
