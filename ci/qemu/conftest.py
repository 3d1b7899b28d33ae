# SPDX-License-Identifier: GPL-2.0-only
"""
Prints what the system tests measured above pytest's totals, and what failed as soon as it has.

With --go-on, what has passed before is left out as long as root's file systems are the same ones:
build/ci/long.json has the names. With pytest-xdist, the process that hands out the tests keeps them.
"""

import hashlib
import json
import os
import re

from machine import BUILD

PASSED = BUILD / "ci" / "long.json"
# For pytest-xdist's processes: all of them have to find the same tests.
LEFT_OUT = "CAISSON_TESTS_PASSED"


def name(nodeid):
    found = re.search(r"\[(.+?)\]", nodeid)
    return found[1] if found else nodeid


class Passed:
    """The names of the tests that have passed with these file systems, on disk after each one."""

    def __init__(self):
        whole = b"".join(file.read_bytes() for file in sorted((BUILD / "root").glob("initrd-*.gz")))
        self.digest = hashlib.sha256(whole).hexdigest()
        self.names = set()
        try:
            kept = json.loads(PASSED.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if kept["digest"] == self.digest:
            self.names.update(kept["names"])

    def pytest_runtest_logreport(self, report):
        if report.when != "call" or not report.passed:
            return
        self.names.add(name(report.nodeid))
        PASSED.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"digest": self.digest, "names": sorted(self.names)}, indent=1)
        PASSED.write_text(text, encoding="utf-8")


def pytest_addoption(parser):
    parser.addoption("--go-on", action="store_true", help="leave out what has passed already")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: for make matrix")
    config.addinivalue_line("markers", "soak: for make soak")
    if config.option.go_on and not hasattr(config, "workerinput"):
        passed = Passed()
        os.environ[LEFT_OUT] = json.dumps(sorted(passed.names))
        config.pluginmanager.register(passed)


def pytest_collection_modifyitems(config, items):
    if not config.option.go_on:
        return
    done = set(json.loads(os.environ[LEFT_OUT]))
    config.hook.pytest_deselected(items=[item for item in items if name(item.nodeid) in done])
    items[:] = [item for item in items if name(item.nodeid) not in done]


def pytest_runtest_logreport(report):
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.nodeid} failed:\n{report.longreprtext}", flush=True)


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.getreports("passed")
    notes = [text for report in reports for key, text in report.user_properties if key == "note"]
    if notes:
        terminalreporter.section("numbers")
        for text in notes:
            terminalreporter.line(text)
