# SPDX-License-Identifier: GPL-2.0-only
"""
The rows of the bench that `make check` looks at: no more than 2 % worse than baseline.json. Whoever
means them to grow has `ci/bench/bench.py --accept` write that file anew, and says why.
"""

import json

import pytest

import bench
import compare


@pytest.fixture(scope="module", name="measured")
def fixture_measured():
    return bench.measure_cheap()


def test_baseline_is_whole():
    assert sorted(json.loads(bench.BASELINE.read_text(encoding="utf-8"))) == sorted(bench.CHEAP)


@pytest.mark.parametrize("name", bench.CHEAP)
def test_cheap(name, measured):
    base = json.loads(bench.BASELINE.read_text(encoding="utf-8"))
    print(f"{name}: {measured[name]['value']:,}, baseline {base[name]['value']:,}")
    assert not compare.worse({name: base[name]}, measured)
