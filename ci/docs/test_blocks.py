# SPDX-License-Identifier: GPL-2.0-only
"""
Executes what the pages show (pages.py says what that is): in a copy of the tree, which is built with the
files that the pages have the reader write, and on a root Linux that is booted for each page that has a
session for it. What is shown must be seen, and a command must succeed unless an error is shown.
"""

import os
import re
import shutil
import subprocess

import pytest
from machine import BUILD, DETACH, LOGS, TOP, Console, Failure, Machine, Prompt, plain, shown
from pages import LANGUAGES, blocks, page_paths, sheet
from steps import Context, prompt

TREE = BUILD / "ci" / "docs" / "tree"
PAGES = {str(page.relative_to(TOP)): blocks(page) for page in page_paths()}
PAGES["cheatsheet"] = sheet()
# A line that says that the command has failed.
ERROR = re.compile(r"(hvctl|insmod|rmmod|sh|-sh|cellcc): (?!note: |warning: )|.*: error: ")
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


def host(command):
    """Runs a command in the copy, as somebody would who has just cloned it."""
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith("MAKE") and key not in ("O", "CC")}
    return subprocess.run(["sh", "-euc", command], cwd=TREE, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=300)


class Root:
    """A page's root Linux, and the console that hvctl has attached."""

    def __init__(self, name):
        initrd = TREE / "build" / "root" / "initrd-6.1.gz"
        self.machine = Machine("docs-" + re.sub(r"\W", "-", name), ["--initrd", str(initrd)])
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


@pytest.fixture(scope="module", name="tree")
def fixture_tree():
    """A built copy of the tree, with the pages' files in it; what does not hang on them is copied."""
    shutil.rmtree(TREE, ignore_errors=True)
    TREE.mkdir(parents=True)
    files = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=TOP,
                           check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(["xargs", "-0", "cp", "-a", "--parents", "-t", str(TREE)], cwd=TOP, input=files,
                   check=True)
    # Its paths are absolute, and it is newer than what it is made from.
    (TREE / "build" / "arm64").mkdir(parents=True)
    shutil.copy(BUILD / "arm64" / "env.mk", TREE / "build" / "arm64")
    for part in ("hypervisor", "tools", "configs", "inmates", "guest", "ci/configs"):
        shutil.copytree(BUILD / part, TREE / "build" / part)
    for block in (block for page in PAGES.values() for block in page if block.file):
        path = TREE / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
    made = host("make 2>&1")
    assert made.returncode == 0, shown(made.stdout)
    return TREE


def execute(block, get_root):
    """A block of any language."""
    if block.language == "sh":
        result = host(block.text)
        if result.returncode:
            raise Failure(f"{block.where}: exit status {result.returncode}\n{result.stdout}")
    elif block.language == "console":
        for step in block.steps():
            where = f"{block.where.rsplit(':', 1)[0]}:{step.line}"
            if step.prompt == "$":
                result = host(step.command)
                compare(where, step, result.stdout, result.returncode)
            else:
                get_root().perform(where, step)
    elif block.language == "c" and not block.file:
        (TREE / "piece.c").write_text(CONFIG_HEAD + block.text)
        result = host("scripts/cellcc -n piece.c piece.cell")
        if result.returncode:
            raise Failure(f"{block.where}: not a piece of a configuration:\n{result.stdout}")


@pytest.mark.parametrize("name", PAGES)
def test_page(name, tree):
    """All blocks of a page, one after the other."""
    assert tree
    root, said = [], None

    def get_root():
        if not root:
            root.append(Root(name))
        return root[0]

    try:
        for block in PAGES[name]:
            if not block.reason:
                execute(block, get_root)
    except (Failure, ValueError) as failure:
        said = f"{failure}\nthe whole console: {LOGS}/docs-*.log"
    finally:
        for each in root:
            each.machine.close()
    if said:
        pytest.fail(said, pytrace=False)


def test_languages():
    """Each fenced block says what it is, and a block that is not executed says why."""
    for block in (block for page in PAGES.values() for block in page):
        assert block.language in LANGUAGES, f"{block.where}: a block in `{block.language}'"
        hidden = block.language == "text" and re.search(r"^(\$|root#|cell#) ", block.text, re.M)
        assert not hidden, f"{block.where}: a session in a block of text"
        if block.reason is not None:
            assert re.match(r"no, \S.*", block.reason), f"{block.where}: run: {block.reason}"
