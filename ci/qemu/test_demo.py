# SPDX-License-Identifier: GPL-2.0-only
"""The demo itself, as `make demo` runs it."""

import subprocess
import sys
from pathlib import Path

BUDGET = 300  # seconds


def test_demo():
    demo = Path(__file__).with_name("demo.py")
    result = subprocess.run([sys.executable, str(demo)],
                            capture_output=True, text=True, timeout=BUDGET, check=False)
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr
