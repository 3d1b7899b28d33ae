# SPDX-License-Identifier: GPL-2.0-only
"""
The words that the rows of suite/ are written in. Each makes a step: a function of a Context that does
something on the machine and raises Failure unless what it expects is seen. In texts, @{name} stands
for a value that an earlier step kept.
"""

import base64
import gzip
import itertools
import os
import re
import subprocess
import tempfile
from pathlib import Path

import hardware
from machine import BUILD, RUN_TIMEOUT, TOP, Failure, Prompt, new_nonce

CELL_DIR = "cells"
ONLINE = "/sys/devices/system/cpu/online"
# Leaf entries of stage 2 by size, as `cell show` calls them.
LEAVES = {1 << 30: "leaves_1g", 2 << 20: "leaves_2m", 4 << 10: "leaves_4k"}
# What Linux says when something went wrong in it.
OOPS = re.compile(r"WARNING:|BUG:|Oops|Internal error|Unable to handle|Call trace|stall|"
                  r"hung task|lockup|SError|irq \d+: nobody cared")


class Context:
    """A test in progress: the machine, and what steps keep for later ones."""

    def __init__(self, machine, **values):
        self.machine = machine
        self.values = values
        self.notes = []
        self.ended = False

    def note(self, text):
        """A number worth a line at the end of the tests."""
        self.notes.append(text)

    def fill(self, text):
        """Replaces each @{name} by its value."""
        return re.sub(r"@\{(\w+)\}", lambda match: str(self.values[match[1]]), text)


def need(condition, text):
    if not condition:
        raise Failure(text)


# --- root's shell ---

def run(command, *patterns, status=0, timeout=RUN_TIMEOUT, keep=None):
    """A command of root's; each pattern must occur in its output, which `keep` names for later."""
    def step(context):
        result = context.machine.run(context.fill(command), timeout, status)
        for pattern in patterns:
            need(re.search(context.fill(pattern), result.output, re.M),
                 f"{result.command}: no /{context.fill(pattern)}/ in:\n{result.output}")
        if keep:
            context.values[keep] = result.output.strip()
    return step


def refused(command, *patterns, status=1):
    """A command that ends with this exit status and says why on stderr, the patterns among it."""
    return run(f"{command} 2>&1 >/dev/null", *patterns, status=status)


def wait(command, pattern, timeout=RUN_TIMEOUT):
    """Repeats a command until the pattern occurs in its output."""
    def step(context):
        wanted = re.compile(context.fill(pattern), re.M)
        context.machine.wait(context.fill(command), lambda result: wanted.search(result.output),
                             f"/{wanted.pattern}/", timeout)
    return step


def report(command, keep=None, **expected):
    """An hvctl command's JSON: each expectation is a value, or a predicate of the value."""
    def step(context):
        data = context.machine.json(context.fill(command))
        if keep:
            context.values[keep] = data
        for name, wanted in expected.items():
            need(name in data, f"hvctl {command} --json: no {name} in {data}")
            wanted = context.fill(wanted) if isinstance(wanted, str) else wanted
            good = wanted(data[name]) if callable(wanted) else data[name] == wanted
            need(good, f"hvctl {command} --json: {name} is {data[name]!r}"
                       f"{'' if callable(wanted) else f', not {wanted!r}'}")
    return step


def keep(name, function):
    """Computes a value from the others: function(values)."""
    def step(context):
        context.values[name] = function(context.values)
    return step


def note(text, function):
    """Reports function(values) at the end of the tests."""
    return lambda context: context.note(f"{function(context.values)} {text}")


def verify(text, predicate):
    """predicate(values) must hold; the text says what it is."""
    def step(context):
        need(predicate(context.values), f"{text}: {context.values}")
    return step


def until(predicate, *steps, times=30):
    """Repeats the steps until predicate(values) holds."""
    def step(context):
        for _ in range(times):
            for each in steps:
                each(context)
            if predicate(context.values):
                return
        raise Failure(f"not in {times} times: {context.values}")
    return step


def machine_ends(command, *said, timeout=RUN_TIMEOUT):
    """
    A command that switches the machine off, or resets it, which ends QEMU too; the last step. What
    root's kernel says meanwhile.
    """
    def step(context):
        context.machine.start(f"dmesg -n 8; {command}")
        status = context.machine.wait_end(timeout)
        need(status == 0, f"QEMU ended with status {status}")
        for text in said:
            need(text in context.machine.tty.before,
                 f"{command}: no `{text}' in:\n{context.machine.tty.before}")
        context.ended = True
    return step


def parallel_load():
    """Timers and interrupts between CPUs on all of root's CPUs, until stop_load()."""
    script = "\n".join([
        "cd /sys/devices/system/cpu",
        "for m in 1 2 4 8; do",
        "  taskset $m sh -c 'while :; do usleep 1000; done' &",
        "done",
        "taskset 1 yes | taskset 2 cat >/dev/null &",
        "taskset 4 yes | taskset 8 cat >/dev/null &",
        "taskset 8 yes | taskset 1 cat >/dev/null &",
        "wait",
    ])

    def step(context):
        context.machine.put("/tmp/load", script.encode())
        context.machine.run("sh /tmp/load </dev/null >/dev/null 2>&1 & LOAD=$!")
        context.values["load_before"] = interrupts(context.machine)
    return step


def stop_load(timers=1000, ipis=1000):
    """Ends the load; so many interrupts of both kinds must have come."""
    def step(context):
        context.machine.run("kill -0 -$LOAD && kill -TERM -$LOAD && { wait $LOAD; true; }")
        before, after = context.values["load_before"], interrupts(context.machine)
        come = {kind: sum(after[kind]) - sum(before[kind]) for kind in after}
        need(come["timer"] >= timers, f"only {come['timer']} timer interrupts came")
        need(come["ipi"] >= ipis, f"only {come['ipi']} IPIs came")
        context.note(f"{come['timer']} timer interrupts and {come['ipi']} IPIs of the load")
    return step


# --- numbers of root's ---

def interrupts(machine, text=None):
    """Counts of /proc/interrupts: {"timer" or "ipi": [per CPU column]}."""
    text = text or machine.run("cat /proc/interrupts").output
    lines = [line.split() for line in text.splitlines()]
    columns = len(next(line for line in lines if line and line[0].startswith("CPU")))

    def row(line):
        return [int(number) for number in line[1:1 + columns]]
    timer = [row(line) for line in lines if line and line[-1] == "arch_timer"]
    ipi = [row(line) for line in lines if line and line[0].startswith("IPI")]
    need(timer and ipi, f"no timer or no IPIs in:\n{text}")
    return {"timer": timer[0], "ipi": [sum(column) for column in zip(*ipi)]}


def cpus(machine):
    """The numbers of the CPUs that root may have."""
    names = machine.run("ls -d /sys/devices/system/cpu/cpu[0-9]*").output.split()
    return [int(name.rpartition("cpu")[2]) for name in names]


def free_kib(machine):
    """Free memory: what the zones have, and what the CPUs' own lists hold, in 4 KiB pages."""
    # What each CPU has not yet added to the zone's counters: with 64 CPUs up to 30 MiB.
    machine.run("cat /proc/sys/vm/stat_refresh")
    text = machine.run("grep -E 'nr_free_pages|count:' /proc/zoneinfo").output
    return sum(int(line.split()[-1]) for line in text.splitlines()) * 4


def interrupts_taken(text):
    """The sum of all of /proc/interrupts, of devices, timers and IPIs alike."""
    rows = [line.split(":", 1)[1].split() for line in text.splitlines() if ":" in line]
    return sum(int(word) for row in rows
               for word in itertools.takewhile(lambda word: word.isdigit(), row))


def exits(machine, cell, only=None):
    """`cell stats`: {cause: sum over the cell's CPUs, or its CPU `only`}, after a check of its form."""
    data = machine.json(f"cell stats {cell}")
    need(data["name"] == cell and data["cpus"], f"cell stats {cell}: {data}")
    total = {}
    for cpu in data["cpus"] if only is None else [data["cpus"][only]]:
        row = cpu["exits"]
        # The total is read first, and meanwhile the CPU runs on.
        need(row["total"] <= sum(row.values()) - row["total"], f"the causes do not add up: {cpu}")
        for cause, count in row.items():
            total[cause] = total.get(cause, 0) + count
    return total


def keep_exits(name, cell, only=None):
    def step(context):
        context.values[name] = exits(context.machine, cell, only)
    return step


def exits_between(before, after, causes, other=0, irqs=None, root=False):
    """
    All exits between two keep_exits() have one of these causes, but for `other` of them, and for
    what interrupts cost in this mode: `irqs(values)` says how many were taken, as far as it is known.
    """
    def step(context):
        mode = context.machine.json("status")["mode"]
        first, last = context.values[before], context.values[after]
        delta = {cause: last[cause] - first[cause] for cause in last if cause != "total"}
        allowed = set(causes) | {"irq"}
        if mode == "direct-revoke":
            # Root ends an interrupt by two writes, and the second one traps; a cell's WFI does.
            allowed.add("sysreg" if root else "wfi")
        cost = 1 if mode == "list" else 0
        if cost and irqs:
            # Who makes pending what another CPU has in a list register asks that one.
            need(delta["kick"] <= 64 + irqs(context.values) // 20, f"too many kicks: {delta}")
            allowed.add("kick")
        if not cost:
            need(delta["irq"] == 0, f"interrupts made exits: {delta}")
        elif irqs:
            count = irqs(context.values)
            need(abs(delta["irq"] - count) <= 64 + count // 20, f"{count} interrupts: {delta}")
        rest = sum(count for cause, count in delta.items() if cause not in allowed)
        need(0 <= rest <= other, f"{rest} exits by other causes than {causes}: {delta}")
        context.note("exits: " + (", ".join(f"{count} {cause}" for cause, count in delta.items()
                                            if count) or "none"))
    return step


def memory_from_here():
    """What root has taken so far, as for drivers, stays its own."""
    def step(context):
        context.values["free"] = free_kib(context.machine)
    return step


def memory_back():
    """Root has as much free memory as when the test began, but for what its CPUs keep in caches."""
    def step(context):
        bound = 512 * len(cpus(context.machine))
        lost = context.values["free"] - free_kib(context.machine)
        need(lost <= bound, f"{lost} KiB of root's memory are not back; the bound is {bound}")
        print(f"lost: {lost} KiB")
    return step


# --- cells ---

def create(config, **expected):
    """A cell from /usr/share/caisson/cells, or another path."""
    path = config if "/" in config else f"{CELL_DIR}/{config}.cell"
    return report(f"cell create {path}", state="ready", **expected)


def start(name, inmate=None, config=None):
    """Creates, loads and starts a bare-metal cell."""
    steps = [create(config or name, name=name),
             report(f"cell load {name} inmates/{inmate or name}.bin", state="ready"),
             report(f"cell start {name}", state="running", starts=1)]

    def step(context):
        for each in steps:
            each(context)
    return step


LINUX_OPTIONS = "--initrd guest-initrd.gz --cpus 2-3 --memory 256M"


def start_linux(options=LINUX_OPTIONS, **expected):
    """The second Linux."""
    return report(f"cell linux vmlinuz {options}", state="running", **expected)


def fewest(ipa, pa, size, largest):
    """The least number of leaf entries that map this: {bytes of an entry: number}."""
    count = dict.fromkeys(LEAVES, 0)
    while size:
        unit = next(unit for unit in LEAVES
                    if unit <= largest and unit <= size and ipa % unit == pa % unit == 0)
        count[unit] += 1
        ipa, pa, size = ipa + unit, pa + unit, size - unit
    return count


def fewest_leaves(cell):
    """The cell's regions have no entry too many. Memory from anywhere comes in pieces of 2 MiB."""
    def step(context):
        shown = context.machine.json(f"cell show {cell}")
        regions = shown["config"]["memory"] + shown["config"]["devices"]
        total = dict.fromkeys(LEAVES, 0)
        for region, row in zip(regions, shown["stage2"], strict=False):
            placed = region["pa"] is not None
            count = fewest(region["ipa"], region["pa"] if placed else region["ipa"], region["size"],
                           1 << 30 if placed else 2 << 20)
            have = {unit: row[name] for unit, name in LEAVES.items()}
            need((row["ipa"], row["size"], have) == (region["ipa"], region["size"], count),
                 f"{cell}: {row}, but {count} would do for {region}")
            total = {unit: total[unit] + count[unit] for unit in total}
        row = shown["stage2"][len(regions)]
        have = {unit: row[name] for unit, name in LEAVES.items()}
        need(have == total, f"{cell} has mapped something beside its regions: {row}")
    return step


def destroy(*names):
    def step(context):
        for name in names:
            report(f"cell destroy {name}", name=name, destroyed=True)(context)
    return step


def state(name, wanted, timeout=30):
    """The cell is, or soon will be, in this state."""
    return wait(f"hvctl cell list | grep '^{name} '", rf"^{name} +\d+ +{wanted} ", timeout)


def online(text, timeout=RUN_TIMEOUT):
    return run(f"cat {ONLINE}", rf"^{text}$", timeout=timeout)


# --- consoles of cells ---

def console(cell, *actions, history=True):
    """Attaches `hvctl console`, does the actions, detaches."""
    def step(context):
        with context.machine.console(cell, history) as session:
            for action in actions:
                action(context, session)
    return step


def line(text):
    """Types a line."""
    return lambda context, session: session.line(context.fill(text))


def key(text):
    """Types keys."""
    return lambda context, session: session.send(text)


def see(pattern, keep=None, timeout=RUN_TIMEOUT):
    """Waits for a pattern; `keep` names its first group as a number for later."""
    def action(context, session):
        match = session.expect(context.fill(pattern), timeout)
        if keep:
            context.values[keep] = int(match[1])
    return action


def nonce():
    """An inmate answers."""
    return lambda context, session: session.nonce()


def bounced(count):
    """Types single characters, of which each must come back before the next one goes."""
    def action(context, session):
        for i in range(count):
            character = chr(ord("a") + i % 26)
            session.send(character)
            session.expect(character)
    return action


def lines(count, length, prefix="echo: "):
    """Types random lines, each of which must come back whole."""
    def action(context, session):
        for i in range(count):
            text = f"{new_nonce()}-{i}-".ljust(length, "x")
            session.line(text)
            session.expect(rf"{prefix}{text}\r*\n")
    return action


def shell(command, *patterns, status=0, timeout=RUN_TIMEOUT, keep=None):
    """A command in the second Linux, proved by status, name and nonce."""
    def action(context, session):
        result = Prompt(session, "cell").run(context.fill(command), timeout)
        need(result.status == status, f"{command}: status {result.status}:\n{result.output}")
        need(result.answered == f"cell:{result.nonce * 3 + 1}",
             f"{command}: nonce {result.nonce} was answered by {result.answered}")
        for pattern in patterns:
            need(re.search(pattern, result.output, re.M),
                 f"{command} in the cell: no /{pattern}/ in:\n{result.output}")
        if keep:
            context.values[keep] = result.output
    return action


def prompt(timeout=120):
    """The second Linux's shell; Return brings a prompt even if the first one has gone by."""
    def action(context, session):
        session.send("\r")
        session.expect("cell# ", timeout)
        # What Return brought in the meantime must not be taken for the end of a command.
        mark = new_nonce()
        session.line(f"echo {mark}$((1 + 1))")
        session.expect(rf"{mark}2\r*\n")
        session.expect("cell# ")
    return action


# --- a debugger on the host ---

def fetch(context, path):
    """The bytes of a file of root's, most of which may be zero."""
    text = context.machine.run(f"gzip -1c {path} | base64", 120).output
    return gzip.decompress(base64.b64decode(text))


def debug(core, inmate, *patterns, commands=("info threads", "bt")):
    """gdb opens a core of root's with the inmate's symbols; each pattern must occur in what it says."""
    def step(context):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "core"
            path.write_bytes(fetch(context, core))
            words = [word for command in commands for word in ("-ex", context.fill(command))]
            told = subprocess.run(["gdb-multiarch", "-batch", "-nx", *words,
                                   str(BUILD / "inmates" / f"{inmate}.elf"), str(path)],
                                  capture_output=True, text=True, check=False)
        said = told.stdout + told.stderr
        for pattern in patterns:
            need(re.search(pattern, said, re.M | re.S), f"gdb: no /{pattern}/ in:\n{said}")
    return step


def look_into_el2(command, *patterns, meanwhile=None):
    """
    el2.py, on a machine of hardware.debugged(): each pattern must occur in what it says. `meanwhile` is a
    command of root's that it waits for, started and left alone.
    """
    def step(context):
        words = ["gdb-multiarch", "-batch", "-nx", "-ex", f"target remote {hardware.gdb_socket()}",
                 "-ex", f"python COMMAND = '{command}'", "-x", str(TOP / "ci" / "qemu" / "el2.py"),
                 str(BUILD / "hypervisor" / "caisson.elf")]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as gdb:
            said = ""
            try:
                if meanwhile:
                    for text in gdb.stdout:
                        said += text
                        if text == "ready\n":
                            break
                    context.machine.run(f"({context.fill(meanwhile)}) </dev/null >/dev/null 2>&1 &")
                said += gdb.communicate(timeout=60)[0]
            except subprocess.TimeoutExpired as error:
                raise Failure(f"gdb {command} does not end:\n{said}") from error
            finally:
                gdb.kill()
        for pattern in (*patterns, "^done$"):
            need(re.search(pattern, said, re.M), f"gdb: no /{pattern}/ in:\n{said}")
    return step


# --- configurations made for the moment ---

def compile_cell(source, path, **defines):
    """
    cellcc on the host, with -D from strings that may hold @{value}; the blob goes to root. `path`
    ends in .cell or .sys, as it is one or the other.
    """
    def step(context):
        with tempfile.TemporaryDirectory() as directory:
            blob = Path(directory) / f"made{Path(path).suffix}"
            flags = [f"-D{name}={context.fill(value)}" for name, value in defines.items()]
            check = BUILD / "configs" / "check"
            environment = dict(os.environ)
            if check.exists():
                environment["CELLCC_CHECK"] = str(check)
            made = subprocess.run([str(TOP / "scripts" / "cellcc"), *flags,
                                   str(TOP / "ci" / "configs" / f"{source}.c"), str(blob)],
                                  env=environment, capture_output=True, text=True, check=False)
            need(made.returncode == 0, f"cellcc {source} {flags}: {made.stderr}")
            context.machine.put(path, blob.read_bytes())
    return step


def compile_made(source, path):
    """cellcc on the host, of a C file of root's; the blob goes to root."""
    def step(context):
        with tempfile.TemporaryDirectory() as directory:
            made = Path(directory) / Path(source).name
            made.write_bytes(fetch(context, source))
            blob = Path(directory) / Path(path).name
            told = subprocess.run([str(TOP / "scripts" / "cellcc"), str(made), str(blob)],
                                  capture_output=True, text=True, check=False)
            need(told.returncode == 0, f"cellcc {source}: {told.stderr}")
            context.machine.put(path, blob.read_bytes())
    return step


# --- before and after each test ---

def prepare(context, wanted):
    """Brings root to where a test starts: `bare`, `loaded` or `enabled`; notes its free memory."""
    machine = context.machine
    loaded = "caisson" in machine.run("cat /proc/modules").output
    enabled = loaded and machine.json("status")["enabled"]
    if wanted == "enabled" and not loaded:
        machine.run("insmod caisson.ko")
    if wanted == "enabled" and not enabled:
        machine.run("hvctl enable")
    if wanted != "enabled" and enabled:
        machine.run("hvctl disable")
    if wanted == "loaded" and not loaded:
        machine.run("insmod caisson.ko")
    if wanted == "bare" and loaded:
        machine.run("rmmod caisson")
    context.values["free"] = free_kib(machine)
    context.values["online"] = machine.run(f"cat {ONLINE}").output


def healthy(context):
    """Root is as it was: alive, without complaints, with its CPUs and memory, and no cell left."""
    machine = context.machine
    loaded = "caisson" in machine.run("cat /proc/modules").output
    if loaded and machine.json("status")["enabled"]:
        left = machine.json("cell list")
        need(not left, f"cells are left over: {left}")
    need(machine.run(f"cat {ONLINE}").output == context.values["online"],
         "root has not all its CPUs")
    log = machine.run("dmesg -c").output
    need(not OOPS.search(log), f"root complains:\n{log}")
    # On each CPU something still runs.
    for cpu in cpus(machine):
        machine.run(f"taskset {1 << cpu:x} usleep 1000")
    memory_back()(context)
