#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
`make demo`: Caisson's main job in QEMU, as a tour. Types the steps of demo_check.py at the prompts
of root Linux and of the cells, shows what a user would see, and lets demo_check judge the
transcript.

    demo.py [--name NAME] [--smp N] [further options of scripts/qemu]

NAME is what log and transcript are called in build/ci/qemu. Exit status 0 only if every step was
seen.
"""

import argparse
import json
import sys
import time

import demo_check
from demo_check import HOSTNAMES
from machine import LOGS, Console, Failure, Machine, Prompt, new_nonce, plain

CHAPTERS = {
    "1": "Load the hypervisor under a running Linux",
    "2": "A bare-metal cell",
    "3": "A second Linux",
    "4": "Look at the cells, restart them, take everything back",
    "5": "Remove the hypervisor, and all of it once more",
}
BOOT_SECONDS = 180


def say(text=""):
    print(text, flush=True)


class Screen:
    """Where the tour appears. Colours only on a terminal."""

    def __init__(self):
        self.colour = sys.stdout.isatty()

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def chapter(self, text):
        say("\n" + self.paint("1;34", f"=== {text} ==="))

    def note(self, text):
        say("\n" + self.paint("36", f"# {text}"))

    def typed(self, prompt, text):
        say(f"{prompt}{self.paint('1', text)}")

    @staticmethod
    def output(text):
        text = text.strip("\n")
        if text:
            say(text)


class Tour:
    """Walks through the steps; `transcript` gathers the records."""

    def __init__(self, machine, screen):
        self.machine = machine
        self.screen = screen
        self.root = Prompt(machine, "root")
        self.transcript = []
        self.session = None  # Console of the cell that root is attached to
        self.banner = ""
        self.starts = {}     # how often each cell that is there was attached to

    def attach(self, cell):
        """Root's prompt becomes a console. The second time, only what is new is shown."""
        again = self.starts.get(cell, 0)
        self.starts[cell] = again + 1
        command = f"hvctl console {cell}" if not again else f"hvctl console --no-history {cell}"
        self.screen.typed("root# ", command)
        self.machine.send(command + "\r")
        self.machine.expect(rf"\[console of \w+; Ctrl-\] detaches\]\r*\n")
        self.banner = plain(self.machine.tty.match[0]).strip()
        say(self.banner)
        self.session = Console(self.machine, cell)
        if cell in HOSTNAMES:
            # A shell that is up already prints another prompt; one that boots reads this later.
            if again:
                self.session.send("\r")
            self.session.expect(f"{HOSTNAMES[cell]}# ", BOOT_SECONDS)
            self.screen.output(plain(self.machine.tty.before))

    def detach(self):
        """Ctrl-]: back to root's prompt."""
        if not self.session:
            return
        self.machine.send("\x1d")
        self.machine.expect(rf"\[detached from {self.session.cell}\]\r*\n")
        self.machine.expect("root# ")
        say(self.screen.paint("1", "^]"))
        say(f"[detached from {self.session.cell}]")
        self.session = None

    def at_prompt(self, step, prompt):
        """A command in a shell: root's or the second Linux's."""
        self.screen.typed(prompt.prompt, step.command)
        result = prompt.run(step.command)
        if step.command.startswith("hvctl cell destroy "):
            self.starts.pop(step.command.split()[-1], None)
        self.screen.output(result.output)
        return {"output": result.output, "status": result.status, "nonce": result.nonce,
                "answer": result.answered}

    def at_inmate(self, step):
        """A key, or only a look; then the nonce. A pattern that is not seen is a missing step."""
        self.session.send(step.command)
        try:
            self.session.expect(step.until)
            output = plain(self.machine.tty.before + self.machine.tty.match[0])
        except Failure as failure:
            output = str(failure)
        self.screen.output(output)
        nonce = new_nonce()
        self.session.line(f"nonce {nonce}")
        answered = self.session.expect(r"nonce=(\d+)\r*\n")[1]
        say(f"nonce {nonce}\nnonce={answered}")
        return {"output": output, "status": None, "nonce": nonce, "answer": f"nonce={answered}"}

    def take(self, step):
        """One step of the tour."""
        where = self.session.cell if self.session else "root"
        if where != step.console:
            self.detach()
        if step.note:
            self.screen.note(step.note)
        if step.console != "root" and not self.session:
            self.attach(step.console)
        if step.console == "root":
            record = self.at_prompt(step, self.root)
        elif step.console in HOSTNAMES:
            record = self.at_prompt(step, Prompt(self.session, HOSTNAMES[step.console]))
        else:
            record = self.at_inmate(step)
        session = self.banner if step.console != "root" else ""
        self.transcript.append({"step": step.id, "console": step.console,
                                "command": step.command, "session": session, **record})

    def walk(self, steps):
        """All of them. What goes wrong with one console ends the tour: the rest is missing, then."""
        chapter = None
        for step in steps:
            if step.id.split(".")[0] != chapter:
                chapter = step.id.split(".")[0]
                self.detach()
                self.screen.chapter(f"{chapter}. {CHAPTERS[chapter]}")
            self.take(step)


def main():
    parser = argparse.ArgumentParser(description="shows Caisson's main job in QEMU")
    parser.add_argument("--name", default="demo", help="of log and transcript")
    parser.add_argument("--smp", type=int, default=4, help="CPUs, at least 2")
    args, others = parser.parse_known_args()
    started = time.monotonic()
    screen = Screen()
    steps = demo_check.steps(args.smp)
    say(f"Caisson: an arm64 machine with {args.smp} CPUs and 1 GiB, emulated, runs Debian's kernel.\n"
        "Lines with # explain what is typed next. What you see is what its console says.")
    with Machine(args.name, ["--smp", str(args.smp), *others], max(1, args.smp // 16)) as machine:
        tour = Tour(machine, screen)
        try:
            machine.boot()
            tour.walk(steps)
        except Failure as failure:
            say(f"\ndemo: {failure}")
    with open(LOGS / f"{args.name}.json", "w", encoding="utf-8") as f:
        json.dump(tour.transcript, f, indent=1)
    complaints = demo_check.check(tour.transcript, steps)
    say()
    for complaint in complaints:
        say(f"demo: {complaint}")
    seen = len(steps) - sum(complaint.startswith("step ") for complaint in complaints)
    say(f"demo: {seen} of {len(steps)} steps seen in {time.monotonic() - started:.0f} s"
        f"; console log: {machine.log_path}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
