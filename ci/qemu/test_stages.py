# SPDX-License-Identifier: GPL-2.0-only
"""The list of stages, and how they are counted."""

import sys

import pytest

from machine import TOP

sys.path.insert(0, str(TOP / "ci"))
import stages  # noqa: E402, the directory is not a package


def test_check_is_short():
    assert sum(stage.budget for stage in stages.STAGES if "check" in stage.belongs) <= \
        stages.CHECK_SECONDS


@pytest.mark.parametrize("line,counts", [
    ("==== 2 failed, 413 passed, 1 warning in 340.05s (0:05:40) ====", (413, 2)),
    ("======= 340 passed in 1.24s =======", (340, 0)),
    ("==== 1 error in 0.52s ====", (0, 0)),
    ("unit: 9 programs, 241 tests passed, 3 failed, 0 programs broken", (241, 3)),
    ("matrix: 190 passed, 2 failed", (190, 2)),
    ("fuzz: 2 targets, 41500 inputs, 1 passed, 1 failed", (1, 1)),
    ("==== numbers ====", (0, 0)),
    ("demo: 51 of 52 steps seen in 20 s; 1 failed", (0, 0)),
])
def test_count(line, counts):
    assert stages.count(line) == counts
