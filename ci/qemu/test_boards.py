# SPDX-License-Identifier: GPL-2.0-only
"""
configs/boards/: each file is what the command in its first comment writes of the device tree in Debian's kernel
package, compiles, and passes `hvctl config check`, a board's system and cell together. That is all that has been
tried of them: Documentation/boards.md.
"""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from machine import BUILD, TOP, env_mk

HVCTL = BUILD / "tools" / "host" / "hvctl"
BOARDS = TOP / "configs" / "boards"
SYSTEMS = sorted(path for path in BOARDS.glob("*.c") if not path.stem.endswith("-linux"))
PAGE = (TOP / "Documentation" / "boards.md").read_text(encoding="utf-8")


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}:\n{done.stdout}{done.stderr}"
    return done.stdout


def written(path, trees):
    """What the command in a file's first comment writes today."""
    words = shlex.split(re.search(r"^ \*     hvctl (.*)$", path.read_text(encoding="utf-8"), re.M)[1])
    at = words.index("--dtb") + 1
    words[at] = next(trees.rglob(words[at]))
    return run(HVCTL, *words)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda path: path.stem)
def test_board(system, tmp_path):
    """Regenerated, compiled, checked."""
    trees, blobs = Path(env_mk("BOARDS")), []
    for path in (system, BOARDS / f"{system.stem}-linux.c"):
        text = written(path, trees)
        # Another release of the kernel may have another tree: that is fine, as long as it is sound.
        if trees.name in PAGE:
            assert text == path.read_text(encoding="utf-8"), f"{path}: the tool writes another text"
        source = tmp_path / path.name
        source.write_text(text, encoding="utf-8")
        blobs.append(source.with_suffix(".sys" if path == system else ".cell"))
        run(TOP / "scripts" / "cellcc", source, blobs[-1])
    run(HVCTL, "config", "check", *blobs)


def refused(status, reason, *words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == status and re.search(reason, done.stderr), f"{words}:\n{done.stderr}"


def test_two_cells(tmp_path):
    """Written one after the other for one board, the second beside the first: what is chosen fits."""
    tree, cells = tmp_path / "virt.dtb", []
    run(TOP / "scripts" / "qemu", "--machine", f"dumpdtb={tree}")
    beside = ["--beside", tmp_path / "first.cell"]
    create = [HVCTL, "config", "create", "linux", "--dtb", tree]
    for name, options in (("first", ["--device", "/pl031@9010000"]), ("second", beside), ("alone", [])):
        source = tmp_path / f"{name}.c"
        run(*create, "--name", name, *options, "--output", source)
        cells.append(source.with_suffix(".cell"))
        run(TOP / "scripts" / "cellcc", source, cells[-1])
    first, second, alone = cells
    assert " --beside first.cell\n" in (tmp_path / "second.c").read_text(encoding="utf-8")
    run(HVCTL, "config", "check", "--dtb", tree, first, second)
    for reason in (r"the CPU belongs to another cell \(CPU 3\)", r"the interrupt belongs to another cell \(INTID 42\)"):
        refused(3, reason, HVCTL, "config", "check", "--dtb", tree, first, alone)
    # What is named is not given twice either.
    refused(1, r"--cpus 2-3: CPU 3 belongs to the cell first \(--beside\)", *create, "--cpus", "2-3", *beside)
    refused(1, r"--device /pl031@9010000: belongs to the cell first \(--beside\)", *create, "--device",
            "/pl031@9010000", *beside)
    refused(2, "--beside is a cell's", HVCTL, "config", "create", "system", "--dtb", tree, *beside)


def test_same_as_enable(tmp_path):
    """A system's source, compiled, has the entries that `enable` derives of the same machine."""
    for path in ("sys/firmware", "proc"):
        (tmp_path / path).mkdir(parents=True)
    run(TOP / "scripts" / "qemu", "--machine", f"dumpdtb={tmp_path}/sys/firmware/fdt")
    (tmp_path / "proc/iomem").write_text(
        "00000000-03ffffff : 0.flash\n09000000-09000fff : pl011@9000000\n"
        "  09000000-09000fff : 9000000.pl011 pl011@9000000\n0a000000-0a0001ff : a000000.virtio_mmio\n"
        "40000000-7fffffff : System RAM\n4010000000-401fffffff : PCI ECAM\n", encoding="utf-8")
    (tmp_path / "proc/interrupts").write_text(
        "           CPU0       CPU1\n 13:         34          0     GICv3  33 Level     uart-pl011\n",
        encoding="utf-8")
    environment = {"HVCTL_ROOT": str(tmp_path)}

    def ask(*words):
        return subprocess.run([str(HVCTL), *words], env=environment, check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    text = ask("config", "create", "system")
    assert "INTID 33 for Linux's uart-pl011" in text
    (tmp_path / "made.c").write_text(text, encoding="utf-8")
    run(TOP / "scripts" / "cellcc", tmp_path / "made.c", tmp_path / "made.sys")

    def entries(shown):
        return re.sub(r'\s*"where": .*', "", shown)
    made = ask("config", "show", "--json", str(tmp_path / "made.sys"))
    assert entries(made) == entries(ask("enable", "--dry-run", "--json"))
