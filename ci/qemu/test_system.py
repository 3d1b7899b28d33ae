# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the list in tests.py on one QEMU machine after the other: the next test gets the same machine
if the last one left it healthy, else a fresh one. A failure shows the end of the console, the
hypervisor's log and root's.

Two processes of pytest-xdist share the list in pieces, in each of which tests want the same kind of
machine.
"""

import itertools
import os
import time

import pytest

import hardware
import variants
from machine import LOGS, Failure, Machine
from steps import Context, healthy, prepare
from tests import LONG_TESTS, SOAK, TESTS

PIECE = 40  # tests: so few that both processes end at about the same time, so many that boots are few
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")


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
            self.machine = Machine(f"system-{WORKER}-{self.boots}", (kind or hardware.usual)())
            self.machine.boot()
            self.machine.start_agent()
            variants.mutate(self.machine)
            hardware.prepare(kind, self.machine)
        return self.machine

    def scrap(self):
        if self.machine:
            self.machine.close()
        self.machine = None


@pytest.fixture(scope="module", name="lab")
def fixture_lab():
    for old in LOGS.glob(f"system-{WORKER}-*.log"):
        old.unlink()
    lab = Lab()
    yield lab
    lab.scrap()


def pieces(whole, *marks):
    """The tests as parameters, each with its piece's name."""
    for kind, tests in itertools.groupby(whole, key=lambda test: test.machine):
        for i, test in enumerate(tests):
            piece = f"{kind.__name__ if kind else 'plain'}-{whole.index(test) - i}-{i // PIECE}"
            unfit = test.but.get(hardware.known(kind)["mode"])
            yield pytest.param(test, id=test.name, marks=[
                pytest.mark.xdist_group(piece), *marks,
                *([pytest.mark.skip(reason=f"{hardware.known(kind)['mode']}: {unfit}")] if unfit else [])])


def perform(test, machine, note):
    """All steps of a test, then root's health, within the budget. False: the machine has ended."""
    context = Context(machine, **hardware.known(test.machine))
    machine.allow(test.budget)
    prepare(context, test.state)
    for step in test.steps:
        step(context)
    if not context.ended:
        healthy(context)
    for text in context.notes:
        note("note", f"{test.name}: {text}")
    machine.allow(None)
    return not context.ended


@pytest.mark.parametrize("test", [*pieces(TESTS), *pieces(LONG_TESTS, pytest.mark.long),
                                  *pieces(SOAK, pytest.mark.soak)])
def test_system(test, lab, record_property):
    machine = lab.get(test.machine)
    started = time.monotonic()
    try:
        if not perform(test, machine, record_property):
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
    tests = TESTS + LONG_TESTS + SOAK
    assert len({test.name for test in tests}) == len(tests)
