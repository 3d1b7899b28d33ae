# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the list in tests.py on one QEMU machine after the other: the next test gets the same machine
if the last one left it healthy, else a fresh one. A failure shows the end of the console, the
hypervisor's log and root's.
"""

import time

import pytest

from machine import LOGS, Failure, Machine
from steps import Context, healthy, prepare
from tests import TESTS

NOTES = []  # conftest.py prints them


class Lab:
    """Has a booted machine when one is wanted; `kind` is a row's last field."""

    def __init__(self):
        self.machine = None
        self.kind = None
        self.boots = 0

    def get(self, kind):
        if kind != self.kind:
            self.scrap()
        if not self.machine:
            self.boots += 1
            self.kind = kind
            self.machine = Machine(f"system-{self.boots}", kind() if kind else ())
            self.machine.boot()
            self.machine.start_agent()
        return self.machine

    def scrap(self):
        if self.machine:
            self.machine.close()
        self.machine = None


@pytest.fixture(scope="module", name="lab")
def fixture_lab():
    for old in LOGS.glob("system-*.log"):
        old.unlink()
    lab = Lab()
    yield lab
    lab.scrap()


def perform(test, machine):
    """All steps of a test, then root's health, within the budget. False: the machine has ended."""
    context = Context(machine)
    machine.allow(test.budget)
    prepare(context, test.state)
    for step in test.steps:
        step(context)
    if not context.ended:
        healthy(context)
    NOTES.extend(f"{test.name}: {text}" for text in context.notes)
    machine.allow(None)
    return not context.ended


@pytest.mark.parametrize("test", TESTS, ids=[test.name for test in TESTS])
def test_system(test, lab):
    machine = lab.get(test.machine)
    started = time.monotonic()
    try:
        if not perform(test, machine):
            lab.scrap()
    except (Failure, OSError) as failure:
        text = machine.post_mortem()
        lab.scrap()
        pytest.fail(f"{test.name}: {failure}\n{text}", pytrace=False)
    except BaseException:
        lab.scrap()
        raise
    print(f"{test.name}: {time.monotonic() - started:.1f} s of {test.budget}")


def test_names_are_unique():
    assert len({test.name for test in TESTS}) == len(TESTS)
