# SPDX-License-Identifier: GPL-2.0-only
"""
Images of the hypervisor with one fault put in, for tests of what happens when a step of enabling fails
on one CPU: built from a copy of the sources, loaded in place of caisson.bin, by a driver that takes it
for its own, and taken out again.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
from functools import cache

from machine import BUILD, TOP
from mutants import MUTANTS
from steps import need

IMAGE = "/lib/firmware/caisson.bin"
MUTANT = os.environ.get("MUTANT")  # by name, see mutants.py: every image is that mutant


def build(name, edits):
    """caisson.bin, as bytes, from sources with `edits`: {file: [(old text, new text), ...]}."""
    tree = BUILD / "ci" / "variants" / name
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(TOP / "hypervisor", tree / "hypervisor")
    mutations = [(m.file, [(m.old, m.new)]) for m in MUTANTS if m.name == MUTANT]
    need(mutations or not MUTANT, f"no mutant `{MUTANT}'")
    for file, changes in mutations + list(edits.items()):
        path = tree / "hypervisor" / file
        text = path.read_text()
        for old, new in changes:
            need(text.count(old) == 1, f"variant {name}: {file} has `{old}` {text.count(old)} times")
            text = text.replace(old, new)
        path.write_text(text)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    made = subprocess.run(["make", "-s", "-C", str(tree / "hypervisor"), f"O={tree / 'build'}"],
                          env=environment, capture_output=True, text=True, check=False)
    need(made.returncode == 0, f"variant {name}: {made.stderr}")
    return (tree / "build" / "hypervisor" / "caisson.bin").read_bytes()


@cache
def usual_image():
    """What a machine begins with."""
    if MUTANT:
        return build("mutant", {})
    return (BUILD / "hypervisor" / "caisson.bin").read_bytes()


def module_for(machine, image):
    """Loads a driver that takes that image for its own."""
    real = (BUILD / "hypervisor" / "caisson.bin").read_bytes()
    old, new = (hashlib.sha256(data).digest() for data in (real, image))
    release = machine.run("uname -r").output.strip()
    module = (BUILD / "driver" / release / "caisson.ko").read_bytes()
    need(module.count(old) == 1, "caisson.ko has the digest of caisson.bin once")
    # Root's is the same file, and may have been changed by us.
    octal = "".join(f"\\{byte:03o}" for byte in new)
    machine.run(f"rmmod caisson && printf '{octal}' | dd of=/lib/modules/caisson.ko bs=1 "
                f"seek={module.index(old)} conv=notrunc 2>/dev/null && insmod caisson.ko")


def with_image(name, edits, *steps):
    """Runs `steps` with that image in root's file system; the real one is back afterwards."""
    def step(context):
        machine = context.machine
        variant = build(name, edits)
        machine.put("/tmp/variant.gz", gzip.compress(variant))
        machine.run(f"mv {IMAGE} {IMAGE}.real && gunzip -c /tmp/variant.gz >{IMAGE}")
        module_for(machine, variant)
        for inner in steps:
            inner(context)
        machine.run(f"mv {IMAGE}.real {IMAGE}; rm /tmp/variant.gz")
        module_for(machine, usual_image())
    return step


def mutate(machine):
    """A machine that has just booted gets the mutant, if one is attacked."""
    if not MUTANT:
        return
    machine.put("/tmp/mutant.gz", gzip.compress(usual_image()))
    machine.run(f"gunzip -c /tmp/mutant.gz >{IMAGE}; rm /tmp/mutant.gz; insmod caisson.ko")
    module_for(machine, usual_image())
    machine.run("rmmod caisson")
