# SPDX-License-Identifier: GPL-2.0-only
"""
Tests of the demo's judge, without QEMU: the transcript of a real run is accepted, and whatever is
taken out of it or falsified is found. demo-transcript*.json is what demo.py wrote, with 4 CPUs and
with 2.
"""

import copy
import json
import re
from pathlib import Path

import pytest

import demo_check



def load(name):
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


GOOD = load("demo-transcript.json")
TOUR = demo_check.steps(4)
STEPS = [step.id for step in TOUR]


def check(transcript):
    return demo_check.check(transcript, TOUR)


def with_change(step, **fields):
    """The good transcript with another value in the record of one step."""
    transcript = copy.deepcopy(GOOD)
    record = next(r for r in transcript if r["step"] == step)
    for name, value in fields.items():
        assert record[name] != value, "the change changes nothing"
        record[name] = value
    return transcript


def output_of(step):
    return next(r["output"] for r in GOOD if r["step"] == step)


def edited(step, pattern, replacement):
    """The good transcript with one output edited."""
    text, count = re.subn(pattern, replacement, output_of(step), flags=re.M)
    assert count, f"{pattern} is not in the output of {step}"
    return with_change(step, output=text)


def names(complaints, step):
    return any(complaint.startswith(f"step {step},") for complaint in complaints)


def test_good():
    assert check(GOOD) == []


def test_good_on_two():
    """With 2 CPUs, one cell after the other; and it is not taken for the tour of others."""
    transcript = load("demo-transcript-2.json")
    assert demo_check.check(transcript, demo_check.steps(2)) == []
    assert check(transcript)


@pytest.mark.parametrize("cpus,without,text", [
    (2, [1], "0"), (4, [1], "0,2-3"), (8, [1, 2, 3], "0,4-7"), (64, [], "0-63")])
def test_online(cpus, without, text):
    demo_check.online(cpus, without)(text + "\n", {})


def test_empty():
    assert len(check([])) == len(STEPS) + 1


def test_covers_the_issue():
    """Every command that the tour must show is a step."""
    commands = " / ".join(step.command for step in TOUR)
    for command in ("insmod caisson.ko", "hvctl enable", "hvctl status", "hvctl cell create",
                    "hvctl cell load", "hvctl cell start", "hvctl cell linux", "cat /proc/cpuinfo",
                    "cat /proc/interrupts", "/proc/meminfo", "hvctl cell list", "hvctl cell stats",
                    "hvctl cell shutdown", "hvctl cell restart", "hvctl cell destroy",
                    "/sys/devices/system/cpu/online", "free", "hvctl disable", "rmmod caisson"):
        assert command in commands
    assert {step.console for step in TOUR} == {"root", "timer", "linux", "hello"}


@pytest.mark.parametrize("step", STEPS)
def test_one_step_missing(step):
    assert names(check([r for r in GOOD if r["step"] != step]), step)


@pytest.mark.parametrize("step", STEPS)
def test_wrong_answer(step):
    record = next(r for r in GOOD if r["step"] == step)
    for wrong in (record["answer"][:-1], record["answer"] + "0", "", None,
                  record["answer"].replace(str(record["nonce"] * 3 + 1), str(record["nonce"]))):
        assert names(check(with_change(step, answer=wrong)), step)


@pytest.mark.parametrize("step", STEPS)
def test_wrong_console(step):
    """The right answer from another console is none."""
    record = next(r for r in GOOD if r["step"] == step)
    other = "linux" if record["console"] == "root" else "root"
    assert names(check(with_change(step, console=other)), step)
    number = record["nonce"] * 3 + 1
    foreign = f"cell:{number}" if record["console"] == "root" else f"root:{number}"
    assert names(check(with_change(step, answer=foreign)), step)


@pytest.mark.parametrize("step", [s.id for s in TOUR if s.console != "root"])
def test_attached_elsewhere(step):
    transcript = with_change(step, session="[console of other; Ctrl-] detaches]")
    assert names(check(transcript), step)


@pytest.mark.parametrize("step", [s.id for s in TOUR if s.until is None])
def test_command_failed(step):
    assert names(check(with_change(step, status=1)), step)


@pytest.mark.parametrize("step", [s.id for s in TOUR
                                  if s.expect not in (demo_check.anything, demo_check.no_module)])
def test_no_output(step):
    assert names(check(with_change(step, output="")), step)


@pytest.mark.parametrize("step", STEPS)
def test_other_command(step):
    assert names(check(with_change(step, command="true")), step)


def test_nonce_twice():
    transcript = copy.deepcopy(GOOD)
    transcript[1].update(nonce=transcript[0]["nonce"], answer=transcript[0]["answer"])
    assert names(check(transcript), transcript[1]["step"])


def test_out_of_order():
    transcript = copy.deepcopy(GOOD)
    transcript[3], transcript[4] = transcript[4], transcript[3]
    assert check(transcript)


def test_step_twice():
    assert check(GOOD + [GOOD[0]])


def test_record_without_fields():
    transcript = copy.deepcopy(GOOD)
    transcript[2] = {"step": transcript[2]["step"]}
    assert check(transcript)


def less_free(step):
    """The output of `free` with 64 MiB less."""
    free = demo_check.free_of(output_of(step))
    return edited(step, rf"\b{free}\b", str(free - 64 * 1024))


NUMBERS = {
    "memory not given": lambda: ("4.3", with_change("4.3", output=output_of("1.4"))),
    "memory not back": lambda: ("4.17", less_free("4.17")),
    "pages not back": lambda: ("4.18", edited("4.18", r"(free_pages) \d+", r"\1 200000")),
    "CPU not taken": lambda: ("2.4", with_change("2.4", output="0-3\n")),
    "CPU not back": lambda: ("4.16", with_change("4.16", output="0-2\n")),
    "CPU not back at the end": lambda: ("5.12", with_change("5.12", output="0-2\n")),
    "not enabled": lambda: ("1.3", edited("1.3", r"^enabled .*", "enabled      no")),
    "too few ticks": lambda: ("2.6", edited("2.6", r"ticks=\d+", "ticks=10")),
    "buckets do not add up": lambda: ("2.6", edited("2.6", r"ticks=(\d+)", r"ticks=1\1")),
    "average too high": lambda: ("2.6", edited("2.6", r"avg=\d+", "avg=999999999")),
    "maximum too low": lambda: ("2.6", edited("2.6", r"max=\d+", "max=1")),
    "ticks stand still": lambda: ("2.9", with_change("2.9", output=output_of("2.6"))),
    "not restarted": lambda: ("4.10", with_change("4.10", output=output_of("4.5"))),
    "exits stand still": lambda: ("2.10", with_change("2.10", output=output_of("2.7"))),
    "exits of interrupts": lambda: ("2.10", edited("2.10", r"\d+( +)0$", r"1\g<1>0")),
    "causes do not add up": lambda: ("4.2", edited("4.2", r"^2( +)\d", r"2\g<1>99")),
    "exits of other CPUs": lambda: ("4.2", edited("4.2", r"^2 ", "1 ")),
    "one processor": lambda: ("3.3", edited("3.3", r"^processor\s*: 1", "processor : 0")),
    "no timer interrupt": lambda: ("3.4", edited("3.4", r"^( *\d+:) +(\d+) +\d+ (.*arch_timer)",
                                                 r"\1 \2 0 \3")),
    "too much memory": lambda: ("3.5", edited("3.5", r"MemTotal: +\d+", "MemTotal: 1000588")),
    "too little memory": lambda: ("3.5", edited("3.5", r"MemTotal: +\d+", "MemTotal: 1000")),
    "not booted again": lambda: ("4.11", with_change("4.11", output=output_of("3.6"))),
    "cell not running": lambda: ("4.1", edited("4.1", "running", "failed ")),
    "cell not destroyed": lambda: ("4.15", with_change("4.15", output=output_of("4.1"))),
    "module still there": lambda: ("5.3", with_change("5.3", output="caisson 45056 0 - Live\n")),
}


@pytest.mark.parametrize("what", NUMBERS)
def test_numbers(what):
    step, transcript = NUMBERS[what]()
    assert names(check(transcript), step)
