# SPDX-License-Identifier: GPL-2.0-only
"""Prints what the system tests measured above pytest's totals."""

import sys


def pytest_terminal_summary(terminalreporter):
    tests = sys.modules.get("test_system")
    if tests and tests.NOTES:
        terminalreporter.section("numbers")
        for text in tests.NOTES:
            terminalreporter.line(text)
