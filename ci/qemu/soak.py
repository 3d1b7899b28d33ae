# SPDX-License-Identifier: GPL-2.0-only
"""
Steps of the tests that go on for long: cycles of a cell's life and of the hypervisor's, held against the
first of them, and attacks round by round.
"""

import random
import time
from collections import Counter
from statistics import median

from steps import OOPS, need

BATCH = 20  # cycles between two looks at root's log
# Of what a cycle takes, between the first and the last ones, where a tick is an instruction: other
# pieces of memory, and which of the CPUs sees a change first, are 3 %.
DRIFT = 0.05
# What the rows of `make soak` have done so far, one after the other in one process.
TRIED, DONE = {}, Counter()
LEAK_KIB = 1024  # over the last half of the cycles: what comes and goes in root's caches meanwhile

# Of root's shell. Each cycle prints root's free KiB, and nanoseconds in EL2, or of all, behind `cycle`.
SCRIPT = r"""
ns() {
	sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" $2
}
free() {
	cat /proc/sys/vm/stat_refresh
	awk '/nr_free_pages|count:/ { pages += $2 } END { print pages * 4 }' /proc/zoneinfo
}
cell_cycle() {
	hvctl cell create cells/hello.cell >/dev/null && hvctl cell load hello inmates/hello.bin >/dev/null &&
	hvctl cell start hello --json >/tmp/start || return
	until hvctl console --dump hello | grep -q hello; do usleep 10000; done
	hvctl cell destroy hello --json >/tmp/destroy || return
	echo cycle $(free) $(ns create_hv /tmp/start) $(ns start_hv /tmp/start) $(ns destroy_hv /tmp/destroy)
}
enable_cycle() {
	hvctl enable --json >/tmp/enable && hvctl disable >/dev/null || return
	echo cycle $(free) $(ns enable_ns /tmp/enable)
}
cycles() {
	n=0
	while [ $n -lt $2 ] && $1; do n=$((n+1)); done
	dmesg -c
}
"""


def slope(numbers):
    """Least squares: by how much they rise from one to the next."""
    middle, mean = (len(numbers) - 1) / 2, sum(numbers) / len(numbers)
    return (sum((i - middle) * (number - mean) for i, number in enumerate(numbers))
            / max(1, sum((i - middle) ** 2 for i in range(len(numbers)))))


def held(machine):
    """What of /proc/vmallocinfo is the driver's, and what EL2's pool has left."""
    return machine.run("grep -c '\\[caisson\\]' /proc/vmallocinfo; hvctl status --json | grep pool_free",
                       status=None).output.split()


def repeat(cycle, count):
    """That many of a cycle of SCRIPT. They take what they took at first, and give back what they got."""
    def step(context):
        machine, rows = context.machine, []
        machine.put("/tmp/soak", SCRIPT.encode())
        machine.run("dmesg -c >/dev/null")
        before = held(machine)
        for done in range(0, count, BATCH):
            want = min(BATCH, count - done)
            said = machine.run(f". /tmp/soak; cycles {cycle} {want}", 60 * want).output
            need(not OOPS.search(said), f"{cycle}: root complains:\n{said}")
            rows += [[int(word) for word in line.split()[1:]]
                     for line in said.splitlines() if line.startswith("cycle ")]
            need(len(rows) == done + want, f"only {len(rows)} of {cycle} succeeded:\n{said}")
        after = held(machine)
        need(after == before, f"{cycle}: vmallocinfo and EL2's pool were {before} and are {after}")
        half = [row[0] for row in rows[count // 2:]]
        lost = -slope(half) * len(half)
        need(lost < LEAK_KIB, f"{cycle}: {lost:.0f} KiB of free memory less in the last {len(half)}")
        context.note(f"{count} of {cycle}: free memory of the last {len(half)} by slope {-lost:+.0f} KiB")
        fifth = max(10, count // 5)
        first, last = (median(sum(row[1:]) for row in part) for part in (rows[:fifth], rows[-fifth:]))
        need(abs(last - first) <= DRIFT * first, f"{cycle}: took {first} ns and takes {last} ns")
        context.note(f"{cycle}: {first:.0f} ns in the first fifth, {last:.0f} ns in the last")
        DONE[cycle] += count
    return step


def tally(context):
    """Adds what a row's attacks led to."""
    for kind, counts in context.values.pop("tried", {}).items():
        TRIED.setdefault(kind, Counter()).update(counts)
    for word in ("looks", "disturbed"):
        DONE[word] += context.values.pop(word, 0)


def figures(context):
    """What was tried so far, and what came of it."""
    tally(context)
    every = sum(TRIED.values(), Counter())
    for kind, counts in TRIED.items():
        yield f"{kind}: {counts.total()} attacks, " + ", ".join(f"{n} {how}" for how, n in counts.items())
    yield (f"{every.total()} attacks tried, {every['UNDEFINED'] + every['aborted']} exceptions injected, "
           f"{DONE['failed']} cells failed as they should, {DONE['disturbed']} disturbances of the victim in "
           f"{DONE['looks']} looks, {DONE['leaked']} pages leaked, {DONE['cell_cycle']} cells' lives, "
           f"{DONE['enable_cycle']} times enabled and disabled, {DONE['rounds']} rounds")


def attacks_for(seconds, seed, steps, fails):
    """
    Rounds of `steps`, each by a @{seed} of its own, and of `fails`, in which a cell must fail, until the
    time is over; the hypervisor has all its pages again after each. Says all figures, however it ends.
    """
    def one_round(context, free):
        print(f"round {DONE['rounds'] + 1} of SEED={seed}: seed {context.values['seed']}", flush=True)
        for each in [*steps, *fails]:
            each(context)
        DONE["failed"] += 1
        left = context.machine.json("status")["pool_free"]
        DONE["leaked"] += free - left
        need(left == free, f"seed {context.values['seed']}: {left} pages of EL2's are free, not {free}")
        DONE["rounds"] += 1
        context.notes.clear()

    def step(context):
        dice, end = random.Random(seed), time.monotonic() + seconds
        free = context.machine.json("status")["pool_free"]
        try:
            while not DONE["rounds"] or time.monotonic() < end:
                context.values["seed"] = dice.randrange(1, 1 << 31)
                one_round(context, free)
        finally:
            for text in figures(context):
                print(text, flush=True)
                context.note(text)
    return step
