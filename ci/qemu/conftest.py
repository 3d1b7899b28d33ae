# SPDX-License-Identifier: GPL-2.0-only
"""Prints what the system tests measured above pytest's totals."""


def pytest_configure(config):
    config.addinivalue_line("markers", "long: for make matrix")
    config.addinivalue_line("markers", "soak: for make soak")


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.getreports("passed")
    notes = [text for report in reports for key, text in report.user_properties if key == "note"]
    if notes:
        terminalreporter.section("numbers")
        for text in notes:
            terminalreporter.line(text)
