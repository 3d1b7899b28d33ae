# SPDX-License-Identifier: GPL-2.0-only
"""What several files of the suite use: the form of a row, and words that steps.py has not."""

import re
from collections import namedtuple

from hardware import LIST, REVOKE
from steps import console, interrupts, interrupts_taken, line, note, see

Test = namedtuple("Test", "name state budget steps machine core but", defaults=[None, False, {}])

# Why a row is no test of a mode: Test.but.
NO_WATCHDOGS = {REVOKE: "there are no watchdogs"}
NEVER_ENABLED = dict.fromkeys((REVOKE, LIST), "the machine is refused before a mode is chosen")

MIB = 1 << 20
CPUS = "/sys/devices/system/cpu"
# Rows of /proc/interrupts end in names; in the cell they are read through its console.
INTERRUPTS = "cat /proc/interrupts"
# Nothing of the machine, of root or of a cell is there, whichever CPU looks.
NOWHERE = 0x2_0000_0000


def came(kind):
    """Between two looks at /proc/interrupts: of "timer", of "ipi", or of a row that holds that."""
    def count(values, name):
        if kind in ("timer", "ipi"):
            return sum(interrupts(None, values[name])[kind])
        return interrupts_taken("\n".join(re.findall(rf".*{kind}.*", values[name])))
    return lambda values: count(values, "irqs_after") - count(values, "irqs_before")


def all_that_came(values):
    return interrupts_taken(values["irqs_after"]) - interrupts_taken(values["irqs_before"])


def a_thousand(*kinds):
    return lambda values: all(came(kind)(values) >= 1000 for kind in kinds)


def notes(*kinds):
    return [note(f"interrupts of {kind}", came(kind)) for kind in kinds]


def memory_end(values):
    """Where the hypervisor's memory ends, after a `status` was kept."""
    return values["status"]["memory_address"] + values["status"]["memory_bytes"]


def asks(cell, *words, history=False):
    """The inmate `stray` is told to do something and says so: pairs of command and answer."""
    actions = [action for command, answer in zip(words[::2], words[1::2])
               for action in (line(command), see(answer), see("stray> "))]
    return console(cell, *actions, history=history)


def delta(values, cause):
    return values["after"][cause] - values["before"][cause]


def flip(cpu):
    return f"echo 0 >{CPUS}/cpu{cpu}/online && echo 1 >{CPUS}/cpu{cpu}/online"
