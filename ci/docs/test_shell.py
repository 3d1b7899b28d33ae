# SPDX-License-Identifier: GPL-2.0-only
"""
What there is of hvctl besides its answers: the man pages and bash's completion, which both come from the
table of commands, so here is compared what arrives; and a drawing.
"""

import re
import subprocess
from itertools import combinations
from xml.etree import ElementTree

import pytest
from machine import BUILD, TOP

HVCTL = BUILD / "tools" / "host" / "hvctl"
SVG = "{http://www.w3.org/2000/svg}"
# scdoc writes these before each section.
HARMLESS = re.compile(r"STYLE: |WARNING: skipping paragraph macro: PP ")


def hvctl(*words):
    return subprocess.run([str(HVCTL), *words], check=True, text=True, stdout=subprocess.PIPE).stdout


def commands():
    """The words of each command."""
    return [tuple(line.split())
            for line in re.findall(r"^  hvctl((?: [a-z]+(?= |$))+)(?=  | [A-Z[]| [a-z]+\|)", hvctl("--help"), re.M)]


@pytest.fixture(scope="module", name="pages")
def fixture_pages(tmp_path_factory):
    """The man pages, made anew: {name: path}."""
    directory = tmp_path_factory.mktemp("man")
    subprocess.run([str(TOP / "scripts" / "mkman"), str(HVCTL), str(directory)], check=True)
    return {path.name: path for path in directory.iterdir() if path.suffix != ".scd"}


def shown(path):
    """A page as a reader sees it, without overstriking."""
    made = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200", str(path)], check=True, text=True,
                          stdout=subprocess.PIPE)
    return re.sub(".\b", "", made.stdout)


def test_pages(pages):
    """A page for each command, three others, and no more; no tool complains of any."""
    wanted = {f"hvctl-{'-'.join(words)}.1" for words in commands()} | {"hvctl.1", "cellcc.1", "caisson-config.5"}
    assert set(pages) == wanted
    for path in pages.values():
        lint = subprocess.run(["mandoc", "-T", "lint", str(path)], check=False, text=True,
                              stdout=subprocess.PIPE).stdout
        bad = [line for line in lint.splitlines() if not HARMLESS.search(line)]
        assert not bad, "\n".join(bad)
        assert not re.search(r"%[a-z-]+%", path.read_text(encoding="utf-8")), f"{path.name}: not filled in"


def test_options(pages):
    """The options of a page are those of the command, the summary is its own."""
    for words in commands():
        page = shown(pages[f"hvctl-{'-'.join(words)}.1"])
        told = page.partition("\nOPTIONS\n")[2].partition("\nEXIT STATUS\n")[0].partition("\nJSON\n")[0]
        documented = re.findall(r"^ +(?:(--[\w-]+)(?:, (-\w))?|(-\w), (--[\w-]+))", told, re.M)
        usage = hvctl(*words, "--help")
        real = re.findall(r"^  (--[\w-]+)(?:, (-\w))?", usage, re.M)
        assert sorted({word for pair in documented for word in pair if word}) == \
            sorted({word for pair in real for word in pair if word}), words
        assert " ".join(usage.split("\n\n")[1].split()) in " ".join(page.split()), words
        line = usage.splitlines()[0][len("usage: "):]
        assert line in " ".join(page.split()), words


def test_overview(pages):
    """hvctl(1) lists every command's page."""
    page = shown(pages["hvctl.1"])
    for words in commands():
        assert f"hvctl-{'-'.join(words)}(1)" in page, words


def test_configuration(pages):
    """caisson-config(5) has every word and field of a configuration."""
    page = shown(pages["caisson-config.5"])
    text = (TOP / "Documentation" / "configuration.md").read_text(encoding="utf-8")
    fields = re.findall(r"^\| `([.\w]+)` \|", text, re.M)
    assert len(fields) > 30
    missing = [field for field in fields if not re.search(rf"^ +{re.escape(field)}$", page, re.M)]
    assert not missing, missing


COMPLETE = """
source "$TOP/tools/completion/hvctl"
hvctl() { "$HVCTL" "$@"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_hvctl hvctl
printf '%s\\n' "${COMPREPLY[@]}" | sort
"""


@pytest.fixture(scope="module", name="complete")
def fixture_complete(tmp_path_factory):
    """complete(WORD...): what bash offers for the last word, where there are two cells and some files."""
    root, files = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("files")
    for cell in ("linux", "timer"):
        (root / "sys/class/misc/caisson/cells" / cell).mkdir(parents=True)
    for name in ("a.cell", "b.cell", "m.sys", "timer.bin", "with blank.cell"):
        (files / name).touch()
    (files / "dir.d").mkdir()

    def run(*words):
        made = subprocess.run(["bash", "-c", COMPLETE, "bash", *words], cwd=files, check=True,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"HVCTL_ROOT": str(root), "HVCTL": str(HVCTL), "TOP": str(TOP),
                                   "PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        return [line for line in made.stdout.splitlines() if line]

    return run


def test_commands_complete(complete):
    """Each command can be had from its beginning, each of its options from `--`."""
    assert set(complete("hvctl", "")) == {words[0] for words in commands()} | {"help", "--help", "--version"}
    for words in commands():
        if len(words) == 2:
            assert words[1] in complete("hvctl", words[0], words[1][:2])
        options = set(re.findall(r"^  (--[\w-]+)", hvctl(*words, "--help"), re.M))
        assert set(complete("hvctl", *words, "--")) == options, words
    assert complete("hvctl", "nonsense", "") == []
    assert complete("hvctl", "cell", "nonsense", "") == []


def test_arguments_complete(complete):
    """Cells, and files that may stand there."""
    cells, files = ["linux", "timer"], ["a.cell", "b.cell", "dir.d", "m.sys", "timer.bin", "with blank.cell"]
    blobs = [name for name in files if name.endswith((".cell", ".d"))]
    for words, wanted in ((("cell", "start", ""), cells),
                          (("cell", "start", "t"), ["timer"]),
                          (("cell", "stats", ""), ["linux", "root", "timer"]),
                          (("cell", "start", "timer", ""), []),
                          (("cell", "load", "timer", ""), files),
                          (("cell", "load", "timer", "timer.bin", "a"), ["a.cell"]),
                          (("cell", "dump", "--live", "timer", "m"), ["m.sys"]),
                          (("cell", "create", ""), blobs),
                          (("cell", "linux", "--config", ""), blobs),
                          (("cell", "linux", "--config", "=", "b"), ["b.cell"]),
                          (("cell", "linux", "--config", "="), blobs),
                          (("cell", "linux", "--name", ""), []),
                          (("cell", "linux", "--cpus", "2", "t"), ["timer.bin"]),
                          (("enable", ""), ["dir.d", "m.sys"]),
                          (("map", "m.sys", "a.cell", "b"), ["b.cell"]),
                          (("console", "l"), ["linux"]),
                          (("help", "cell", "start"), ["start"]),
                          (("log", "-"), ["--follow", "--help", "--json"]),
                          (("status", ""), [])):
        assert complete("hvctl", *words) == wanted, words


def test_drawing(tmp_path):
    """hvctl map --svg: XML, within its size, no two boxes in one place, no two texts on each other."""
    configs = BUILD / "configs"
    cells = [str(configs / f"{name}.cell") for name in ("timer", "linux", "hello")]
    path = tmp_path / "map.svg"
    hvctl("map", str(configs / "qemu-virt.sys"), *cells, "--svg", str(path))
    drawing = ElementTree.parse(path).getroot()
    width, height = int(drawing.get("width")), int(drawing.get("height"))
    boxes = [tuple(int(box.get(key)) for key in ("x", "y", "width", "height"))
             for box in drawing.iter(f"{SVG}rect") if box.get("x")]
    texts = [(int(text.get("x")), int(text.get("y")), 8 * len(text.text)) for text in drawing.iter(f"{SVG}text")]
    boxes_of_texts = [(x, y - 12, length, 16) for x, y, length in texts]
    for kind in boxes, boxes_of_texts:
        assert kind and all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in kind)
        clashes = [(a, b) for a, b in combinations(kind, 2)
                   if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]]
        assert not clashes
    owners = {box.find(f"{SVG}title").text.partition(":")[0] for box in drawing.iter(f"{SVG}rect") if box.get("x")}
    assert owners == {"root", "hypervisor", "GIC", "timer", "linux", "hello", "more than one cell"}
