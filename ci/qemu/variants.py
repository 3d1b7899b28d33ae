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

from machine import BUILD, TOP
from steps import need

IMAGE = "/lib/firmware/caisson.bin"


def build(name, edits):
    """caisson.bin, as bytes, from sources with `edits`: {file: [(old text, new text), ...]}."""
    tree = BUILD / "ci" / "variants" / name
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(TOP / "hypervisor", tree / "hypervisor")
    for file, changes in edits.items():
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


def module_with(machine, old, new):
    """Loads a driver that takes the image of that digest instead of the other's."""
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
        real = hashlib.sha256((BUILD / "hypervisor" / "caisson.bin").read_bytes()).digest()
        machine.put("/tmp/variant.gz", gzip.compress(variant))
        machine.run(f"mv {IMAGE} {IMAGE}.real && gunzip -c /tmp/variant.gz >{IMAGE}")
        module_with(machine, real, hashlib.sha256(variant).digest())
        for inner in steps:
            inner(context)
        machine.run(f"mv {IMAGE}.real {IMAGE}; rm /tmp/variant.gz")
        module_with(machine, real, real)
    return step
