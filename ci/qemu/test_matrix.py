# SPDX-License-Identifier: GPL-2.0-only
"""The tour on machines in which any two values of two axes meet; the first is that of `make demo`."""

import itertools

import pytest

import matrix
from matrix import AXES, Row

ROWS = [pytest.param(row, id=matrix.name(row), marks=pytest.mark.xdist_group(matrix.name(row)))
        for row in sorted(matrix.pairs(), key=lambda row: -row.smp)]


@pytest.mark.parametrize("row", ROWS)
def test_tour(row):
    result = matrix.run(row)
    assert result.passed, result.text[-8000:]


def test_pairs_are_covered():
    rows = matrix.pairs()
    for (i, one), (j, two) in itertools.combinations(enumerate(AXES), 2):
        for values in itertools.product(one, two):
            assert any((row[i], row[j]) == values for row in rows), \
                f"{Row._fields[i]}, {Row._fields[j]}: {values}"


def test_few_pairs():
    """No more with 64 CPUs, which take longest, than there are kinds of CPUs; the demo's is one."""
    rows = matrix.pairs()
    assert rows[0] == Row(*(values[0] for values in AXES))
    assert len(rows) <= 20
    assert sum(row.smp == 64 for row in rows) == len(AXES.cpu)
