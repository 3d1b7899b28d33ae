# SPDX-License-Identifier: GPL-2.0-only
"""
The wrong turns that a new user takes: what hvctl says must name the next step. One boot, each row a command
of root's, its exit status, and what must be on stderr: why not, and what to do.
"""

from steps import create, destroy, refused, report, run, start

from suite.common import Test

NO_MODULE = [
    ("hvctl enable", 4, "does not exist: load the module first", r"insmod caisson\.ko"),
    ("hvctl cell create cells/hello.cell", 4, "load the module first", r"insmod caisson\.ko"),
    ("(hvctl hardware check >&2)", 1, "caisson.ko is not loaded", r"hint: insmod caisson\.ko"),
]

NOT_ENABLED = [
    ("hvctl cell create cells/hello.cell", 4, "the hypervisor is not enabled", "hint: `hvctl enable' comes first"),
    ("hvctl cell linux vmlinuz --cpus 2-3 --memory 256M", 4, "is not enabled", "hint: `hvctl enable' comes first"),
    ("hvctl disable", 4, "is not enabled", "hint: `hvctl enable' comes first"),
]

WORDS = [
    ("hvctl cel list", 2, "there is no command `cel'; see hvctl --help", "hint: did you mean `hvctl cell'"),
    ("hvctl enabel", 2, "no command `enabel'", "hint: did you mean `hvctl enable'"),
    ("hvctl start hello", 2, "no command `start'", "hint: did you mean `hvctl cell start'"),
    ("hvctl cell strat hello", 2, "`cell' has no verb `strat'; there are:", "hint: did you mean `start'"),
    ("hvctl cell stop hello", 2, "`cell' has no verb `stop'; there are:", "^hvctl cell shutdown "),
    ("hvctl cell linux vmlinuz --memroy 256M", 2, "unknown option --memroy", "hint: did you mean `--memory'"),
    ("hvctl cell linux vmlinuz --cpus 2-3", 2, "either --config, or --cpus and --memory"),
    ("hvctl cell start", 2, "too few arguments", "^usage: hvctl cell start NAME"),
]

FILES = [
    ("hvctl cell create cells/helo.cell", 2, r"cells/helo\.cell: No such file",
     r"hint: did you mean `cells/hello\.cell'"),
    ("hvctl cell create cell/hello.cell", 2, "No such file", "hint: there is no directory cell/"),
    ("hvctl cell create inmates/hello.bin", 3, "this is not a Caisson configuration", "hint: .*scripts/cellcc"),
    ("hvctl cell create /etc/hostname", 3, "shorter than its header", "hint: if it is a source: scripts/cellcc"),
    ("hvctl map cells/hello.cell", 3, "a system was expected", r"hint: .*`hvctl map' wants the \.sys first"),
    ("hvctl cell linux vmlinux --cpus 2-3 --memory 256M", 2, "vmlinux: No such file", "hint: did you mean `vmlinuz'"),
    ("hvctl cell linux vmlinuz --cpus 2-3 --memory 256M --initrd initrd.gz", 2, r"initrd\.gz: No such file",
     r"hint: `ls \.' shows what there is"),
]

# With the cell hello ready on CPU 3.
READY = [
    ("hvctl cell load helo inmates/hello.bin", 1, "there is no such cell", "hint: did you mean `hello'"),
    ("hvctl cell start somebody", 1, "there is no such cell", "hint: `hvctl cell list' has those that there are"),
    ("hvctl cell load hello inmates/helo.bin", 2, "No such file", r"hint: did you mean `inmates/hello\.bin'"),
    ("hvctl cell start hello", 1, "nothing has been loaded", "hint: `hvctl cell load' comes first"),
    ("hvctl cell create cells/hello.cell", 1, "a cell of that name exists", "hint: destroy that cell, or give"),
    ("hvctl cell linux vmlinuz --cpus 2-3 --memory 256M", 1, r"the CPU belongs to another cell \(CPU 3\)",
     "hint: `hvctl cell list' says whose it is: name other CPUs, or destroy that cell"),
    ("hvctl cell linux vmlinuz --cpus 0-2 --memory 256M", 1, "root Linux must keep at least one CPU",
     "hint: ask for fewer CPUs"),
    ("hvctl cell linux vmlinuz --cpus 4 --memory 256M", 1, r"there is no such CPU \(CPU 4\)", "hint: .*cpu/possible"),
    ("hvctl cell linux vmlinuz --cpus 2 --memory 8G", 1, "not enough memory", r"hint: Linux has \d+ MiB available"),
    ("hvctl cell linux vmlinuz --cpus 2 --memory 256M --device /pl011@9000000", 1, "is root Linux's console",
     "hint: `hvctl config create cell' lists the devices"),
    ("hvctl cell linux vmlinuz --cpus 2 --memory 256M --device /pl031@901000", 2, "has no such node",
     "hint: did you mean `--device /pl031@9010000'"),
    ("hvctl disable", 1, "cells still exist", "hint: `hvctl cell list' has them: destroy them first"),
    ("hvctl enable", 1, "the hypervisor is enabled already"),
    ("hvctl console hello </dev/null", 0, "note: cell hello is ready, not running", "hint: .*`hvctl cell start'"),
]

NOT_ROOT = [
    (f"su guest -c 'hvctl {command}'", 4, "is root's alone", "hint: run hvctl as root")
    for command in ("cell list", "enable", "cell create cells/hello.cell", "console hello")
]


def turns(rows):
    return [refused(command, *patterns, status=status) for command, status, *patterns in rows]


TURNS = [
    Test("wrong_turns", "bare", 60, [
        *turns(WORDS),
        *turns(NO_MODULE),
        run("insmod caisson.ko"),
        *turns(NOT_ENABLED),
        report("enable", enabled=True),
        *turns(FILES),
        *turns([("hvctl cell start hello", 1, "there is no such cell",
                 "hint: there is no cell at all: `hvctl cell create' makes one")]),
        create("hello"),
        *turns(READY),
        # Nobody but root.
        run("echo 'guest::1000:1000::/:/bin/sh' >>/etc/passwd; chmod 711 /root"),
        *turns(NOT_ROOT),
        run("sed -i /^guest/d /etc/passwd; chmod 755 /root"),
        destroy("hello"),
        # A cell that has ended: its console says so.
        start("hello"),
        run("printf 'off\\n' | hvctl console hello"),
        *turns([("hvctl console hello </dev/null", 0, "note: cell hello is off, not running",
                 "hint: `hvctl cell restart' runs it again"),
                ("hvctl cell load hello inmates/hello.bin inmates/timer.bin", 3, "overlaps")]),
        destroy("hello"),
    ]),
]
