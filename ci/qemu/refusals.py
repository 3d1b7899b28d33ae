# SPDX-License-Identifier: GPL-2.0-only
"""
The blobs that ci/unit/test_config_check.c breaks, one for each way to be refused, shown to hvctl:
the validator's reason and the line of the configuration must arrive at the user.
"""

import io
import os
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from machine import BUILD, TOP
from steps import need

CHECK = TOP / "hypervisor" / "core" / "config_check.c"
# Reasons that no file can lead to: the caller's own mistakes.
NO_FILE = {"OK", "ARGUMENT"}
# What the other kind has no entry for.
ONLY = {"cell": {"CPU_TWICE", "ENTRY_POINT", "KEEP_IMAGE", "NODE"}, "sys": {"IDENTITY"}}
# For each file what it is good for is tried, and `config check`: exit status and stderr of both.
SCRIPT = r"""
cd /tmp/refused
for f in *.cell *.sys; do
	case $f in *.cell) what='cell create' ;; *) what=enable ;; esac
	for command in "$what" 'config check'; do
		hvctl $command $f >/dev/null 2>said
		printf '== %s %s\n' $? $f
		cat said
	done
done
"""


def broken_blobs(directory):
    """Lets the unit test write them; returns [(file, code, where, text), ...]."""
    made = subprocess.run([str(BUILD / "unit" / "test_config_check")], capture_output=True, text=True,
                          env=dict(os.environ, REFUSED=directory), check=False)
    need(made.returncode == 0, f"test_config_check: {made.stdout}{made.stderr}")
    index = Path(directory, "index")
    rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines()]
    index.unlink()
    real = set(re.findall(r"\bCAISSON_E_(\w+)", CHECK.read_text(encoding="utf-8"))) - NO_FILE
    for kind, other in (("cell", "sys"), ("sys", "cell")):
        found = {code for file, code, _, _ in rows if file.endswith(kind)}
        need(found == real - ONLY[other],
             f"{CHECK.name} has reasons that no .{kind} leads to, or the other way round: "
             f"{found ^ (real - ONLY[other])}")
    return rows


def archive(directory):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path in sorted(Path(directory).iterdir()):
            tar.add(path, path.name)
    return out.getvalue()


def every_refusal():
    """hvctl refuses each of them, by file, line and reason."""
    def step(context):
        machine = context.machine
        with tempfile.TemporaryDirectory() as directory:
            rows = broken_blobs(directory)
            machine.put("/tmp/refused.tgz", archive(directory))
        machine.put("/tmp/refuse", SCRIPT.encode())
        machine.run("mkdir /tmp/refused && tar -xzf /tmp/refused.tgz -C /tmp/refused")
        said = machine.run("sh /tmp/refuse", timeout=120).output
        machine.run("rm -r /tmp/refused /tmp/refused.tgz /tmp/refuse")
        blocks = re.findall(r"^== (\d+) (\S+)\n((?:(?!== ).*\n)*)", said, re.M)
        need(len(blocks) == 2 * len(rows), f"{len(rows)} blobs, but {len(blocks)} answers:\n{said}")
        for name, code, where, text in rows:
            tried, checked = [(status, out) for status, file, out in blocks if file == name]
            wanted = f"{where}: error: {text}" if where else f"hvctl: {name}: {text}"
            need(tried[0] == "3" and wanted in tried[1].splitlines()[0],
                 f"{name} ({code}): not `{wanted}' and 3, but {tried}")
            need(checked[0] == "3" and checked[1], f"{name} ({code}): config check: {checked}")
        reasons = {code for _, code, _, _ in rows}
        context.note(f"{len(rows)} broken configurations refused, {len(reasons)} reasons")
    return step
