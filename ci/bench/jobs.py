# SPDX-License-Identifier: GPL-2.0-only
"""
What bench.py and scale.py measure on: QEMU under -icount, a machine for each job. All return texts,
most of them a dictionary of what root.sh left, file -> text.
"""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "ci" / "qemu"))
sys.dont_write_bytecode = True
from machine import BUILD, Failure, Machine  # noqa: E402

OUT = BUILD / "ci" / "bench"
# For machines whose CPUs are many more than the host's.
TIMEOUT = 600

LINE = re.compile(r"^bench name=(\w+) (.*)$", re.MULTILINE)
# Where QEMU virt wires its PL011; a cell's is an interrupt that the machine has not.
UART_INTERRUPT = ("0", "1", "4")
# QEMU and hvctl put initial RAM disk and device tree elsewhere, so that either has room for a CMA area
# of 64 MiB and the other has not.
GUEST_WORDS = "cma=0"


def bench_lines(text):
    """The `bench` lines of the inmate and of the module: name -> its figures."""
    result = {}
    for name, rest in LINE.findall(text.replace("\r", "")):
        pairs = dict(pair.split("=") for pair in rest.split())
        unit = pairs.pop("unit")
        result[name] = {key: int(value) for key, value in pairs.items()} | {"unit": unit}
    return result


def calls(files):
    """What count.c noted: call -> list of its measurements."""
    result = {}
    for line in files["calls"].splitlines():
        pairs = dict(pair.split("=") for pair in line.split())
        result.setdefault(pairs.pop("call"), []).append({k: int(v) for k, v in pairs.items()})
    return result


def all_of(files, stem, n):
    """A JSON report of each repetition."""
    return [json.loads(files[f"{stem}.{i + 1}"]) for i in range(n)]


def cpu_arguments(cpu):
    """Root's kernel would run in EL2 itself on CPUs of Armv8.1 and later."""
    if cpu == "cortex-a57":
        return []
    return ["--cpu", cpu, "--append", "kvm-arm.mode=nvhe"]


def in_root(name, job, arguments=(), patience=1):
    """Boots root Linux and has it do a job of root.sh; returns its files, and the kernel's name."""
    arguments = ["--icount", "--initrd", str(OUT / "initrd.gz"), *arguments]
    with Machine(f"bench-{name}", arguments, patience) as m:
        m.boot()
        m.start_agent()
        result = m.run(f"sh /bench/root.sh /tmp/bench {job} 2>&1", timeout=TIMEOUT, status=None)
        if result.status:
            raise Failure(f"{name}: `{job}' ended with status {result.status}: {result.output}\n"
                          f"{m.run('dmesg | tail -n 5', status=None).output}")
        names = m.run("ls /tmp/bench").output.split()
        files = {name: m.run(f"cat /tmp/bench/{name}").output for name in names}
        files["uname"] = m.run("uname -r").output.strip()
    return files


def inmate_alone(name, cpu):
    """bench.bin at EL1 of a machine without EL2, whose PSCI QEMU answers; what it printed."""
    arguments = ["--icount", "--machine", "virtualization=off", *cpu_arguments(cpu),
                 "--kernel", str(BUILD / "inmates" / "bench.bin")]
    with Machine(f"bench-{name}", arguments) as m:
        m.expect("key before timer_irqs")
        return bench_lines(m.tty.before)


def stays(name, job, arguments=()):
    """As in_root(), with the plugin; files["stays"]: what it has written down."""
    log = OUT / f"{name}.stays"
    files = in_root(name, job, [*arguments, "--", "-plugin", f"file={OUT / 'plugin.so'},log={log}"])
    files["stays"] = log.read_text(encoding="utf-8")
    return files


def linux_alone(tree):
    """
    The second Linux on a machine of its own without EL2: the same kernel, initial RAM disk, command
    line and, but for the console's interrupt, device tree. Returns what it printed.
    """
    path = OUT / "cell.dtb"
    path.write_bytes(base64.b64decode(tree))
    subprocess.run(["fdtput", "-ti", str(path), "/pl011@9000000", "interrupts", *UART_INTERRUPT],
                   check=True)
    arguments = ["--icount", "--smp", "2", "--mem", "128M", "--append", GUEST_WORDS,
                 "--machine", "virtualization=off", "--initrd", str(OUT / "guest.gz"),
                 "--", "-dtb", str(path)]
    with Machine("bench-linux", arguments) as m:
        m.expect(r"userspace ticks=\d+\r*\n", TIMEOUT)
        return m.tty.before + m.tty.match[0]
