# SPDX-License-Identifier: GPL-2.0-only
"""
Compares the lists in Documentation/ with the sources: what is in one and not in the other. Each function
below is one page.
"""

import fnmatch
import re
import subprocess

import pytest
from machine import BUILD, TOP
from mutants import MUTANTS
from pages import SHEET, page_paths
from tests import LONG_TESTS, TESTS

# `code`, or ``code with a ` in it``
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


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


def code(text):
    """The pieces of code in a line."""
    return [match[2].strip() for match in CODE.finditer(text)]


def rows(text, heading):
    """The cells of each row of all tables whose first column has this heading."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            inside = False
        elif inside and not set(line) <= set("|- "):
            yield cells
        elif cells[0] == heading:
            inside = True


def column(text, heading, which=0):
    """Code in one column of all tables whose first column has this heading."""
    return [found for cells in rows(text, heading) for found in code(cells[which])]


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


def test_commands():
    """Whatever hvctl command the pages, or the sheet that `make run` prints, name is one."""
    known = re.findall(r"^  hvctl ([a-z]+)(?: ([a-z]+))?", hvctl("--help"), re.M)
    nouns = {noun for noun, verb in known if verb}
    texts = [SHEET.read_text(encoding="utf-8")]
    texts += [found for path in page_paths() for found in code(path.read_text(encoding="utf-8"))]
    for text in texts:
        for first, second in re.findall(r"(?:^|  )hvctl ([a-z]+)(?: ([a-z|]+))?", text):
            for verb in second.split("|") if first in nouns and second else [""]:
                assert first == "help" or (first, verb) in known or (first in nouns and not verb), \
                    f"there is no `hvctl {first} {verb}'"


def test_links():
    """Files that links name are there, and the book's contents link every page."""
    linked = {}
    for path in page_paths():
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        linked[path] = {(path.parent / link).resolve() for link in links}
        missing = [link for link in links if not (path.parent / link).exists()]
        assert not missing, f"{path} links what is not there: {missing}"
    contents = TOP / "Documentation" / "README.md"
    pages = {path for path in (TOP / "Documentation").rglob("*") if path.is_file()} - {contents}
    pages = {path for path in pages if path.suffix != ".scd"} # which the man pages are made from
    names = {str(path.relative_to(TOP)) for path in pages - linked[contents]}
    assert not names, f"{contents} does not link {names}"
    assert contents in linked[TOP / "README.md"], "README.md does not link the contents"


def test_hvctl():
    """hvctl.md: commands with their arguments, options, fields of JSON, causes of exits."""
    commands = [line.strip() for line in re.findall(r"^  (hvctl .*?)  ", hvctl("--help"), re.M)]
    text = page("hvctl.md")
    parts = {code(heading)[0]: body for heading, body in sections(text) if code(heading)}
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


def members(structure, text):
    """Names of a C structure's members, `head' and `source' left out."""
    body = re.search(rf"struct {structure} \{{(.*?)\n\}}", text, re.S)[1]
    names = [re.split(r"[\s*]", re.sub(r"\[[^]]*\]", "", one).strip())[-1]
             for line in body.split(";") for one in line.split(",")]
    return {name for name in names if name and name not in ("head", "source")}


def test_ioctls():
    """ioctls.md: the calls, and the members of each structure."""
    uapi = source("driver/uapi.h")
    text = page("ioctls.md")
    real = dict(re.findall(r"#define (CAISSON_IOC_\w+) _IOWR\(CAISSON_IOC, \d+, struct (\w+)\)",
                           uapi))
    assert len(real) == uapi.count("_IOWR(")
    same("calls", column(text, "Call"), real)
    assert column(text, "Call", 1) == [real[call] for call in column(text, "Call")]
    parts = {code(heading)[0]: body for heading, body in sections(text) if code(heading)}
    same("structures", parts, set(real.values()) - {"caisson_ioc_head"})
    for name, body in parts.items():
        same(name, column(body, "Field"), members(name, uapi))


def test_hypercalls():
    """hypercalls.md: the calls, a cell's page, the image, the boot structures."""
    text = page("hypercalls.md")
    calls, image = (source(f"hypervisor/abi/caisson/{name}.h") for name in ("hypercall", "image"))
    same("calls", column(text, "Call"), re.findall(r"(CAISSON_HC_\w+) =", calls))
    parts = dict(sections(text))
    same("page", column(parts["The page of a cell"], "Field"), members("caisson_cell_page", calls))
    same("image", column(parts["The image"], "Field"),
         set().union(*(members(name, image) for name in
                       ("caisson_image_header", "caisson_boot", "caisson_cpu_boot"))))


def test_configuration():
    """configuration.md: words and fields of hvconfig.h and config.h, and the errors they can give."""
    text = page("configuration.md")
    header = source("configs/hvconfig.h")
    config = source("hypervisor/abi/caisson/config.h")
    words = re.findall(r"^#define ([A-Z_]+)\(.*\\?\n?.*(?:HVC_ENTRY\(\w+, \.|CELL\()", header, re.M)
    parts = {word: body for heading, body in sections(text) for span in code(heading)
             for word in re.findall(r"^([A-Z_]+)\(", span)}
    same("words", parts, words)
    for word, entry in (("CELL", "cell"), ("CPUS", "cpu"), ("MEMORY", "memory"), ("IRQ", "irq"),
                        ("DEVICE", "device"), ("CONSOLE", "console"), ("SYSTEM", "system")):
        names = members(f"caisson_{entry}_entry", config) - {"reserved"}
        same(f"fields of {word}", column(parts[word], "Field"), {"." + name for name in names})
    for word, names in re.findall(r"^#define (RAM|MMIO)\((.*?)\)", header, re.M):
        same(f"arguments of {word}", column(parts[word], "Field"), names.split(", "))
    same("arguments of SPARE_SPIS", column(parts["SPARE_SPIS"], "Field"),
         members("caisson_irq_entry", config))
    gaps = [row[0] for row in rows(text, "Field") if len(row) != 5 or "" in row]
    assert not gaps, f"without unit, default, meaning or errors: {gaps}"
    values = set(re.findall(r"^#define ([A-Z_]+)\s+(?:\(?CAISSON|0u)", header, re.M))
    values |= set(re.findall(r"\bCAISSON_MODE_\w+", config))
    same("flags and values", [word for word in re.findall(r"\b[A-Z_]{3,}\b", text) if word in values],
         values)
    errors = dict(re.findall(r'X\((\w+),\s*"([^"]*)"\)', source("hypervisor/abi/caisson/error.h")))
    used = re.findall(r"CAISSON_E_(\w+)", source("hypervisor/core/config_check.c"))
    wanted = {errors[name] for name in used if name != "OK"}
    same("errors of the validator", wanted & set(code(text)), wanted)
    told = {said for said in column(text, "Field", 4) + column(text, "Error") if " " in said}
    same("errors", told, told & set(errors.values()))


def test_inmate():
    """inmate.md: the library's headers, and functions that they have."""
    lib = TOP / "inmates" / "lib"
    lines = [line for line in page("inmate.md").splitlines() if re.match(r"\| `\w+\.h`", line)]
    listed = [code(line)[0] for line in lines]
    same("headers", listed, {path.name for path in lib.glob("*.h")} -
         {"inmate.h", "hidden.h", "layout.h"})
    for name, line in zip(listed, lines):
        missing = [one for one in code(line)[1:]
                   if not re.search(rf"\b{one.rstrip('()')}\b", source(lib / name))]
        assert not missing, f"{name} has no {missing}"
    limits = (re.search(r"CPU_MAX (\d+)", source(lib / "layout.h"))[1] + " CPUs",
              re.search(r"larger than (\d+ KiB)", source(lib / "inmate.lds"))[1])
    for limit in limits:
        assert f"at most {limit}" in page("inmate.md"), f"the limit is {limit}"


ABI_FIELDS = ["What", "Date", "KernelVersion", "Contact", "Description"]


def test_sysfs():
    """ABI/testing: the attributes of driver/sysfs.c; that they are there a system test sees."""
    text = page("ABI/testing/sysfs-class-misc-caisson")
    for entry in text.strip().split("\n\n"):
        assert re.findall(r"^(\w+):", entry, re.M) == ABI_FIELDS, entry
    driver = source("driver/sysfs.c")
    top = "/sys/class/misc/caisson/"
    real = {top + name for name in re.findall(r"^static DEVICE_ATTR_\w+\((\w+)\)", driver, re.M)}
    real |= {f"{top}cells/<cell>/{name}" for name in ["", *re.findall(r"__ATTR_\w+\((\w+)\)", driver)]}
    same("files", re.findall(r"^What:\s+(\S+)", text, re.M), real)
    states = x_macro("CAISSON_CELL_STATES", source("hypervisor/abi/caisson/hypercall.h"))
    state = re.search(r"<cell>/state\n.*?(?=\nWhat:)", text, re.S)[0]
    same("states", re.findall(r'"(\w+)"', state), states)


# --- messages ---

STRING = r'"(?:\\.|[^"\\])*"'
MACRO = r"\b[A-Z][A-Z0-9_]+\b|\bPRI\w+"
# A run of string literals and of macros that stand for one; or a character, which may be a quote.
LITERALS = re.compile(rf"'(?:\\.|[^'\\\n])+'|((?:(?:{MACRO})\s+)?{STRING}(?:\s*(?:{STRING}|{MACRO}))*)")
DIRECTIVE = re.compile(r"%[-+ 0#]*[\d*]*(?:\.\d+)?(?:hh|h|ll|l|z)?[a-zA-Z]")
# Files of tools/ whose texts are reports, not messages: hvctl.md describes them. A hint is a cure, and
# wants none.
REPORTS = ("describe.c", "top.c", "map_text.c", "map_svg.c", "json.c", "cmd_hardware.c", "errata.c", "hints.c",
           "source.c", "source_notes.c", "comment.c")
# Texts that are no messages: what is being done or read, as in `WHAT: reason'; names; rows of reports.
LABELS = {
    "cell list", "cell show", "in all", "cell shutdown <>", "cell dump <>", "cell stats", "cell linux", "cell create <>", "cell load <>", "cell load <> <>",
    "cell <> <>", "device tree", "system configuration", "Caisson cell",
    "the configuration derived from this machine", "MEMORY or RAM", "arm,pl011 arm,primecell",
    "hypervisor <> at 0x<>, image <>", "pool <> of <> pages free", "enable took <> us",
    "taken <> from Linux, without the cells' memory", "disable took <> us", "system <>, <> CPUs",
    "doorbell none: the driver polls every 20 ms", "report on stdout as JSON <> this text <>",
    "<>, at PC 0x<>", "of S<>_<>_C<>_C<>_<>", "access to 0x<>: nothing is mapped there",
    "cache maintenance", "memory tag", "of AArch32", "no load or store", "another load or store",
    "exclusive, ordered, or compare and swap", "across two pages, or unpredictable",
    "does DMA (<>)", "may do DMA, for all that hvctl knows", "there is no SMMU before it", "Caisson does not use its SMMU", "a cell that exists",
    "EL2's pool: <> pages for these cells and about <> for root's tables, of <>",
    ": <> <> at PC 0x<>, address 0x<>, ESR 0x<>", "MZ zimg", "System RAM", "uartclk apb_pclk",
    "doorbell INTID <>", "image sha256 <>", "without a name", "+1, as nothing was said", ", as nothing was said", "for hvctl console", "CPU hotplug", "(48 are used)", "(those behind PCI do)",
}


def literals(text, macros):
    """All string literals of C text, adjacent ones joined, conversions as `<>'."""
    for match in LITERALS.finditer(text):
        joined = ""
        for token in re.findall(f"{STRING}|{MACRO}", match[1] or ""):
            joined += token[1:-1] if token[0] == '"' else macros.get(token, "u")
        joined = re.sub(r"\\[nt0]", " ", joined).replace('\\"', '"')
        yield normal(DIRECTIVE.sub("<>", joined).replace("%%", "%"))


def normal(text):
    """One blank between words, `<>' for what varies, without the places in front: `file: '."""
    text = " ".join(re.sub(r"<[^<>]*>", "<>", text).split())
    return re.sub(r"^(?:hvctl: |<>:? )+", "", text)


def is_message(text):
    return re.search(r"[A-Za-z']{2,} [A-Za-z(]", text)


def called(text, functions, macros):
    """Of all calls of these functions (or calls that begin so) the literals."""
    for match in re.finditer(rf"\b(?:{functions})\b(.*?)\);\n", text, re.S):
        yield from literals(match[1], macros)


def help_texts():
    """What hvctl says of itself, in one line."""
    texts = [hvctl("--help")]
    for command in re.findall(r"^  hvctl ([a-z ]+)", texts[0], re.M):
        texts.append(hvctl(*command.split(), "--help"))
    return normal(" ".join(texts))


def hvctl_messages():
    """What looks like one, and whatever is printed as one, but for labels and help."""
    tools = source(*(path for path in (TOP / "tools").glob("*.c") if path.name not in REPORTS))
    # What `config check` says beside a message: what helps, and where the other thing is.
    tools = re.sub(r"\b(?:advise|beside)\(.*?\);\n", "", tools, flags=re.S)
    macros = dict(re.findall(r'#define (\w+) "([^"]*)"', tools + source("tools/hvctl.h")))
    helps = help_texts()
    every = set(literals(tools, macros))
    stale = LABELS - every - set(literals(source("tools/cmd_hardware.c"), {}))
    assert not stale, f"no text says: {stale}"
    said = {text for text in every if is_message(text)}
    said |= {text for text in called(tools, "complain|say", macros)
             if re.search("[a-z]{4}", text) and re.search(r"\W", text)}
    said |= set(literals(source("hypervisor/abi/caisson/error.h"), {})) - {""}
    said = {text for text in said if text == "hint: <>" or not text.startswith("hint: ")}
    return {text for text in said - LABELS if text.replace("<>", "").strip() not in helps}


# Sections whose messages report: there is nothing to be cured, and what they say is plain.
NO_FAULTS = ("In the hypervisor's log", "In the kernel's log", "When all is well")


def test_faq():
    """
    faq.md: what hvctl, the kernel's log and the hypervisor's log can say, with cause or cure; where
    hvctl itself knows a next step, with a cure.
    """
    text = page("faq.md")
    documented = [normal(message) for message in column(text, "Message")]
    same("messages", documented, hvctl_messages().union(
        called(source(*(TOP / "driver").glob("*.c")), r"dev_\w+|pr_\w+", {}),
        called(source(*(TOP / "hypervisor").rglob("*.c")), "log_line", {})))
    twice = {message for message in documented if documented.count(message) > 1}
    assert not twice, f"documented twice: {twice}"
    bare = [row[0] for heading, body in sections(text) if heading not in NO_FAULTS
            for row in rows(body, "Message") if not any(row[1:])]
    assert not bare, f"with neither cause nor cure: {bare}"
    errors = dict(re.findall(r'X\((\w+),\s*"([^"]*)"\)', source("hypervisor/abi/caisson/error.h")))
    hinted = {errors[name] for name in re.findall(r"CAISSON_E_(\w+)", source("tools/hints.c"))
              if name != "COUNT"}
    cured = {normal(message) for row in rows(text, "Message") if row[2] for message in code(row[0])}
    assert not hinted - cured, f"hvctl has a hint, the page no cure: {hinted - cured}"
    check = called(source("tools/cmd_hardware.c"), r"tell\(c, (?!FINE)", {})
    same("lines of hardware check",
         {normal(line) for which in (0, 1) for line in column(text, "Problem or note", which)},
         {line for line in check if is_message(line)} - LABELS)


def test_threat_model():
    """threat-model.md: for each promise there is a test, and each one that it names is there."""
    tests = [test.name for test in TESTS + LONG_TESTS]
    units = [path.stem for path in (TOP / "ci" / "unit").glob("test_*.c")]
    units += re.findall(r"\bvoid (test_\w+)\(", source(*(TOP / "ci" / "unit").glob("test_*.c")))
    fuzzers = [path.stem for path in (TOP / "ci" / "fuzz").glob("*.c")]
    makes = {f"make {word}" for line in re.findall(r"^([a-z][a-z -]*):", source("Makefile"), re.M)
             for word in line.split()}
    for promise, by in rows(page("threat-model.md"), "Promise"):
        assert code(by), f"nobody attacks: {promise}"
        for name in code(by):
            found = (name in makes or (TOP / name).is_file() or
                     fnmatch.filter(tests + units + fuzzers, name))
            assert found, f"there is no {name}, which attacks: {promise}"


def test_mutants():
    """tests.md: each mutant, and who caught it. The rows that they name are there."""
    table = list(rows(page("tests.md"), "Removed"))
    same("mutants", {(name, *code(file)) for name, file, _ in table},
         {(mutant.name, mutant.file) for mutant in MUTANTS})
    assert all(re.match("(?:unit|fuzz|row): `", who) for _, _, who in table), "caught by nobody"
    named = {row for mutant in MUTANTS for row in mutant.rows.split()}
    assert named <= {test.name for test in TESTS + LONG_TESTS}
