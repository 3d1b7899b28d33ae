# SPDX-License-Identifier: GPL-2.0-only
"""
Compares the lists in Documentation/ with the sources: what is in one and not in the other. Each function
below is one page.
"""

import re
import subprocess

import pytest
from machine import BUILD, TOP
from pages import page_paths

CODE = re.compile(r"`([^`]+)`")


def source(*names):
    """The files' text, C comments taken out."""
    text = "\n".join((TOP / name).read_text(encoding="utf-8") for name in names)
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def page(name):
    return (TOP / "Documentation" / name).read_text(encoding="utf-8")


def sections(text):
    """(heading, what follows it) for all headings, of any level."""
    parts = re.split(r"^#+ (.*)\n", text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def column(text, heading, which=0):
    """Code in one column of all tables whose first column has this heading."""
    found, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            inside = False
        elif inside and not set(line) <= set("|- "):
            found += CODE.findall(cells[which])
        elif cells[0] == heading:
            inside = True
    return found


def same(what, documented, real):
    """Both sets, or a list of the differences."""
    documented, real = set(documented), set(real)
    lines = [f"not documented: {name}" for name in sorted(real - documented)]
    lines += [f"documented, but not there: {name}" for name in sorted(documented - real)]
    if lines:
        pytest.fail(f"{what}:\n" + "\n".join(lines), pytrace=False)


def x_macro(name, text):
    """The words of a list X(NAME, "word")."""
    return re.findall(r'X\(\w+, "([^"]+)"\)', re.search(rf"{name}\(X\)(.*?)\benum", text, re.S)[1])


def hvctl(*words):
    """What the host's hvctl prints."""
    return subprocess.run([str(BUILD / "tools" / "host" / "hvctl"), *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def test_hvctl():
    """hvctl.md: commands with their arguments, options, fields of JSON, causes of exits."""
    commands = [line.strip() for line in re.findall(r"^  (hvctl .*?)  ", hvctl("--help"), re.M)]
    text = page("hvctl.md")
    parts = {CODE.fullmatch(heading)[1]: body for heading, body in sections(text)
             if CODE.fullmatch(heading)}
    same("commands", parts, commands)
    for command, body in parts.items():
        words = re.match(r"hvctl ([a-z ]+)", command + " ")[1].split()
        options = re.findall(r"^  (--[\w-]+)(?:, (-\w))?( [A-Z]\S*)?", hvctl(*words, "--help"), re.M)
        real = [word for name, letter, arg in options for word in (name + arg, letter)
                if word and name not in ("--json", "--help")]
        same(f"options of {command}", column(body, "Option"), real)
    tools = source(*(TOP / "tools").glob("*.c"))
    real = [name for argument in re.findall(r"\bjson_[a-z]+\(&?\w+,([^,;]*)", tools)
            for name in re.findall(r'"(\w+)"', argument)]
    documented = [name for path in column(text, "Field") for name in path.split(".")]
    same("fields of JSON", documented, real)
    calls = source("hypervisor/abi/caisson/hypercall.h")
    same("causes of exits", column(text, "Cause"), x_macro("CAISSON_EXITS", calls))
    same("states", column(text, "State"), x_macro("CAISSON_CELL_STATES", calls))
