# SPDX-License-Identifier: GPL-2.0-only
"""
The steps of `make demo`, and whether they were seen. steps() is what demo.py types on a machine with
so many CPUs; check() is a pure function from its transcript to the list of what is missing or wrong,
empty if all is well.

A transcript is a list of records, in the order in which they were made:

    step      identifier of a step
    console   where it was typed: `root`, or the cell to which `hvctl console` was attached
    command   what was typed
    output    what appeared, without echo and prompt
    status    exit status; null on an inmate's console
    nonce     a random number, typed on the same console afterwards,
    answer    and what came back: shells say HOSTNAME:3N+1, inmates nonce=3N+1
    session   what `hvctl console` said when it was attached; "" for root

What is learnt in one step and compared in a later one lies in a dictionary that is passed along.
"""

import re
from collections import namedtuple

# Rows: where to type what; for inmates, up to which pattern to look; what it is for, in words that
# the demo prints (None: nothing new); and expect(output, seen), which raises Missing.
Step = namedtuple("Step", "id console command until note expect")

MIB = 1024  # free counts in KiB
TIMER_CELL = 16 * MIB
LINUX_CELL = 256 * MIB
# What `free` may be wrong by: it does not count pages on CPUs' own free lists, which 6.12 lets grow to
# tens of MiB. That memory is back is told by what does count them, but for Linux's own coming and
# going: on large machines half-used slabs on each CPU (not ours: 40 times enable and disable on 64
# CPUs cost 700 KiB in all).
FREE_BOUND = 48 * MIB


def pages_bound(cpus):
    return max(2 * MIB, cpus * MIB // 4)


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


def free_is_less(wanted):
    def expect(output, seen):
        taken = seen["free"] - free_of(output)
        need(taken >= wanted - FREE_BOUND, f"only {taken} KiB are gone, not {wanted}")
    return expect


def is_back(key, of, bound):
    def expect(output, seen):
        lost = seen[key] - of(output)
        need(lost <= bound, f"{lost} KiB are not back; the bound is {bound}")
    return expect


def status_enabled(cpus):
    def expect(output, seen):
        find(r"^enabled +yes$", output)
        find(rf", {cpus} CPUs$", output)
        find(r"^interrupts +direct-fiq$", output)
        find(r"^cells +0$", output)
        size = int(find(r"^hypervisor +(\d+) KiB", output)[1])
        need(0 < size < 4096, f"{size} KiB are not what it should take")
    return expect


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


def linux_stats(cpus):
    def expect(output, seen):
        for row in exits_of(output, cpus).values():
            need(sum(row.values()) > 0, "a CPU that booted without an exit")
    return expect


def processors(cpus):
    def expect(output, seen):
        found = re.findall(r"^processor\s*: (\d+)", output, re.M)
        need(found == [str(cpu) for cpu in range(cpus)], f"processors {found}")
    return expect


def interrupts(cpus):
    def expect(output, seen):
        columns = find(r"^ +(CPU.*)", output)[1].split()
        need(columns == [f"CPU{cpu}" for cpu in range(cpus)], f"columns {columns}")
        counts = r"^ *\d+:((?: +\d+)+) "
        timer = [int(count) for count in find(counts + ".*arch_timer", output)[1].split()]
        need(len(timer) == cpus and all(timer), "a CPU without timer interrupts")
        uart = [int(count) for count in find(counts + ".*uart-pl011", output)[1].split()]
        need(any(uart), "a console without interrupts")
    return expect


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
BANNER = r"timer: cpu=0 .*hz=1000"
END = r"histogram end\r*\n"
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"


def root(command, note, expect):
    return Step(None, "root", command, None, note, expect)


def in_linux(command, note, expect):
    return Step(None, "linux", command, None, note, expect)


def in_cell(cell, command, until, note, expect):
    return Step(None, cell, command, until, note, expect)


def online(cpus, without=()):
    """What Linux's file says of CPUs 0 to cpus - 1 when some are gone."""
    left = [cpu for cpu in range(cpus) if cpu not in without]
    starts = [cpu for cpu in left if cpu - 1 not in left]
    ends = [cpu for cpu in left if cpu + 1 not in left]
    return exactly(",".join(f"{start}-{end}" if start < end else f"{start}"
                            for start, end in zip(starts, ends)))


def load(cpus):
    return [
        root("insmod caisson.ko", "Root Linux is Debian's kernel as packaged. The module loads "
             "the hypervisor, but leaves it out for now.", anything),
        root("hvctl enable", "Put the hypervisor under all CPUs. No configuration: hvctl "
             "derives one from the live machine.", exactly("the hypervisor is enabled")),
        root("hvctl status", "What it costs, and how interrupts are delivered.",
             status_enabled(cpus)),
        root("free", "Linux's memory before any cell exists.", remember("free", free_of)),
        root(PAGES, "The same in pages, with those on the CPUs' own free lists.",
             remember("pages", pages_of)),
        root(ONLINE, None, online(cpus)),
    ]


def bare_metal(cpus):
    return [
        root("hvctl cell create cells/timer.cell", "A cell takes CPU 1 and 16 MiB from Linux.",
             says(r"^cell timer is ready: CPUs 1, 16 MiB$")),
        root("hvctl cell load timer inmates/timer.bin", "Load a bare-metal program.",
             says(r"^cell timer is ready")),
        root("hvctl cell start timer", None, says(r"^cell timer is running")),
        root(ONLINE, "CPU 1 is not Linux's any more.", online(cpus, [1])),
        in_cell("timer", "", r"ticks=\d+ .*\r*\nhistogram .*\r*\n", "Its console: a timer "
                "interrupt every millisecond, and how late each one was (in ticks of 16 ns).",
                says(BANNER, r"ticks=\d+")),
        in_cell("timer", "h", END, "Key h: the histogram in full.", first_histogram),
        root("hvctl cell stats timer", "How often that CPU has been in the hypervisor, by cause.",
             timer_stats),
        in_cell("timer", "", r"(?:ticks=\d+ [^\n]*\n[^\n]*\n){2}",
                "More than 1,000 interrupts later ...", says(r"ticks=\d+")),
        in_cell("timer", "h", END, None, second_histogram),
        root("hvctl cell stats timer", "... only its printing went through the hypervisor.",
             timer_stats_again),
    ]


def second_linux(where):
    count, names = len(where), "-".join(str(cpu) for cpu in where)
    cpus = f"CPUs {where[0]} and {where[1]}" if count == 2 else f"CPU {where[0]}"
    return [
        root(f"hvctl cell linux vmlinuz --initrd guest-initrd.gz --cpus {names} --memory 256M",
             f"A second Linux, the same Debian kernel, on {cpus}.",
             says(rf"^cell linux is running: CPUs {names}, 256 MiB$")),
        in_linux("uname -sr", "Its console: it boots to a shell. What follows is typed through "
                 "hvctl console.", says(r"^Linux 6\.")),
        in_linux("cat /proc/cpuinfo", f"It has {'two CPUs' if count == 2 else 'one CPU'},",
                 processors(count)),
        in_linux("cat /proc/interrupts", "interrupts of its own,", interrupts(count)),
        in_linux("head -n 3 /proc/meminfo", "256 MiB less what the kernel keeps,", memory),
        in_linux(BOOT_ID, "and an identity until it boots again.", boot_id),
    ]


SHUTDOWN_TIMER = root("hvctl cell shutdown timer", "Stop it. It keeps CPUs and memory.",
                      says(r"^cell timer is (stopped|ready)"))
SHUTDOWN_LINUX = root("hvctl cell shutdown linux", None, says(r"^cell linux is (stopped|ready)"))
RESTART_TIMER = root("hvctl cell restart timer", "Run it again, from what was loaded.",
                     says(r"^cell timer is running"))
RESTART_LINUX = root("hvctl cell restart linux", None, says(r"^cell linux is running"))
TIMER_AGAIN = in_cell("timer", "h", END, "The timer counts from 0 again.", restarted_histogram)
LINUX_AGAIN = in_linux(BOOT_ID, "Linux has booted again.", other_boot_id)
DESTROY_TIMER = root("hvctl cell destroy timer", "Destroy it.", exactly("cell timer is destroyed"))
DESTROY_LINUX = root("hvctl cell destroy linux", None, exactly("cell linux is destroyed"))
LINUX_STATS = "hvctl cell stats linux"
NO_EXIT = "No interrupt of its costs an exit (column irq)."


def all_back(cpus):
    return [
        root("hvctl cell list", None, cells()),
        root(ONLINE, "All CPUs are back,", online(cpus)),
        root("free", "and so is the memory.", is_back("free", free_of, FREE_BOUND)),
        root(PAGES, None, is_back("pages", pages_of, pages_bound(cpus))),
    ]


def both_again(cpus):
    """With both cells there at once."""
    return [
        root("hvctl cell list", "Both cells, side by side with root Linux.",
             cells(timer="running", linux="running")),
        root(LINUX_STATS, NO_EXIT, linux_stats([2, 3])),
        root("free", "Linux has given them 272 MiB", free_is_less(TIMER_CELL + LINUX_CELL)),
        root(ONLINE, "and three CPUs.", online(cpus, [1, 2, 3])),
        in_cell("timer", "h", END, "The timer goes on meanwhile.", second_histogram),
        SHUTDOWN_TIMER, SHUTDOWN_LINUX, RESTART_TIMER, RESTART_LINUX, TIMER_AGAIN, LINUX_AGAIN,
        root("hvctl cell list", None, cells(timer="running", linux="running")),
        DESTROY_TIMER, DESTROY_LINUX,
    ]


def linux_again(cpus):
    """When the second Linux has had the timer's CPU."""
    return [
        root("hvctl cell list", "The cell, side by side with root Linux.", cells(linux="running")),
        root(LINUX_STATS, NO_EXIT, linux_stats([1])),
        root("free", "Linux has given it 256 MiB", free_is_less(LINUX_CELL)),
        root(ONLINE, "and a CPU.", online(cpus, [1])),
        SHUTDOWN_LINUX, RESTART_LINUX, LINUX_AGAIN, DESTROY_LINUX,
    ]


def once_more(cpus, cell, cpu):
    """`cell` is a cell of configs/ on that CPU."""
    return [
        root("hvctl disable", "Take the hypervisor away, while Linux runs on.",
             exactly("the hypervisor is disabled")),
        root("rmmod caisson", None, anything),
        root("cat /proc/modules", None, no_module),
        root("insmod caisson.ko", "And all of it once more.", anything),
        root("hvctl enable", None, exactly("the hypervisor is enabled")),
        root(f"hvctl cell create cells/{cell}.cell", None, says(rf"^cell {cell} is ready: CPUs {cpu}")),
        root(f"hvctl cell load {cell} inmates/hello.bin", None, says(rf"^cell {cell} is ready")),
        root(f"hvctl cell start {cell}", None, says(rf"^cell {cell} is running")),
        in_cell(cell, "", r"hello> ", "A program that says what it was given.",
                says(r"hello: here is an inmate on cpu=0 of 1",
                     r"memory: 0x40000000 size 0x1000000")),
        root(f"hvctl cell destroy {cell}", None, exactly(f"cell {cell} is destroyed")),
        root("hvctl disable", None, exactly("the hypervisor is disabled")),
        root(ONLINE, None, online(cpus)),
    ]


def steps(cpus):
    """
    The tour on a machine with that many CPUs, at least 2. With 4 and more both cells are there
    together; with fewer, one after the other on CPU 1.
    """
    if cpus >= 4:
        chapters = [load(cpus), bare_metal(cpus), second_linux([2, 3]),
                    both_again(cpus) + all_back(cpus), once_more(cpus, "hello", 3)]
    else:
        chapters = [load(cpus),
                    bare_metal(cpus) + [SHUTDOWN_TIMER, RESTART_TIMER, TIMER_AGAIN, DESTROY_TIMER],
                    second_linux([1]), linux_again(cpus) + all_back(cpus),
                    once_more(cpus, "timer", 1)]
    return [step._replace(id=f"{i}.{j}") for i, chapter in enumerate(chapters, 1)
            for j, step in enumerate(chapter, 1)]


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


def check(transcript, expected):
    """A list of complaints, one for each of the expected steps that was not seen; empty: all were."""
    complaints, seen, nonces = [], {}, set()
    records = {record.get("step"): record for record in transcript}
    order = [record.get("step") for record in transcript]
    if len(order) != len(records):
        complaints.append("a step occurs twice")
    if order != [step.id for step in expected]:
        complaints.append("the steps are not those of the tour, or not in its order")
    for step in expected:
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
