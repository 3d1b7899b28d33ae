# SPDX-License-Identifier: GPL-2.0-only
"""
Executes blocks of a page (pages.py) in a tree: commands on the host, and sessions on the root Linux that
the tree's `make run` boots. What is shown must be seen, and a command must succeed unless an error is
shown.
"""

import fcntl
import os
import re
import subprocess

from machine import DETACH, Console, Failure, Machine, Prompt, plain, shown
from steps import Context, prompt

# A line that says that the command has failed.
ERROR = re.compile(r"(hvctl|insmod|rmmod|sh|-sh|cellcc|mkguest|guest-kernel): (?!note: |warning: )|.*: error: ")
SECONDS = 120  # for one thing to happen
CONFIG_HEAD = '#include "hvconfig.h"\n#line 1\n'


def wanted(lines, end="\n"):
    """A regular expression for the lines that a page shows; how many blanks make a gap is no matter."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    texts = (r"[^\r\n]*?".join(map(re.escape, line.split("..."))) for line in lines)
    return "".join(r"(?:[^\n]*\n)*?" if line == "..." else
                   re.sub(r"(?:\\ )+", " +", text) + " *" + end
                   for line, text in zip(lines, texts))


def compare(where, step, output, status):
    """What a command has printed against what the page shows."""
    text = plain(output).rstrip("\n") + "\n"
    if wanted(step.shown) and not re.fullmatch(wanted(step.shown), text):
        raise Failure(f"{where}: `{step.command}` is shown with\n" + "\n".join(step.shown) +
                      f"\nand printed\n{shown(output)}")
    if any(ERROR.match(line) for line in step.shown) != (status != 0):
        raise Failure(f"{where}: `{step.command}`: exit status {status}\n{shown(output)}")


def environment():
    """That of somebody who has just cloned the tree."""
    return {key: value for key, value in os.environ.items()
            if not key.startswith("MAKE") and key not in ("O", "CC")}


def host(tree, command, seconds=300):
    """Runs a command in the tree, in which others do not meanwhile."""
    with open(f"{tree}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run(["sh", "-euc", command], cwd=tree, env=environment(), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=seconds)


class Root:
    """A root Linux, and the console that hvctl has attached."""

    def __init__(self, machine):
        self.machine = machine
        self.machine.boot()
        self.shell = Prompt(self.machine, "root")
        self.shell.run("dmesg -n 1")
        self.console = None
        self.cell = None  # the second Linux's shell, once its prompt was seen

    def perform(self, where, step):
        """A step at any prompt but the host's."""
        if step.prompt == "root#":
            self.detach()
            if re.match(r"hvctl console (?!.*--)", step.command):
                self.attach(step)
            else:
                result = self.shell.run(step.command, SECONDS)
                compare(where, step, result.output, result.status)
        elif not self.console:
            raise Failure(f"{where}: no console is attached")
        elif step.prompt == "cell#":
            if not self.cell:
                prompt()(Context(self.machine), self.console)
                self.cell = Prompt(self.console, "cell")
            result = self.cell.run(step.command, SECONDS)
            compare(where, step, result.output, result.status)
        else:
            self.console.line(step.command)
            self.see(step.shown)

    def see(self, lines):
        """Waits for lines on the console; what comes before and behind them is not looked at."""
        while lines and lines[-1] in ("", "..."):
            lines = lines[:-1]
        if lines:
            self.console.expect(r"(?<![^\r\n])" + wanted(lines, r"\r*\n"), SECONDS)

    def attach(self, step):
        self.machine.send(step.command + "\r")
        self.machine.expect(r"\[console of (\S+); Ctrl-\] detaches\]\r*\n")
        self.console = Console(self.machine, self.machine.tty.match[1])
        self.see([line for line in step.shown if not line.startswith("[console of ")])

    def detach(self):
        if self.console:
            self.console.send(DETACH)
            self.console.expect(rf"\[detached from {self.console.cell}\]\r*\n")
            self.machine.expect("root# ")
        self.console, self.cell = None, None


class Session:
    """
    Somebody who does what a page says. A newcomer does it to the letter. Others have a tree that is built,
    and get a root Linux where the page says nothing of how one comes there.
    """

    def __init__(self, tree, name, newcomer=False, seconds=300):
        self.tree = tree
        self.log = "docs-" + re.sub(r"\W", "-", name)
        self.newcomer = newcomer
        self.seconds = seconds  # that a command on the host may take
        self.root = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.power_off()

    def power_off(self):
        if self.root:
            self.root.machine.close()
        self.root = None

    def make_run(self, where):
        """A root Linux as the user gets it."""
        self.power_off()
        if self.newcomer:
            self.root = Root(Machine(self.log, ["run"], command="make", cwd=str(self.tree),
                                     env=environment()))
            return
        made = host(self.tree, "make 2>&1", self.seconds)
        if made.returncode:
            raise Failure(f"{where}: make: exit status {made.returncode}\n{shown(made.stdout)}")
        self.boot()

    def boot(self):
        initrd = self.tree / "build" / "root" / "initrd-6.1.gz"
        self.root = Root(Machine(self.log, ["--initrd", str(initrd)]))

    def execute(self, block):
        """A block of any language."""
        if block.language == "sh":
            result = host(self.tree, block.text, self.seconds)
            if result.returncode:
                raise Failure(f"{block.where}: exit status {result.returncode}\n{result.stdout}")
        elif block.language == "console":
            for step in block.steps():
                self.perform(f"{block.where.rsplit(':', 1)[0]}:{step.line}", step)
        elif block.language == "c" and not block.file:
            (self.tree / "piece.c").write_text(CONFIG_HEAD + block.text)
            result = host(self.tree, "scripts/cellcc -n piece.c piece.cell")
            if result.returncode:
                raise Failure(f"{block.where}: not a piece of a configuration:\n{result.stdout}")

    def perform(self, where, step):
        if (step.prompt, step.command) == ("$", "make run"):
            self.make_run(where)
        elif step.prompt == "$":
            result = host(self.tree, step.command, self.seconds)
            compare(where, step, result.stdout, result.returncode)
        else:
            if not self.root and self.newcomer:
                raise Failure(f"{where}: nothing has booted root Linux")
            if not self.root:
                self.boot()
            self.root.perform(where, step)
