# SPDX-License-Identifier: GPL-2.0-only
"""
Commands of hvctl whose every step is made to fail, one after the other. On the machine hardware.faults()
the driver's Nth fallible step fails once after N was written into FAIL_IN (driver/fail.h).
"""

import itertools
import re

from steps import OOPS, compile_cell, need

FAIL_IN = "/sys/module/caisson/parameters/fail_in"

# Of root's shell. `shown`: all that a command may change. each COMMAND AGAIN UNDO [ANY]: makes the
# first step of COMMAND fail, then the second, and so on, until none is left. A command that fails says
# why (insmod with ENOMEM's 12) and has changed nothing (ANY: but the cell's state), and AGAIN succeeds; whether or not it has
# failed, UNDO goes back.
SCRIPT = r"""
F=@FAIL_IN@
shown() {
	cat /sys/devices/system/cpu/online
	lsmod | grep -c caisson
	hvctl status --json 2>&1 | grep -E '"(enabled|mode|pool_free|cells)"'
	hvctl cell list 2>&1 | sed "s/ \($1\) */ - /"
	ls /sys/class/misc/caisson/cells 2>&1
	grep -c caisson /proc/interrupts
	grep -c '\[caisson\]' /proc/vmallocinfo
	grep fail /proc/iomem
	for d in /sys/bus/amba/devices/*/driver; do readlink $d; done
	ls /sys/bus/amba/drivers /sys/bus/platform/drivers | grep caisson
}
fail_in() {
	case $1 in
	insmod*) insmod caisson.ko fail_in=$2;;
	*) echo $2 >$F; eval "$1";;
	esac
}
each() {
	n=1; failed=0
	while :; do
		shown "$4" >/tmp/before
		dmesg -c >>/tmp/dmesg
		fail_in "$1" $n >/tmp/said 2>&1
		status=$?
		left=$(cat $F 2>/dev/null)
		[ ! -e $F ] || echo 0 >$F
		step=$(dmesg | grep -o 'made to fail: .*' | tail -n 1)
		shown "$4" >/tmp/after
		[ -n "$step" ] || break
		if [ $status != 0 ]; then
			failed=$((failed+1))
			case $status in [1-4]|12) true;; *) false;; esac && [ -s /tmp/said ] || echo "BAD step $n: status $status: $(cat /tmp/said)"
			cmp -s /tmp/before /tmp/after || { echo "BAD step $n, left behind:"; diff /tmp/before /tmp/after; }
			eval "$2" >/tmp/again 2>&1 || { echo "BAD step $n, again:"; cat /tmp/again; }
		fi
		echo "$n: $step: $(head -n 1 /tmp/said)"
		eval "$3" >/tmp/undone 2>&1 || { echo "BAD step $n, undone:"; cat /tmp/undone; return; }
		n=$((n+1))
	done
	[ $status = 0 ] || echo "BAD: without a fault: $(cat /tmp/said)"
	echo "steps=$((n-1)) failed=$failed"
}
# The inmate `timer` ticks, or is started and does.
ticks() {
	t=$(hvctl console --dump fail | wc -c); i=0
	eval "$1" || return 1
	until [ $(hvctl console --dump fail | wc -c) -gt $t ]; do
		i=$((i+1)); [ $i -lt 100 ] || return 1; usleep 50000
	done
}
""".replace("@FAIL_IN@", FAIL_IN)


def each_fault(command, undo, again=None, changes_state=False, least=1, timeout=300):
    """
    Every step of a command fails once; at least so many of them make it fail. Afterwards it has
    succeeded.
    """
    def step(context):
        machine = context.machine
        machine.put("/tmp/faults", SCRIPT.encode())
        states = "created|ready|running|stopped|dying" if changes_state else "^$"
        states = states.replace("|", r"\|")
        result = machine.run(f". /tmp/faults; each '{command}' '{again or command}' '{undo}' '{states}'",
                             timeout)
        log = machine.run("cat /tmp/dmesg; rm /tmp/dmesg").output
        need(not OOPS.search(log), f"{command}: root complains:\n{log}")
        print(f"{command}:\n{result.output}")
        bad = [line for line in result.output.splitlines() if line.startswith("BAD")]
        need(not bad, f"{command}:\n{result.output}")
        match = re.search(r"^steps=(\d+) failed=(\d+)$", result.output, re.M)
        need(match and int(match[2]) >= least, f"{command}:\n{result.output}")
        context.note(f"{match[1]} steps of `{command}` failed, one at a time; with {match[2]} it did")
    return step


def each_page(config, name, inmate, least=20):
    """
    EL2's pool has one page, then two and so on, until a cell runs: whatever wanted the next page is
    refused, and what it had has gone back.
    """
    def step(context):
        machine, refused = context.machine, {"enable": 0, "create": 0}
        for pages in itertools.count(1):
            compile_cell("system", "/tmp/pool.sys", POOL_PAGES=str(pages))(context)
            result = machine.run("hvctl enable /tmp/pool.sys 2>&1", status=None)
            what = "enable"
            if result.status == 0:
                free = machine.json("status")["pool_free"]
                result = machine.run(f"hvctl cell create {config} 2>&1", status=None)
                what = "create"
                if result.status == 0:
                    machine.run(f"hvctl cell load {name} {inmate} && hvctl cell start {name} && "
                                f"hvctl cell destroy {name}")
                left = machine.json("status")["pool_free"]
                need(left == free, f"{pages} pages: {left} of EL2's are free after `{result.command}', "
                                   f"not {free}")
                machine.run("hvctl disable")
            if result.status == 0:
                break
            need("page pool is exhausted" in result.output, f"{pages} pages: {result.output}")
            refused[what] += 1
        context.note(f"refused for want of a page: {refused}")
        need(refused["enable"] and refused["create"] and sum(refused.values()) >= least, str(refused))
    return step
