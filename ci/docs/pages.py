# SPDX-License-Identifier: GPL-2.0-only
"""
README.md and Documentation/ cut into blocks, and the blocks into what can be executed. A fenced
block's language says what it is:

    sh       commands for the host, in the top of a clone; they must succeed
    console  a session: prompts, what is typed at them, and what must be seen
    c        a file (see below), or a piece of a configuration
    text     nothing to execute

An indented block is a session too if a shell's prompt is in it. `...` in what is shown stands for
any text, on a line of its own for any lines. A comment before a block says what is particular:

    <!-- file: PATH -->      the block is the content of this file, in the clone
    <!-- run: no, REASON --> it is not executed here
    <!-- run: newcomer, REASON --> it is executed by newcomer.py alone

`$ make run` in a session boots root Linux, which the session goes on in.
"""

import os
import re
from collections import namedtuple

from machine import TOP

# A session's prompts: the host, root Linux, the second Linux's shell, an inmate.
PROMPT = re.compile(r"(\$|root#|cell#|[a-z]*>) (.+)$")
SHELL_PROMPT = re.compile(r"(\$|root#|cell#) ")
MARK = re.compile(r"<!-- (file|run): (.*) -->$")
LANGUAGES = ("sh", "console", "c", "text")

# `shown`: the lines that must be seen; none: whatever comes is right.
Step = namedtuple("Step", "prompt command shown line")


class Block:
    """One block of a page; `line` is that of its first line."""

    def __init__(self, page, line, language, marks):
        self.page = page
        self.line = line
        self.language = language
        self.file = marks.get("file")
        self.reason = marks.get("run")  # not to be executed: why
        self.lines = []

    @property
    def where(self):
        return f"{os.path.relpath(self.page, TOP)}:{self.line}"

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    def steps(self):
        """A session's steps. A command goes on in the next line if it ends in a backslash."""
        steps = []
        open_command = False
        for number, line in enumerate(self.lines, self.line):
            prompt = PROMPT.match(line)
            if open_command:
                steps[-1] = steps[-1]._replace(command=steps[-1].command[:-1] + line.strip())
            elif prompt:
                steps.append(Step(prompt[1], prompt[2].strip(), [], number))
            elif steps:
                steps[-1].shown.append(line.rstrip())
            else:
                raise ValueError(f"{self.where}: a session begins with a prompt")
            open_command = (open_command or prompt) and steps[-1].command.endswith("\\")
        return steps


SHEET = TOP / "scripts" / "cheatsheet.txt"
SHEET_COLUMN = 35
# What is typed for some of its commands: for one that never ends, one that shall fail, one that wants a
# cell when the sheet's own are gone, and one after which Linux shall have booted.
SHEET_TYPED = {
    "hvctl log -f": "timeout 1 hvctl log -f; [ $? -eq 143 ]",
    "hvctl config check tests/overlap.cell": "! hvctl config check tests/overlap.cell",
    "hvctl cell show NAME": "hvctl cell create cells/hello.cell && hvctl cell show hello && "
                            "hvctl cell destroy hello",
    "hvctl console linux": "hvctl console linux\ncell# true",
}


def sheet():
    """The sheet that `make run` prints, as a session: commands are its right column, parted by blanks."""
    text = re.sub(r"\\\n *", "", SHEET.read_text(encoding="utf-8"))
    commands = []
    for line in text.splitlines():
        for command in line[SHEET_COLUMN:].split("  ") if line[:SHEET_COLUMN].endswith("  ") else []:
            verbs = re.search(r"\w+(\|\w+)+|$", command)[0]  # a|b: both, one after the other
            commands += [command.strip().replace(verbs, verb) if verbs else command.strip()
                         for verb in verbs.split("|") if command]
    assert SHEET_TYPED.keys() <= set(commands), "SHEET_TYPED has what the sheet has not"
    block = Block(SHEET, 1, "console", {})
    block.lines = "\n".join("root# " + SHEET_TYPED.get(one, one) for one in commands).splitlines()
    return [block]


def page_paths():
    """Every page, README first."""
    return [TOP / "README.md", *sorted((TOP / "Documentation").rglob("*.md"))]


def blocks(page):
    """The blocks of a page, in their order."""
    found, marks, fence, indented = [], {}, None, None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        opening = re.match(r"( *)```(\w*)$", line)
        mark = MARK.match(line)
        if fence is not None and line.strip() == "```":
            fence = None
        elif fence is not None:
            found[-1].lines.append(line[fence:])
        elif opening:
            fence, indented = len(opening[1]), None
            found.append(Block(page, number + 1, opening[2], marks))
            marks = {}
        elif line.startswith("    "):
            if not indented:
                indented = Block(page, number, "text", marks)
                found.append(indented)
                marks = {}
            indented.lines.append(line[4:])
            if SHELL_PROMPT.match(line[4:]):
                indented.language = "console"
        elif mark:
            marks[mark[1]] = mark[2]
        elif line.strip():
            marks, indented = {}, None
        elif indented:
            indented.lines.append("")
    return found
