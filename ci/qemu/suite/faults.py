# SPDX-License-Identifier: GPL-2.0-only
"""Every step of managing fails once: all is as before, and the next time it succeeds."""

import hardware
from faults import each_fault, each_page
from steps import (compile_cell, console, destroy, memory_back, memory_from_here, nonce, online, run,
                   start)
from suite.common import CPUS, NO_WATCHDOGS, Test

CREATE = "hvctl cell create tests/fail.cell"
LOAD = "hvctl cell load fail inmates/timer.bin"
START = "hvctl cell start fail"
RESTART = "hvctl cell restart fail"
DESTROY = "hvctl cell destroy fail"
KEPT = "hvctl cell create /tmp/policy.cell && hvctl cell load policy inmates/guarded.bin"

FAULTS = [
    Test("faults_insmod", "bare", 300, machine=hardware.faults, steps=[
        each_fault("insmod caisson.ko", "rmmod caisson", least=5),
        run("hvctl enable"),
        run("hvctl disable"),
    ]),
    Test("faults_enable", "loaded", 300, machine=hardware.faults, steps=[
        each_fault("hvctl enable", "hvctl disable", least=5),
        each_fault("hvctl disable", "hvctl enable", least=1),
        memory_back(),
    ]),
    Test("faults_create", "enabled", 600, machine=hardware.faults, steps=[
        # What CPUs that came back once keep in caches is not lost.
        run(f"{CREATE} && {DESTROY}"),
        memory_from_here(),
        each_fault(CREATE, DESTROY, least=20),
        run(LOAD),
        run(START),
        console("fail", nonce()),
        destroy("fail"),
    ]),
    Test("faults_keep_image", "enabled", 600, machine=hardware.faults, but=NO_WATCHDOGS, steps=[
        compile_cell("policy", "/tmp/policy.cell", FLAGS="STRAY_FAIL|KEEP_IMAGE",
                     POLICY=".on_fault=RESTART,.watchdog_ms=3600000"),
        run(KEPT),
        each_fault("hvctl cell start policy", f"hvctl cell destroy policy && {KEPT}", least=8),
        run(f"hvctl cell destroy policy && {KEPT}"),
        each_fault("hvctl cell restart policy", f"hvctl cell destroy policy && {KEPT}",
                   changes_state=True, least=8),
        console("policy", nonce(), history=False),
        destroy("policy"),
        memory_back(),
    ]),
    Test("faults_pool", "loaded", 300, machine=hardware.faults, steps=[
        each_page("tests/fail.cell", "fail", "inmates/timer.bin"),
        memory_back(),
    ]),
    # Root's user takes the CPUs away and brings them back, a cell's too, in the midst of everything.
    Test("hotplug_in_the_midst", "loaded", 300, [
        run(f"(while [ ! -e /tmp/stop ]; do for c in 1 2 3; do for o in 0 1; do echo $o >{CPUS}/cpu$c/online; "
            "done; done; done) 2>/dev/null & n=0; while [ $n -lt 20 ]; do "
            "for c in enable \"cell create cells/smp.cell\" \"cell load smp inmates/smp.bin\" "
            "\"cell start smp\" \"cell destroy smp\" disable; do hvctl $c >/dev/null 2>/tmp/said || "
            "{ f=$((f+1)); [ -s /tmp/said ] || echo \"$c: without a word\"; }; done; n=$((n+1)); done; "
            "touch /tmp/stop; wait; rm /tmp/stop; echo failed=$f; hvctl cell destroy smp; hvctl disable; "
            f"for c in 1 2 3; do echo 1 >{CPUS}/cpu$c/online; done; true", r"\Afailed=\d*$", timeout=280),
        online("0-3"),
        memory_back(),
        run("hvctl enable"),
        start("smp"),
        console("smp", nonce()),
        destroy("smp"),
        run("hvctl disable"),
    ]),
    Test("faults_run", "enabled", 600, machine=hardware.faults, steps=[
        run(CREATE),
        each_fault(LOAD, "true", least=4),
        each_fault(START, f"{DESTROY} && {CREATE} && {LOAD}", least=1),
        console("fail", nonce()),
        # Whatever was half done, a start, or a restart where it still runs, makes it whole.
        each_fault(RESTART, "ticks true", again=f"ticks \"{START} || {RESTART}\"", changes_state=True,
                   least=4),
        each_fault("hvctl cell shutdown fail --now", START, changes_state=True),
        each_fault(DESTROY, f"{CREATE} && {LOAD} && {START}", changes_state=True, least=3),
    ]),
]
