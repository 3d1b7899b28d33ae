# SPDX-License-Identifier: GPL-2.0-only
"""What follows the end of a cell, and the watchdog that ends one."""

import hardware
from hardware import LIST
from steps import (compile_cell, console, create, destroy, keep_exits, line, memory_back, nonce,
                   online, prompt, refused, report, run, see, start, start_linux, state, verify, wait)
from suite.common import NO_WATCHDOGS, Test, delta

# --- what follows the end of a cell ---

# How it ends: what the inmate `stray` is told, what it says, the state, and what dmesg calls it.
ENDS = {
    "off": ("off", r"off\r*\n", "off", "switched itself off"),
    "last_cpu": ("cpuoff", "switching this CPU off", "off", "switched itself off"),
    "reset": ("reset", r"reset\r*\n", "reset", "asked for a reset"),
    "fault": ("w 0x60000000", "try w", "failed", "failed"),
}


def policy(*policies):
    """A cell of that configuration, in which the inmate `stray` runs, ready to end."""
    return [compile_cell("policy", "/tmp/policy.cell", POLICY=",".join(policies)),
            start("policy", "stray", "/tmp/policy.cell"),
            console("policy", see("stray> "))]


def watched(ms, *policies, cpus=1):
    """The inmate `guarded`, that must pet in such a time."""
    return [compile_cell("policy", "/tmp/policy.cell", CPU_COUNT=str(cpus),
                         POLICY=",".join((f".watchdog_ms={ms}", *policies))),
            start("policy", "guarded", "/tmp/policy.cell"),
            console("policy", see("guarded> "))]


def kept(inmate, *settings):
    """A cell that EL2 restarts; what is not a macro of ci/configs/policy.c is a field of CELL()."""
    macros = dict(setting.split("=") for setting in settings if setting[0].isupper())
    fields = [f".{setting}" for setting in settings if setting[0].islower()]
    return [compile_cell("policy", "/tmp/policy.cell", FLAGS="STRAY_FAIL|KEEP_IMAGE",
                         POLICY=",".join((".on_fault=RESTART", *fields)), **macros),
            start("policy", inmate, "/tmp/policy.cell")]


DIGESTS = {"registers": "cpu 0 registers", "gic": "cpu 0 gic", "other_registers": "cpu 1 registers",
           "other_gic": "cpu 1 gic", "uart": "uart", "memory": "memory"}


def found(name, starts):
    """The inmate `same` of this start says what it found."""
    def step(context):
        wait("hvctl cell show policy", rf"^ +starts +{starts}$")(context)
        console("policy", nonce(), line("show"),
                *[see(rf"{text}=(\d+)\r*\n", f"{name}_{key}") for key, text in DIGESTS.items()],
                history=False)(context)
    return step


def same(first, second):
    return verify(f"{second} is like {first}",
                  lambda v: all(v[f"{first}_{key}"] == v[f"{second}_{key}"] for key in DIGESTS))


def starts_alike(name, *ways, watchdog_ms=0, but={}):
    """However the inmate `same` ends or is ended, it finds the same again."""
    return Test(name, "enabled", 240, [
        compile_cell("policy", "/tmp/policy.cell", CPU_COUNT="2",
                     POLICY=f".on_off=RESTART,.on_fault=RESTART,.watchdog_ms={watchdog_ms}"),
        start("policy", "same", "/tmp/policy.cell"),
        found("first", starts=1),
        *[step for starts, way in enumerate(ways, 2) for step in (
            console("policy", line(f"dirty {way}"), see(f"dirty, then {way}"), history=False),
            found(way, starts), same("first", way))],
        console("policy", line("dirty spin"), see("dirty, then spin"), history=False),
        report("cell restart policy", state="running"),
        found("restart", starts=len(ways) + 2), same("first", "restart"),
        console("policy", line("dirty spin"), see("dirty, then spin"), history=False),
        run("hvctl cell shutdown policy"),
        report("cell start policy", state="running"),
        found("start", starts=len(ways) + 3), same("first", "start"),
        destroy("policy"),
    ], but=but)


def ends(cause):
    return console("policy", line(ENDS[cause][0]), see(ENDS[cause][1]), history=False)


def restarts(number, **expected):
    """So many restarts are done, and it answers."""
    return [wait("hvctl cell show policy", rf"^ +restarts +{number}( of \d+)?$"),
            report("cell show policy", state="running", restarts=number, **expected),
            console("policy", nonce(), history=False)]


def stops_after(cause, field):
    state_name, text = ENDS[cause][2:]
    return Test(f"stops_after_{cause}", "enabled", 60, [
        *policy(".on_off=RESTART", ".on_reset=RESTART", ".on_fault=RESTART",
                f".{field}=STOP"),
        ends(cause),
        state("policy", state_name),
        wait("dmesg", rf"caisson: cell policy {text}$"),
        report("cell show policy", state=state_name, starts=1, restarts=0, restart_limit=None),
        report("cell restart policy", state="running", starts=2, restarts=0),
        console("policy", nonce(), history=False),
        destroy("policy"),
    ])


def restarts_after(cause, field):
    state_name, text = ENDS[cause][2:]
    return Test(f"restarts_after_{cause}", "enabled", 90, [
        *policy(".on_off=STOP", ".on_reset=STOP", f".{field}=RESTART",
                ".restarts=2"),
        ends(cause),
        *restarts(1, starts=2, restart_limit=2),
        run("hvctl cell list", "^NAME .* RESTARTS$", "^policy .* 1 of 2$"),
        # A start that is refused does not count.
        refused("hvctl cell start policy", "not possible in the cell's present state"),
        report("cell show policy", restarts=1),
        ends(cause),
        *restarts(2, starts=3),
        run("dmesg", rf"cell policy {text}: restart 1 of 2$",
            rf"cell policy {text}: restart 2 of 2$"),
        ends(cause),
        wait("dmesg", rf"cell policy {text}, and stays so after 2 restarts$"),
        report("cell show policy", state=state_name, starts=3, restarts=2),
        # By hand it starts anew, and so do the restarts.
        report("cell start policy", state="running", starts=4, restarts=0),
        console("policy", nonce(), history=False),
        ends(cause),
        *restarts(1, starts=5),
        destroy("policy"),
    ])


def fails_at_once(policies):
    """A cell of that configuration, to be started, whose entry is zeroed memory."""
    return [compile_cell("policy", "/tmp/policy.cell", FLAGS="STRAY_FAIL|SET_ENTRY",
                         POLICY=policies),
            create("/tmp/policy.cell"),
            report("cell load policy inmates/stray.bin", state="ready")]


POLICIES = [
    *[make(cause, field) for make in (stops_after, restarts_after) for cause, field in
      [("off", "on_off"), ("last_cpu", "on_off"), ("reset", "on_reset"), ("fault", "on_fault")]],
    # Watchdogs. Interrupts of EL2's are not the cell's to mask, and nobody has to be awake.
    Test("watchdog_expires", "enabled", 120, [
        *watched(3000, ".on_fault=RESTART", ".restarts=1"),
        console("policy", line("left"), see(r"left=[0-3] of 3\r*\n"), line("keep 1000000 6"),
                see("cpu=0 petted 6 times"), line("s"), see("spins, masked"), history=False),
        *restarts(1),
        run("dmesg", "cell policy failed, as its watchdog ran out: restart 1 of 1$"),
        run("hvctl log", "^cell policy: its watchdog ran out$"),
        # This time it is simply not petted: the inmate waits for a line.
        state("policy", "failed"),
        run("hvctl cell show policy", "state +failed: its watchdog ran out$"),
        report("cell show policy", failure=lambda f: f["reason"] == "its watchdog ran out"),
        run("dmesg", "cell policy failed, as its watchdog ran out, and stays so after 1 restarts$"),
        report("cell restart policy", state="running"),
        console("policy", line("keep 500000 10"), see("cpu=0 petted 10 times"), history=False),
        destroy("policy"),
    ], core=True, but=NO_WATCHDOGS),
    Test("watchdog_calls", "enabled", 120, [
        *watched(60500),
        console("policy", line("left"), see("left=(59|60) of 60"),
                line("timeout 61"), see("timeout refused"), line("timeout 0"),
                see("timeout refused"), line("timeout 2"), see("timeout done"),
                line("enable 0"), see("enable done"), line("left"), see("left=0 of 60"),
                line("hvc"), see(r"hvc pet=0 unknown=-1 again=0\r*\n"), history=False),
        # It is stopped.
        run("sleep 4"),
        report("cell show policy", state="running"),
        console("policy", nonce(), line("enable 1"), see("enable done"), history=False),
        # The shorter time counts.
        state("policy", "failed", timeout=20),
        # And is forgotten at the next start.
        report("cell restart policy", state="running"),
        run("sleep 4"),
        console("policy", line("left"), see("left=5[0-9] of 60"), history=False),
        destroy("policy"),
    ], but=NO_WATCHDOGS),
    Test("watchdog_refused", "enabled", 60, machine=hardware.other_timer, but=NO_WATCHDOGS | {
        LIST: "refused on that machine: list_refused"}, steps=[
        compile_cell("policy", "/tmp/policy.cell", POLICY=".watchdog_ms=1000"),
        refused("hvctl cell create /tmp/policy.cell",
                r"^ci/configs/policy\.c:\d+: error: .*there are no watchdogs"),
        online("0-3"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
    ]),
    # The CPU that was armed first goes; the other one pets, and then no more.
    Test("watchdog_of_two_cpus", "enabled", 120, [
        *watched(2000, cpus=2),
        keep_exits("before", "policy"),
        console("policy", line("leave 500000 12"), see("cpu=0 leaves"),
                see("cpu=1 petted 12 times"), see("cpu=1 spins, masked"), history=False),
        keep_exits("after", "policy"),
        # A pet sets no timer: it came a few times too early.
        verify("few interrupts of EL2's", lambda v: 2 <= delta(v, "kick") <= 10),
        state("policy", "failed", timeout=20),
        run("hvctl log", "cell policy: failed on its cpu 1, "),
        destroy("policy"),
        # EL2's timer and its interrupt stay behind nowhere.
        start("smp"),
        console("smp", see(r"smp: ok cpus=2")),
        run("sleep 3"),
        report("cell show smp", state="running"),
        destroy("smp"),
        start_linux(),
        console("linux", prompt()),
        destroy("linux"),
        run("hvctl disable"),
        run("hvctl enable"),
        *watched(60000, cpus=2),
        report("cell shutdown policy", state=lambda s: s in ("stopped", "ready")),
        report("cell start policy", state="running"),
        console("policy", line("left"), see("left=(59|60) of 60"), history=False),
        destroy("policy"),
        run("hvctl disable"),
    ], core=True, but=NO_WATCHDOGS),
    starts_alike("same_start", "reset", "off", "fault"),
    starts_alike("same_start_watched", "reset", "watchdog", watchdog_ms=60000, but=NO_WATCHDOGS),
    # All of root's CPUs spin, masked, when the watchdog runs out: the cell begins as it began first.
    Test("keep_image", "enabled", 180, [
        run("insmod /lib/modules/misdeed.ko"),
        *kept("same", "CPU_COUNT=2", "watchdog_ms=60000", "restarts=1"),
        run("hvctl config show /tmp/policy.cell", "; EL2 keeps its image "),
        found("first", starts=1),
        console("policy", line("dirty watchdog"), see("dirty, then watchdog"), history=False),
        run("echo livelock 5 >/proc/misdeed"),
        found("watchdog", starts=2), same("first", "watchdog"),
        report("cell show policy", state="running", restarts=1, restart_limit=1),
        run("hvctl log", "^cell policy: restarted from its image$"),
        run("dmesg", "cell policy failed, as its watchdog ran out: restart 1 of 1$"),
        # That was the last one.
        console("policy", line("dirty watchdog"), see("dirty, then watchdog"), history=False),
        state("policy", "failed"),
        destroy("policy"),
        run("rmmod misdeed"),
        # In the midst of it.
        *kept("guarded", "SIZE=MiB(384)", "watchdog_ms=1000"),
        run("until hvctl cell list | grep -q restarting; do :; done; hvctl cell destroy policy"),
        online("0-3"),
        memory_back(),
    ], but=NO_WATCHDOGS),
    # Again and again, and root goes on.
    Test("restarts_for_ever", "enabled", 90, [
        *fails_at_once(".on_fault=RESTART"),
        run("cut -d' ' -f1 /proc/uptime", keep="before"),
        report("cell start policy"),
        wait("hvctl cell show policy", r"^ +restarts +\d\d$"),
        report("cell show policy", keep="show"),
        run("cut -d' ' -f1 /proc/uptime", keep="after"),
        verify("at most ten times a second",
               lambda v: 10 <= v["show"]["restarts"] <=
               (float(v["after"]) - float(v["before"])) * 10 + 1),
        report("cell shutdown policy", state=lambda s: s in ("stopped", "ready")),
        destroy("policy"),
    ]),
    # More than Linux prints at once: each restart counts, whether it is told or not.
    Test("restarts_untold", "enabled", 90, [
        *fails_at_once(".on_fault=RESTART,.restarts=15"),
        report("cell start policy"),
        wait("dmesg", r"cell policy failed, and stays so after 15 restarts$"),
        report("cell show policy", state="failed", starts=16, restarts=15),
        destroy("policy"),
    ]),
]
