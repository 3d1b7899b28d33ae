# SPDX-License-Identifier: GPL-2.0-only
"""
What `make install` copies, as far as it can be tried on this host: the installed cellcc, the generator, and
what the units run, with an hvctl that only says what it was asked. The rest is `make deb-test`'s.
"""

import subprocess

import pytest
from machine import BUILD, TOP

# Knows one configuration, of the cell `timer'; fails at what the file `fails' names.
HVCTL = """#!/bin/sh
echo "$*" >>@/asked
case $* in
"config show --json @/etc/"*) printf '{\\n  "kind": "cell",\\n  "name": "timer",\\n  "memory": [\\n' ;;
"cell create "* | "cell linux "*) mkdir -p @/sys/cells/timer ;;
"cell destroy "*) rmdir @/sys/cells/timer ;;
esac
! grep -qsxF -e "$1 $2" @/fails
"""


@pytest.fixture(scope="module", name="installed")
def fixture_installed(tmp_path_factory):
    path = tmp_path_factory.mktemp("installed")
    subprocess.run([TOP / "scripts" / "install", path], check=True)
    return path


@pytest.fixture(name="root")
def fixture_root(installed, tmp_path):
    """The unit's script and the generator with /etc/caisson and sysfs elsewhere, and that hvctl."""
    for source in ("usr/lib/caisson/unit", "lib/systemd/system-generators/caisson-generator"):
        text = (installed / source).read_text(encoding="utf-8")
        text = text.replace("/etc/caisson", f"{tmp_path}/etc").replace("/sys/class/misc/caisson",
                                                                       f"{tmp_path}/sys")
        text = text.replace("/sbin/modprobe", "true").replace("/dev/kmsg", f"{tmp_path}/kmsg")
        (tmp_path / source.rsplit("/", 1)[1]).write_text(text)
    (tmp_path / "hvctl").write_text(HVCTL.replace("@", str(tmp_path)))
    for name in ("unit", "caisson-generator", "hvctl"):
        (tmp_path / name).chmod(0o755)
    for name in ("etc", "sys/cells"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sys" / "enabled").write_text("0\n")
    (tmp_path / "etc" / "timer.cell").touch()
    return tmp_path


def unit(root, *words, **conf):
    """Runs the unit's script; returns exit status, what was asked of hvctl, what was said."""
    (root / "asked").write_text("")
    made = subprocess.run([root / "unit", *words], env={"PATH": f"{root}:/usr/bin:/bin", **conf}, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    asked = [line for line in (root / "asked").read_text().replace(f"{root}/", "").splitlines()
             if not line.startswith("config show")]
    return made.returncode, asked, made.stdout


def test_cellcc(installed, tmp_path):
    """It compiles and checks where there is no tree, and to the same."""
    made = tmp_path / "timer.cell"
    source = installed / "usr" / "share" / "caisson" / "configs" / "timer.c"
    subprocess.run([installed / "usr" / "bin" / "cellcc", source, made], check=True, cwd=tmp_path)
    assert made.read_bytes() == (BUILD / "configs" / "timer.cell").read_bytes()


def test_module(installed):
    """DKMS gets all that the module is made from, and the image that belongs to it."""
    module = next((installed / "usr" / "src").iterdir())
    kbuild = (module / "Kbuild").read_text(encoding="utf-8")
    objects = [word for word in kbuild.split() if word.endswith(".o") and word != "caisson.o"]
    assert len(objects) > 10
    for name in objects:
        assert (module / name).with_suffix(".c").exists() or (module / name).with_suffix(".S").exists(), name
    digest = subprocess.run(["sha256sum", installed / "lib" / "firmware" / "caisson.bin"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.split()[0]
    built_in = (module / "image_digest.h").read_text().replace("0x", "").replace(", ", "").strip()
    assert built_in == digest
    assert f'PACKAGE_VERSION="{module.name.split("-")[1]}"' in (module / "dkms.conf").read_text()


def test_version():
    """The packages' version is hvctl's."""
    changelog = (TOP / "scripts" / "debian" / "changelog").read_text(encoding="utf-8")
    version = changelog.split("(", 1)[1].split("-", 1)[0]
    assert f'#define HVCTL_VERSION "{version}"' in (TOP / "tools" / "hvctl.h").read_text(encoding="utf-8")


def test_generator(root):
    """Each cell is a unit that multi-user.target wants; a name that is none is said."""
    (root / "etc" / "two words.cell").touch()
    subprocess.run([root / "caisson-generator", root / "run", "", ""], check=True)
    wanted = list((root / "run" / "multi-user.target.wants").iterdir())
    assert [path.name for path in wanted] == ["caisson-cell@timer.service"]
    assert "two words.cell is not started" in (root / "kmsg").read_text()


def test_enable(root):
    """With options and a system configuration, if there are any; not twice; disabled only if enabled."""
    assert unit(root, "enable")[:2] == (0, ["enable"])
    (root / "etc" / "system.sys").touch()
    assert unit(root, "enable", "--mode", "list")[:2] == (0, ["enable --mode list etc/system.sys"])
    assert unit(root, "disable")[:2] == (0, [])
    (root / "sys" / "enabled").write_text("1\n")
    assert unit(root, "enable")[:2] == (0, [])
    assert unit(root, "disable")[:2] == (0, ["disable"])
    (root / "fails").write_text("disable \n")
    assert unit(root, "disable")[0] == 1


def test_program(root):
    """A cell of a bare-metal program: its steps, and none of it left if one of them fails."""
    steps = ["cell create etc/timer.cell", "cell load timer a.bin b.bin@0x1000", "cell start timer"]
    images = "a.bin b.bin@0x1000"
    assert unit(root, "start", "timer", IMAGE=images)[:2] == (0, steps)
    assert unit(root, "stop", "timer", SHUTDOWN_TIMEOUT="3")[:2] == (
        0, ["cell shutdown timer --timeout 3", "cell destroy timer"])
    assert unit(root, "stop", "timer")[:2] == (0, [])  # there is none any more
    (root / "fails").write_text("cell load\n")
    assert unit(root, "start", "timer", IMAGE=images)[:2] == (1, [*steps[:2], "cell destroy timer"])
    (root / "fails").write_text("cell create\n")
    assert unit(root, "start", "timer", IMAGE=images)[:2] == (1, steps[:1])


def test_linux(root):
    """A cell of a Linux."""
    assert unit(root, "start", "timer", KERNEL="/boot/vmlinuz")[:2] == (
        0, ["cell linux /boot/vmlinuz --config etc/timer.cell"])
    assert unit(root, "start", "timer", KERNEL="k", INITRD="i", CMDLINE="quiet ro")[:2] == (
        0, ["cell linux k --config etc/timer.cell --initrd i --append quiet ro"])


def test_wrong(root):
    """A configuration of another cell, one without a program, and a unit of nothing are said."""
    (root / "etc" / "other.cell").touch()
    status, asked, said = unit(root, "start", "other", IMAGE="a.bin")
    assert (status, asked) == (1, []) and f"call it {root}/etc/timer.cell" in said
    status, asked, said = unit(root, "start", "timer")
    assert (status, asked) == (1, []) and f"{root}/etc/timer.conf has to say what runs in it" in said
    assert unit(root, "restart", "timer")[0] == 2
