# SPDX-License-Identifier: GPL-2.0-only
"""Root's life with the hypervisor under it, and its end; cells that are asked to shut down."""

from signal import SIGTERM

import hardware
from life import at_once, clear_up, cpu, kexec, kill_hvctl, root_panics
from steps import (compile_cell, console, create, destroy, keep, line, machine_ends, memory_back,
                   nonce, online, prompt, refused, report, run, see, shell, start, start_linux,
                   state, verify, wait)
from suite.common import CPUS, NO_WATCHDOGS, Test
from suite.ends import kept

# --- asked to shut down ---

# Only the shell of the second Linux is left, so that nobody listens to the power button.
DEAF_LINUX = shell("kill $(pidof dd)")
SAID_AT_THE_END = "hvctl console --dump linux | tail -n 2"

SHUTDOWN = [
    Test("shutdown_linux", "enabled", 180, [
        start_linux(),
        console("linux", prompt()),
        report("cell shutdown linux", state="stopped", shutdown="done"),
        run(SAID_AT_THE_END, "shutting down"),
        run("hvctl log", "^cell linux: off, by itself$"),
        report("cell restart linux", state="running"),
        console("linux", prompt(), DEAF_LINUX, history=False),
        run("hvctl cell shutdown linux --timeout 1", "^cell linux did not shut down in time$",
            "^cell linux is stopped: "),
        report("cell restart linux", state="running"),
        console("linux", prompt(), history=False),
        report("cell shutdown linux --now", state="stopped", shutdown="unasked"),
        report("cell shutdown linux", state="stopped", shutdown="unasked"),
        destroy("linux"),
    ]),
    Test("shutdown_bare_metal", "enabled", 60, [
        start("timer"),
        console("timer", see("ticks=")),
        run("hvctl cell shutdown timer", "^cell timer has shut down$", "^cell timer is stopped: "),
        run("hvctl console --dump timer", r"^timer: shut down after \d+ ticks"),
        report("cell restart timer", state="running"),
        console("timer", see("ticks="), history=False),
        destroy("timer"),
        start("hello"),
        run("hvctl cell shutdown hello", "^cell hello listens to no request to shut down$",
            "^cell hello is stopped: "),
        destroy("hello"),
        refused("hvctl cell shutdown hello --timeout soon", "no number of seconds", status=2),
        refused("hvctl cell shutdown hello", "no such cell"),
    ]),
    # It does as it was told: no restart follows, though its configuration says so.
    Test("shutdown_is_no_restart", "enabled", 60, [
        compile_cell("policy", "/tmp/policy.cell", POLICY=".on_off=RESTART"),
        start("policy", "timer", "/tmp/policy.cell"),
        console("policy", see("ticks=")),
        report("cell shutdown policy", state="stopped", shutdown="done", starts=1),
        run("hvctl log", "^cell policy: off, by itself$"),
        report("cell start policy", state="running", starts=2),
        console("policy", see("ticks="), line("off"), history=False),
        wait("hvctl cell show policy", "^ +restarts +1"),
        destroy("policy"),
    ]),
]


# --- root's life with the hypervisor under it ---

TWO_CELLS = [start("timer"), start_linux()]
ALIVE = [console("timer", nonce(), history=False),
         console("linux", prompt(), shell("true"), history=False)]


def vetoed(word, what):
    return [run(f"(echo {word} >/sys/power/state) 2>&1", "Operation not permitted", status=1),
            run("dmesg | tail -n 12", f"caisson: {what} refused while the hypervisor is enabled: "
                "hvctl disable first")]


LIFE = [
    Test("suspend_is_vetoed", "enabled", 180, [
        *TWO_CELLS,
        console("linux", prompt()),
        *vetoed("mem", "suspend"),
        *vetoed("freeze", "suspend"),
        *vetoed("disk", "hibernation"),
        online("0"),
        *ALIVE,
        destroy("timer", "linux"),
        run("hvctl disable"),
        # Nobody stands in its way now; it is woken at once, or not at all.
        run("echo freezer >/sys/power/pm_test && echo mem >/sys/power/state; "
            "echo none >/sys/power/pm_test"),
    ]),
    # The seed says which; what they leave behind healthy() sees.
    Test("ioctls_random", "enabled", 240, [
        run("ioctls 1 2000 cells/*.cell tests/*.cell",
            r"^seed=1 calls=2000 done=\d{2,} refused=\d{3,} reasons=\d{2,} left=0$", timeout=200),
        online("0-3"),
        start("hello"),
        console("hello", nonce()),
        destroy("hello"),
    ]),
    Test("kcore", "enabled", 240, [
        compile_cell("at-pa", "/tmp/a.cell", PA="0x70000000", NAME='"at-pa"', CPU="3"),
        create("/tmp/a.cell"),
        report("cell load at-pa inmates/hello.bin", state="ready"),
        report("cell start at-pa", state="running"),
        start("timer"),
        report("status", keep="status"),
        keep("start", lambda v: hex(v["status"]["memory_address"])),
        keep("size", lambda v: v["status"]["memory_bytes"]),
        # What is not root's reads as zero; EL2's memory ends with the last page that is its own.
        run("kcore 0x70000000 0x200000", "^bytes=2097152 zero=2097152 errors=0$"),
        run("kcore @{start} @{size}", "^bytes=@{size} zero=@{size} errors=0$"),
        run("kcore", "^bytes=[0-9]{10} zero=[0-9]+ errors=0$"),
        # As far as `cat` gets in a while: its first 250 TiB are not memory.
        run("timeout 5 cat /proc/kcore >/dev/null", status=128 + SIGTERM),
        state("at-pa", "running"),
        console("timer", nonce()),
        # While memory changes hands.
        destroy("at-pa"),
        create("hello"),
        run("while [ ! -e /tmp/stop ]; do kcore; done >/tmp/kcores 2>&1 & "
            "n=0; while [ $n -lt 20 ] && hvctl cell destroy hello >/dev/null && "
            "hvctl cell create cells/hello.cell >/dev/null; do n=$((n+1)); done; "
            "touch /tmp/stop; wait; "
            "rm /tmp/stop; echo cycles=$n; grep -vc 'errors=0$' /tmp/kcores",
            "^cycles=20$", "^0$", status=1, timeout=180),
        destroy("hello", "timer"),
    ]),
    Test("hotplug_with_cells", "enabled", 240, [
        start("timer"),
        run(f"taskset 4 sh -c 'echo 0 >{CPUS}/cpu2/online; hvctl cell list'", "^timer .* running"),
        cpu(2, 1),
        # hvctl is moved from CPU to CPU while it works.
        run(f"(while [ ! -e /tmp/stop ]; do for c in 2 3; do echo 0 >{CPUS}/cpu$c/online; "
            f"echo 1 >{CPUS}/cpu$c/online; done; done) & n=0; while [ $n -lt 40 ]; do "
            "taskset c hvctl cell stats root >/dev/null && taskset c hvctl cell restart timer "
            ">/dev/null || echo failed; n=$((n+1)); done; touch /tmp/stop; wait; rm /tmp/stop; "
            "echo done", r"\Adone\s*\Z", timeout=120),
        online("0,2-3"),
        console("timer", nonce(), history=False),
        # The boot CPU goes, and the last one stays.
        cpu(0, 0), cpu(2, 0),
        run(f"echo 0 >{CPUS}/cpu3/online", status=1),
        online("3"),
        report("cell shutdown timer", shutdown="done"),
        destroy("timer"),
        online("1,3"),
        start("timer"),
        online("3"),
        console("timer", nonce()),
        destroy("timer"),
        run("hvctl disable"),
        run("hvctl enable"),
        cpu(0, 1), cpu(2, 1),
        online("0-3"),
    ]),
    *[Test(f"hvctl_killed_{name}", "enabled", 400, [
        kill_hvctl(signal, 48, seed),
        clear_up,
        memory_back(),
        start("timer"),
        console("timer", nonce()),
        destroy("timer"),
    ]) for name, signal, seed in [("by_kill", "KILL", 1), ("by_int", "INT", 2)]],
    Test("hvctl_at_once", "enabled", 300, [
        at_once(12, *[["cell create cells/timer.cell", "cell load timer inmates/timer.bin",
                       "cell start timer", "cell restart timer", "cell shutdown timer",
                       "cell destroy timer", "disable", "enable"]] * 2,
                ["status", "cell list", "cell stats root", "cell show timer", "log",
                 "console --dump timer", "cell create cells/smp.cell", "cell destroy smp"]),
        clear_up,
        memory_back(),
    ]),
    Test("module_by_force", "enabled", 240, [
        *TWO_CELLS,
        console("linux", prompt()),
        run("rmmod caisson 2>&1", "Resource temporarily unavailable", status=1),
        *ALIVE,
        run("rmmod -f caisson"),
        run("grep -c caisson /proc/modules", "^0$", status=1),
        run("dmesg", "cell timer has shut down", "cell linux has shut down"),
        online("0-3"),
        memory_back(),
        run("insmod caisson.ko"),
        run("hvctl enable"),
    ]),
]


# --- root's kernel in the wrong ---

# At that address a cell's memory begins.
FIXED = 0x70000000


def misdeed(text, *said, status=0):
    return run(f"(echo '{text}' >/proc/misdeed) 2>&1", *said, status=status)


def stray_accesses(number):
    return run(f"hvctl log | grep -c '^root: stray access at {FIXED:x}, '", f"^{number}$")


WRONG = [
    # All of root's CPUs for eight seconds: the cells' go on, and none of one's ticks is as late.
    Test("root_livelock", "enabled", 120, [
        run("insmod /lib/modules/misdeed.ko"),
        start("hello"),
        start("timer"),
        console("timer", see(r"frequency=(\d+) ", "hz"), see(r"ticks=(\d+) ", "before")),
        misdeed("livelock 8"),
        console("timer", nonce(), see(r"ticks=(\d+) ", "after"), see(r"max=(\d+) ", "max"),
                history=False),
        verify("it ticked all the time",
               lambda v: v["after"] - v["before"] >= 1000 and v["max"] < 4 * v["hz"]),
        console("hello", nonce(), history=False),
        destroy("hello", "timer"),
        run("rmmod misdeed"),
    ]),
    # Survived where the kernel knows that a load may fail, and otherwise by all but who did it.
    Test("root_kernel_strays", "enabled", 120, [
        run("insmod /lib/modules/misdeed.ko"),
        compile_cell("at-pa", "/tmp/a.cell", PA=f"{FIXED:#x}", NAME='"at-pa"', CPU="3"),
        start("at-pa", "hello", "/tmp/a.cell"),
        misdeed(f"load {FIXED:x}", "Bad address", status=1),
        stray_accesses(1),
        misdeed(f"string {FIXED:x}"),
        stray_accesses(2),
        run("dmesg | grep -c 'Internal error\\|Unable to handle'", "^0$", status=1),
        misdeed(f"store {FIXED:x}", status=None),
        stray_accesses(3),
        run("dmesg -n 1; dmesg -c", "Unable to handle kernel", "Internal error: Oops"),
        state("at-pa", "running"),
        destroy("at-pa"),
    ], hardware.fresh),
]


# The machine ends, or another kernel takes it.
DOWN = [
    # Root's end is not theirs: both go on, and EL2 says for them what they say.
    Test("root_panic_with_cells", "enabled", 240, [
        start("timer"),
        start_linux("--initrd guest-initrd.gz --cpus 3 --memory 128M"),
        console("linux", prompt(), line("while sleep 1; do n=$((n+1)); echo alive $n; done"),
                see(r"alive 1\r*\n")),
        root_panics(r"\[timer\] ticks=\d+000 min=", r"\[linux\] alive \d+\r*\n",
                    r"\[timer\] ticks=\d+000 min=", r"\[linux\] alive \d+\r*\n"),
    ]),
    # What EL2 says of them itself, too.
    Test("root_panic_and_watchdog", "enabled", 120, [
        compile_cell("policy", "/tmp/policy.cell", CPU_COUNT="1", POLICY=".watchdog_ms=20000"),
        start("policy", "guarded", "/tmp/policy.cell"),
        console("policy", see("guarded> ")),
        root_panics(r"\[caisson\] cell policy: its watchdog ran out\r*\n"),
    ], but=NO_WATCHDOGS),
    # With KEEP_IMAGE: nobody else is left to restart it.
    Test("root_panic_keep_image", "enabled", 120, [
        *kept("guarded", "watchdog_ms=3000"),
        console("policy", see("guarded> ")),
        root_panics(r"\[caisson\] cell policy: its watchdog ran out\r*\n",
                    r"\[caisson\] cell policy: restarted from its image\r*\n",
                    r"\[policy\] guarded: lines: "),
    ], but=NO_WATCHDOGS),
    Test("root_panic_resets", "enabled", 60, [
        start("timer"),
        console("timer", see("ticks=")),
        machine_ends("echo c >/proc/sysrq-trigger", "Kernel panic - not syncing",
                     "[caisson] root has died"),
    ]),
    Test("root_poweroff", "enabled", 60, [
        machine_ends("poweroff -f"),
    ]),
    Test("root_poweroff_with_cells", "enabled", 180, [
        *TWO_CELLS,
        console("linux", prompt()),
        machine_ends("poweroff -f", "caisson: cell timer has shut down",
                     "caisson: cell linux has shut down"),
    ]),
    Test("root_reboot_with_cells", "enabled", 180, [
        run("echo 2 >/sys/module/caisson/parameters/shutdown_timeout"),
        start("timer", "hello"),
        start_linux(),
        console("linux", prompt(), DEAF_LINUX),
        machine_ends("reboot -f", "caisson: cell timer cannot be asked to shut down: stopped",
                     "caisson: cell linux did not shut down in 2 s: stopped"),
    ]),
    Test("root_kexec_with_cells", "enabled", 300, [
        *TWO_CELLS,
        console("linux", prompt()),
        kexec("caisson: cell timer has shut down", "caisson: cell linux has shut down"),
        # As a machine that was just switched on.
        run("dmesg", "All CPU.s. started at EL2"),
        run("insmod caisson.ko"),
        run("hvctl enable"),
        *TWO_CELLS,
        console("timer", nonce()),
        console("linux", prompt()),
        destroy("timer", "linux"),
        run("hvctl disable"),
        run("dmesg | grep -cE 'WARNING:|Call trace'", "^0$", status=1),
    ], hardware.fresh),
    # Linux does not use EL2 for it then, and takes it that the next kernel finds nobody there.
    Test("root_kexec_after_hotplug", "enabled", 240, [
        cpu(3, 0), cpu(3, 1),
        kexec("caisson: a CPU was hot-plugged: the next kernel starts at EL1"),
        run("dmesg", "CPUs started in inconsistent modes"),
        run("insmod caisson.ko"),
        refused("hvctl enable", "this kernel was not started in EL2"),
        online("0-3"),
    ], hardware.fresh),
]
