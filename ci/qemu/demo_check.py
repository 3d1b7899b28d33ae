# SPDX-License-Identifier: GPL-2.0-only
"""
The steps of `make demo`, and whether they were seen. STEPS is what demo.py types; check() is a pure
function from its transcript to the list of what is missing or wrong, empty if all is well.

A transcript is a list of records, in the order in which they were made:

    step      identifier of a row of STEPS
    console   where it was typed: `root`, or the cell to which `hvctl console` was attached
    command   what was typed
    output    what appeared, without echo and prompt
    status    exit status; null on an inmate's console
    nonce     a random number, typed on the same console afterwards,
    answer    and what came back: shells say HOSTNAME:3N+1, inmates nonce=3N+1
    session   what `hvctl console` said when it was attached; "" for root

What is learnt in one step and compared in a later one lies in a dictionary that is passed along.
"""

import json
import re
from collections import namedtuple

# Rows: where to type what; for inmates, up to which pattern to look; what it is for, in words that
# the demo prints (None: nothing new); and expect(output, seen), which raises Missing.
Step = namedtuple("Step", "id console command until note expect")

MIB = 1024  # free counts in KiB
TIMER_CELL = 16 * MIB
LINUX_CELL = 256 * MIB
# Beyond this nothing may be missing when the cells are gone. The first bound is for `free`, which
# does not count pages on CPUs' own free lists; the second is for what does.
FREE_BOUND = 24 * MIB
PAGES_BOUND = 2 * MIB
# What a CPU that runs the timer inmate may do besides printing while 1,000 interrupts come.
OTHER_EXITS = 20


class Missing(Exception):
    """What a step's output lacks."""


def need(condition, text):
    if not condition:
        raise Missing(text)


def find(pattern, output):
    match = re.search(pattern, output, re.M)
    need(match, f"no /{pattern}/")
    return match


# --- what outputs must hold ---

def says(*patterns):
    """Each pattern occurs."""
    def expect(output, seen):
        for pattern in patterns:
            find(pattern, output)
    return expect


def exactly(text):
    """The output is this."""
    def expect(output, seen):
        need(output.strip() == text, f"not {text!r}")
    return expect


def anything(output, seen):
    """Exit status and nonce say all."""


def free_of(output):
    return int(find(r"^Mem: +\d+ +\d+ +(\d+)", output)[1])


def pages_of(output):
    """Free memory in KiB: what zones have, and what the CPUs' own lists have, in 4 KiB pages."""
    zones = re.findall(r"nr_free_pages +(\d+)", output)
    lists = re.findall(r"count: +(\d+)", output)
    need(zones and lists, "no free pages counted")
    return sum(map(int, zones + lists)) * 4


def remember(key, of):
    def expect(output, seen):
        seen[key] = of(output)
    return expect


def free_is_less(output, seen):
    taken = seen["free"] - free_of(output)
    wanted = TIMER_CELL + LINUX_CELL
    need(taken >= wanted - FREE_BOUND, f"only {taken} KiB are gone, not {wanted}")


def is_back(key, of, bound):
    def expect(output, seen):
        lost = seen[key] - of(output)
        need(lost <= bound, f"{lost} KiB are not back; the bound is {bound}")
    return expect


def status_enabled(output, seen):
    find(r"^enabled +yes$", output)
    find(r", 4 CPUs$", output)
    find(r"^interrupts +direct-fiq$", output)
    find(r"^cells +0$", output)
    size = int(find(r"^hypervisor +(\d+) KiB", output)[1])
    need(0 < size < 4096, f"{size} KiB are not what it should take")


def histogram(output):
    """Its ticks, after their sum, minimum and maximum were compared with the buckets."""
    text = find(r"ticks=(\d+) min=(\d+) avg=(\d+) max=(\d+) missed=\d+\n"
                r"((?: +\d+\.\. +\d+ .*\n)+)histogram end", output.replace("\r", ""))
    ticks, low, average, high = (int(text[i]) for i in range(1, 5))
    rows = [(int(start), int(count))
            for start, count in re.findall(r"^ +(\d+)\.\. +(\d+) ", text[5], re.M)]
    need(sum(count for _, count in rows) == ticks, "the buckets do not add up to the ticks")
    need(low <= average <= high, "the average is not between minimum and maximum")
    need(rows[0][0] <= low and rows[-1][0] <= high, "the extremes lie outside the buckets")
    return ticks


def first_histogram(output, seen):
    seen["ticks"] = histogram(output)
    need(seen["ticks"] >= 1000, f"only {seen['ticks']} ticks")


def second_histogram(output, seen):
    """At least 1,000 ticks after the first one."""
    ticks = histogram(output)
    need(ticks >= seen["ticks"] + 1000, f"{ticks} ticks, after {seen['ticks']}")
    seen["ticks"] = ticks


def restarted_histogram(output, seen):
    """It counts from 0 again."""
    ticks = histogram(output)
    need(ticks < seen["ticks"], f"{ticks} ticks, {seen['ticks']} before the restart")


def exits_of(output, cpus):
    """The rows of `cell stats`: {CPU: {cause: count}}, for exactly these CPUs."""
    lines = [line.split() for line in output.strip().splitlines()]
    need(lines and lines[0][:2] == ["CPU", "total"], "no table of exits")
    rows = {int(line[0]): dict(zip(lines[0][1:], map(int, line[1:]))) for line in lines[1:]}
    need(sorted(rows) == cpus, f"CPUs {sorted(rows)}, not {cpus}")
    for row in rows.values():
        # The total is read first, and meanwhile the CPU runs on.
        total = row.pop("total")
        need(total <= sum(row.values()), "the causes do not add up")
        need(row["irq"] == 0, f"{row['irq']} interrupts made exits")
    return rows


def timer_stats(output, seen):
    seen["exits"] = exits_of(output, [1])[1]
    need(seen["exits"]["console"] > 0, "it printed without an exit")


def timer_stats_again(output, seen):
    """More than 1,000 interrupts later, only printing made exits."""
    row, before = exits_of(output, [1])[1], seen["exits"]
    delta = {cause: row[cause] - before[cause] for cause in row}
    other = sum(delta.values()) - delta["console"]
    need(delta["console"] > 0, "it printed without an exit")
    need(other <= OTHER_EXITS, f"{other} exits that are not the console's: {delta}")


def linux_stats(output, seen):
    for row in exits_of(output, [2, 3]).values():
        need(sum(row.values()) > 0, "a CPU that booted without an exit")


def processors(output, seen):
    found = re.findall(r"^processor\s*: (\d+)", output, re.M)
    need(found == ["0", "1"], f"processors {found}")


def interrupts(output, seen):
    need(find(r"^ +(CPU.*)", output)[1].split() == ["CPU0", "CPU1"], "columns are not 2 CPUs")
    timer = find(r"^ *\d+: +(\d+) +(\d+) .*arch_timer", output)
    need(int(timer[1]) > 0 and int(timer[2]) > 0, "a CPU without timer interrupts")
    uart = find(r"^ *\d+: +(\d+) +(\d+) .*uart-pl011", output)
    need(int(uart[1]) + int(uart[2]) > 0, "a console without interrupts")


def memory(output, seen):
    total = int(find(r"^MemTotal: +(\d+) kB", output)[1])
    need(LINUX_CELL * 3 // 4 < total <= LINUX_CELL, f"{total} KiB of {LINUX_CELL}")


def boot_id(output, seen):
    seen["boot_id"] = find(r"^[0-9a-f-]{36}$", output)[0]


def other_boot_id(output, seen):
    need(find(r"^[0-9a-f-]{36}$", output)[0] != seen["boot_id"], "it has not booted again")


def cells(**states):
    """`cell list` shows these cells in these states, and no other."""
    def expect(output, seen):
        lines = [line.split() for line in output.strip().splitlines()]
        need(lines and lines[0][:3] == ["NAME", "ID", "STATE"], "no list of cells")
        found = {line[0]: line[2] for line in lines[1:]}
        need(found == states, f"cells {found}, not {states}")
    return expect


def no_module(output, seen):
    need("caisson" not in output, "the module is still loaded")


# --- the tour ---

ONLINE = "cat /sys/devices/system/cpu/online"
PAGES = "grep -E 'nr_free_pages|count:' /proc/zoneinfo"
LINUX = "hvctl cell linux vmlinuz --initrd guest-initrd.gz --cpus 2-3 --memory 256M"
BANNER = r"timer: cpu=0 .*hz=1000"
END = r"histogram end\r*\n"
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"


def root(step, command, note, expect):
    return Step(step, "root", command, None, note, expect)


def in_linux(step, command, note, expect):
    return Step(step, "linux", command, None, note, expect)


def in_cell(step, cell, command, until, note, expect):
    return Step(step, cell, command, until, note, expect)


STEPS = [
    root("1.1", "insmod caisson.ko", "Root Linux is Debian's kernel as packaged. The module loads "
         "the hypervisor, but leaves it out for now.", anything),
    root("1.2", "hvctl enable", "Put the hypervisor under all CPUs. No configuration: hvctl "
         "derives one from the live machine.", exactly("the hypervisor is enabled")),
    root("1.3", "hvctl status", "What it costs, and how interrupts are delivered.", status_enabled),
    root("1.4", "free", "Linux's memory before any cell exists.", remember("free", free_of)),
    root("1.5", PAGES, "The same in pages, with those on the CPUs' own free lists.",
         remember("pages", pages_of)),
    root("1.6", ONLINE, None, exactly("0-3")),

    root("2.1", "hvctl cell create cells/timer.cell", "A cell takes CPU 1 and 16 MiB from Linux.",
         says(r"^cell timer is ready: CPUs 1, 16 MiB$")),
    root("2.2", "hvctl cell load timer inmates/timer.bin", "Load a bare-metal program.",
         says(r"^cell timer is ready")),
    root("2.3", "hvctl cell start timer", None, says(r"^cell timer is running")),
    root("2.4", ONLINE, "CPU 1 is not Linux's any more.", exactly("0,2-3")),
    in_cell("2.5", "timer", "", r"ticks=\d+ .*\r*\nhistogram .*\r*\n", "Its console: a timer "
            "interrupt every millisecond, and how late each one was (in ticks of 16 ns).",
            says(BANNER, r"ticks=\d+")),
    in_cell("2.6", "timer", "h", END, "Key h: the histogram in full.", first_histogram),
    root("2.7", "hvctl cell stats timer", "How often that CPU has been in the hypervisor, by "
         "cause.", timer_stats),
    in_cell("2.8", "timer", "", r"(?:ticks=\d+ [^\n]*\n[^\n]*\n){2}",
            "More than 1,000 interrupts later ...", says(r"ticks=\d+")),
    in_cell("2.9", "timer", "h", END, None, second_histogram),
    root("2.10", "hvctl cell stats timer", "... only its printing went through the hypervisor.",
         timer_stats_again),

    root("3.1", LINUX, "A second Linux, the same Debian kernel, on CPUs 2 and 3.",
         says(r"^cell linux is running: CPUs 2-3, 256 MiB$")),
    in_linux("3.2", "uname -sr", "Its console: it boots to a shell. What follows is typed through "
             "hvctl console.", says(r"^Linux 6\.")),
    in_linux("3.3", "cat /proc/cpuinfo", "It has two CPUs,", processors),
    in_linux("3.4", "cat /proc/interrupts", "interrupts of its own,", interrupts),
    in_linux("3.5", "head -n 3 /proc/meminfo", "256 MiB less what the kernel keeps,", memory),
    in_linux("3.6", BOOT_ID, "and an identity until it boots again.", boot_id),

    root("4.1", "hvctl cell list", "Both cells, side by side with root Linux.",
         cells(timer="running", linux="running")),
    root("4.2", "hvctl cell stats linux", "No interrupt of theirs costs an exit (column irq).",
         linux_stats),
    root("4.3", "free", "Linux has given them 272 MiB", free_is_less),
    root("4.4", ONLINE, "and three CPUs.", exactly("0")),
    root("4.5", "hvctl cell shutdown timer", "Stop both. They keep CPUs and memory.",
         says(r"^cell timer is (stopped|ready)")),
    root("4.6", "hvctl cell shutdown linux", None, says(r"^cell linux is (stopped|ready)")),
    root("4.7", "hvctl cell restart timer", "Run both again, from what was loaded.",
         says(r"^cell timer is running")),
    root("4.8", "hvctl cell restart linux", None, says(r"^cell linux is running")),
    in_cell("4.9", "timer", "h", END, "The timer counts from 0 again,", restarted_histogram),
    in_linux("4.10", BOOT_ID, "Linux has booted again.", other_boot_id),
    root("4.11", "hvctl cell list", None, cells(timer="running", linux="running")),
    root("4.12", "hvctl cell destroy timer", "Destroy both.", exactly("cell timer is destroyed")),
    root("4.13", "hvctl cell destroy linux", None, exactly("cell linux is destroyed")),
    root("4.14", "hvctl cell list", None, cells()),
    root("4.15", ONLINE, "Their CPUs are back,", exactly("0-3")),
    root("4.16", "free", "and so is their memory.", is_back("free", free_of, FREE_BOUND)),
    root("4.17", PAGES, None, is_back("pages", pages_of, PAGES_BOUND)),

    root("5.1", "hvctl disable", "Take the hypervisor away, while Linux runs on.",
         exactly("the hypervisor is disabled")),
    root("5.2", "rmmod caisson", None, anything),
    root("5.3", "cat /proc/modules", None, no_module),
    root("5.4", "insmod caisson.ko", "And all of it once more.", anything),
    root("5.5", "hvctl enable", None, exactly("the hypervisor is enabled")),
    root("5.6", "hvctl cell create cells/hello.cell", None, says(r"^cell hello is ready: CPUs 3")),
    root("5.7", "hvctl cell load hello inmates/hello.bin", None, says(r"^cell hello is ready")),
    root("5.8", "hvctl cell start hello", None, says(r"^cell hello is running")),
    in_cell("5.9", "hello", "", r"hello> ", "A program that says what it was given.",
            says(r"hello: here is an inmate on cpu=0 of 1", r"memory: 0x40000000 size 0x1000000")),
    root("5.10", "hvctl cell destroy hello", None, exactly("cell hello is destroyed")),
    root("5.11", "hvctl disable", None, exactly("the hypervisor is disabled")),
    root("5.12", ONLINE, None, exactly("0-3")),
]

HOSTNAMES = {"root": "root", "linux": "cell"}


def prove(record):
    """The nonce was answered by the console that it was typed on."""
    nonce, answered = record["nonce"], record["answer"]
    need(isinstance(nonce, int) and nonce > 0, "no nonce")
    result = nonce * 3 + 1
    hostname = HOSTNAMES.get(record["console"])
    wanted = f"{hostname}:{result}" if hostname else f"nonce={result}"
    need(answered == wanted, f"nonce {nonce} was answered by {answered!r}, not {wanted!r}")
    if record["console"] != "root":
        find(rf"\[console of {re.escape(record['console'])};", record["session"])


def check_step(step, record, seen):
    need(record["console"] == step.console, f"typed on console {record['console']}")
    need(record["command"] == step.command, f"command {record['command']!r}")
    prove(record)
    need(record["status"] == (0 if step.until is None else None), f"status {record['status']}")
    step.expect(record["output"], seen)


def check(transcript, steps=STEPS):
    """Returns a list of complaints, one for each step that was not seen, empty if all were."""
    complaints, seen, nonces = [], {}, set()
    records = {record.get("step"): record for record in transcript}
    order = [record.get("step") for record in transcript]
    if len(order) != len(records):
        complaints.append("a step occurs twice")
    if order != [step.id for step in steps]:
        complaints.append("the steps are not those of the tour, or not in its order")
    for step in steps:
        try:
            need(step.id in records, "missing")
            check_step(step, records[step.id], seen)
            need(records[step.id]["nonce"] not in nonces, "a nonce occurs twice")
            nonces.add(records[step.id]["nonce"])
        except Missing as why:
            complaints.append(f"step {step.id}, {step.command!r} on {step.console}: {why}")
        except (KeyError, TypeError, ValueError) as error:
            complaints.append(f"step {step.id}: cannot be judged: {error!r}")
    return complaints


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)
