# SPDX-License-Identifier: GPL-2.0-only
"""hvctl top, map and log -f: what they show of cells that do something, and how they end."""

from steps import console, destroy, need, nonce, refused, report, run, start, until, verify, wait
from suite.common import MIB, Test


def named(rows, name):
    return next(row for row in rows if row["name"] == name)


def follows_keys():
    """On a terminal it is drawn in place; `q` and signals give the terminal back as it was."""
    def step(context):
        machine = context.machine
        before = machine.run("stty -g").output
        asked = machine.start("hvctl top")
        machine.expect(r"\x1b\[2J")
        machine.expect(r"\x1b\[H.*BY CAUSE.*\x1b\[J")
        machine.send("q")
        result = machine.finish("hvctl top", asked)
        need(result.status == 0, f"hvctl top: exit status {result.status}")
        # By its number: in some modes hvctl is a script that goes on as hvctl.
        machine.run("(usleep 700000; until kill $(cat /tmp/top); do usleep 100000; done) & "
                    "sh -c 'echo $$ >/tmp/top; exec hvctl top'; [ $? = 143 ] && rm /tmp/top")
        need(machine.run("stty -g").output == before, "the terminal is not as it was")
    return step


def placed(context):
    """The map's memory is a partition of root's, and the cell has as much as it wants."""
    shown = context.machine.json("map")
    taken = {}
    for piece in shown["given"]:
        need(any(ram["address"] <= piece["address"] and
                 piece["address"] + piece["size"] <= ram["address"] + ram["size"] for ram in shown["ram"]),
             f"outside of RAM: {piece}")
        taken[piece["owner"]] = taken.get(piece["owner"], 0) + piece["size"]
    ends = sorted((piece["address"], piece["address"] + piece["size"]) for piece in shown["given"])
    need(all(a[1] <= b[0] for a, b in zip(ends, ends[1:])), f"they overlap: {ends}")
    need(taken["hello"] == taken["timer"] == 16 * MIB, f"{taken}")
    status = context.machine.json("status")
    need(taken["hypervisor"] == status["memory_bytes"], f"{taken}, {status}")
    need({row["name"]: row["cpus"] for row in shown["owners"]} ==
         {"root": [0, 2], "hypervisor": [], "GIC": [], "timer": [1], "hello": [3]}, f"{shown['owners']}")
    irqs = {(row["owner"], row.get("what")) for row in shown["irqs"]}
    need({("timer", "console"), ("hello", "console"), ("hypervisor", "doorbell")} <= irqs, f"{irqs}")


# EL2 keeps 4096 bytes of log, and each restart writes 59.
FLOOD = "kill -STOP $!; for i in $(seq 74); do hvctl cell restart hello || break; done >/dev/null; kill -CONT $!"

WATCHING = [
    Test("top_map_log", "enabled", 150, [
        start("timer"),
        start("hello"),
        run("hvctl top --batch --count 2 --interval 0.2", r"^timer +running +1 +\d+\.\d +-",
            r"^3 +hello +\d+\.\d +- ", r"^0 +root +\d+\.\d +\d+"),
        # The cell says so each 1,000 ticks, which are a second or more on a busy host.
        until(lambda v: named(v["top"]["cells"], "timer")["console_per_s"] > 0,
              report("top --count 1 --interval 1.5", keep="top"), times=8),
        verify("root's CPUs tick, the cell's console says so, and it costs exits", lambda v: (
            named(v["top"]["cells"], "root")["timer_per_s"] > 0 and
            named(v["top"]["cells"], "timer")["timer_per_s"] is None and
            v["top"]["cpus"][1]["cell"] == "timer" and
            v["top"]["cpus"][1]["per_s"]["console"] > 0 and v["top"]["ns"] >= 1.5e9)),
        refused("hvctl top --interval 0", "no number of seconds", status=2),
        follows_keys(),
        placed,
        run("hvctl map", r"^  a  timer +CPUs 1 +16 MiB$", r"^  0x0040000000 [.#ab]{64}$", r"^  b  \d+ +console$",
            r"^  \.  0x0009000000 +4 KiB  pl011@9000000$"),
        run("hvctl map --svg /tmp/map.svg", "^the map is in /tmp/map.svg$"),
        run("grep -c '<title>timer: ' /tmp/map.svg", r"^[2-9]$"),
        refused("hvctl map --svg /nowhere/map.svg", "cannot be written: No such file", status=2),
        refused("hvctl map --svg /dev/full", "cannot be written: No space", status=2),
        # A reader that sleeps is told what it has missed; one that is there has it all.
        run("hvctl log -f >/tmp/all 2>&1 & hvctl log -f >/tmp/some 2>/tmp/lost & usleep 200000; " + FLOOD),
        wait("cat /tmp/lost", r"^hvctl: \d+ bytes of the log are lost"),
        wait("grep -c '^cell hello: ' /tmp/all", r"^(7[4-9]|8\d|[1-9]\d\d+)$"),
        console("hello", nonce()),
        destroy("hello"),
        destroy("timer"),
        run("hvctl disable"),
        wait("tail -n 1 /tmp/all /tmp/lost", r"(?s)the hypervisor was disabled.*the hypervisor was disabled"),
        run("! grep lost /tmp/all"),
        run("wait; rm /tmp/all /tmp/some /tmp/lost /tmp/map.svg"),
    ]),
]
