# SPDX-License-Identifier: GPL-2.0-only
"""The list of rows, and what the bench says of one."""

import pytest

import bench
from rows import BY_NAME, OPEN, OPEN_ON_MAX, ROWS, Row, above, equal, goal_of, within


def report(**values):
    made = bench.Report()
    for name, value in values.items():
        made.count(name.replace("none_", "none/"), "insns", value)
    return made


def test_names():
    assert len(BY_NAME) == len(ROWS)
    assert OPEN | OPEN_ON_MAX <= set(BY_NAME)
    assert set(bench.CHEAP) <= set(BY_NAME)


@pytest.mark.parametrize("goal, none, number", [
    (40, None, 40),
    (None, 1, None),
    (equal, 37, 37),
    (above(80), 1570, 1650),
    (within(0.3), 1000.0, 1003.0),
    (equal, None, None),
])
def test_goal(goal, none, number):
    assert goal_of(Row("x", "", "insns", None, None, None, goal), none) == number


@pytest.mark.parametrize("value, jailhouse, goal, is_open, said, failure", [
    (40, 126, 40, False, "ok", False),
    (41, 126, 40, False, "missed", True),
    (41, 126, 40, True, "missed", False),
    (127, 126, 40, True, "MISSED, and worse than Jailhouse", False),
    (None, 126, 40, False, "not there yet", True),
    (None, 126, 40, True, "not there yet", False),
    (5, None, equal, False, "ok", False),
    (6, None, equal, False, "missed", True),
    (10 ** 9, 1, None, False, "", False),
])
def test_verdict(monkeypatch, value, jailhouse, goal, is_open, said, failure):
    monkeypatch.setattr(bench, "OPEN", {"x"} if is_open else set())
    found = report(none_x=5) if value is None else report(x=value, none_x=5)
    row = Row("x", "", "insns", None, jailhouse, None, goal)
    assert bench.verdict(found, row) == (said, failure)
