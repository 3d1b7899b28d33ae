# SPDX-License-Identifier: GPL-2.0-only
"""The comparison of two runs of the bench: what counts as worse, and what is not looked at."""

import json

import pytest

import compare
from rows import BY_NAME, NOT_COMPARED


def row(value, least=None):
    least = value if least is None else least
    return {"value": value, "unit": "insns", "min": least, "median": value, "max": value, "n": 5,
            "method": "ticks"}


def worse(name, old, new):
    return compare.worse({name: old}, {name: new} if new else {})


@pytest.mark.parametrize("old, new, is_worse", [
    (row(100), row(100), False),
    (row(100), row(50), False),
    (row(100), row(102), False),
    (row(100), row(103), True),
    (row(50), row(51), False),
    (row(50), row(52), True),
    (row(0), row(0), False),
    (row(0), row(0.001), True),
    (row(1), row(2), True),
    # The median has moved, the best case has not; and the other way round.
    (row(375, 370), row(390, 371), False),
    (row(375, 370), row(375, 380), False),
    (row(375, 370), row(390, 380), True),
])
def test_two_percent(old, new, is_worse):
    assert bool(worse("enable_4cpu_us", old, new)) == is_worse
    assert bool(worse("max/enable_4cpu_us", old, new)) == is_worse


def test_a_row_that_is_gone_is_worse():
    assert "is gone" in worse("enable_4cpu_us", row(1), None)[0]


def test_a_new_row_is_not():
    assert not compare.worse({}, {"enable_4cpu_us": row(1)})


@pytest.mark.parametrize("name", [*NOT_COMPARED, "none/enable_4cpu_us", "max/none/enable_4cpu_us",
                                  "timer_irqs", "lr_timer_irqs"])
def test_not_compared(name):
    assert not worse(name, row(1), row(1000))
    assert not worse(name, row(1), None)


def test_not_compared_are_rows():
    assert set(BY_NAME) >= NOT_COMPARED


def test_report(tmp_path, capsys):
    base = tmp_path / "old.json"
    base.write_text(json.dumps({"hvc_unknown_insns": row(28), "scrub_64m_us": row(4654)}))
    assert compare.report(base, {"hvc_unknown_insns": row(28), "scrub_64m_us": row(4660)})
    assert "2 %: 0" in capsys.readouterr().out
    assert not compare.report(base, {"hvc_unknown_insns": row(30), "scrub_64m_us": row(4660)})
    assert "hvc_unknown_insns: was 28" in capsys.readouterr().out
