# SPDX-License-Identifier: GPL-2.0-only
"""
Executes what the pages show (pages.py, session.py): in a copy of the tree, which is built with the files that
the pages have the reader write, and on a root Linux that is booted for each page that has a session for it.
"""

import fcntl
import re
import shutil
import subprocess

import pytest
from machine import BUILD, LOGS, TOP, Failure, shown
from pages import LANGUAGES, blocks, page_paths, sheet
from session import Session, host

TREE = BUILD / "ci" / "docs" / "tree"
PAGES = {str(page.relative_to(TOP)): blocks(page) for page in page_paths()}
PAGES["cheatsheet"] = sheet()


def make_tree():
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
    made = host(TREE, "make 2>&1")
    assert made.returncode == 0, shown(made.stdout)


@pytest.fixture(scope="session", name="tree")
def fixture_tree(testrun_uid):
    """One tree for all processes of this run: the first one makes it."""
    run = TREE / "build" / "run"
    TREE.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{TREE}.making", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not run.exists() or run.read_text() != testrun_uid:
            make_tree()
            run.write_text(testrun_uid)
    return TREE


@pytest.mark.parametrize("name", PAGES)
def test_page(name, tree):
    """All blocks of a page, one after the other."""
    said = None
    with Session(tree, name) as session:
        try:
            for block in PAGES[name]:
                if not block.reason:
                    session.execute(block)
        except (Failure, ValueError) as failure:
            said = f"{failure}\nthe whole console: {LOGS}/docs-*.log"
    if said:
        pytest.fail(said, pytrace=False)


def test_languages():
    """Each fenced block says what it is, and a block that is not executed says why."""
    for block in (block for page in PAGES.values() for block in page):
        assert block.language in LANGUAGES, f"{block.where}: a block in `{block.language}'"
        hidden = block.language == "text" and re.search(r"^(\$|root#|cell#) ", block.text, re.M)
        assert not hidden, f"{block.where}: a session in a block of text"
        if block.reason is not None:
            assert re.match(r"(no|newcomer), \S.*", block.reason), f"{block.where}: run: {block.reason}"
