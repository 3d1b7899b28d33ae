# SPDX-License-Identifier: GPL-2.0-only
"""
A QEMU machine with root Linux, driven over its one serial console: what demo and system tests stand
on. Three ways of talking to it, each of which proves where an answer came from by a nonce N whose
answer 3N + 1 nobody but the addressed shell or inmate computes:

    Machine.run()      root Linux, through a small loop that root's shell executes: output is exact
    Prompt.run()       any busybox shell at its prompt, as users type; echo and prompts are cut off
    Machine.console()  `hvctl console CELL`: type and expect, Ctrl-] when the block is left

Every wait has an end; none is a sleep. What the console said is in build/ci/qemu/NAME.log.
"""

import atexit
import base64
import contextlib
import json
import os
import random
import re
import signal
import time
from pathlib import Path

import pexpect

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("O") or TOP / "build").resolve()
LOGS = BUILD / "ci" / "qemu"
COVERAGE = os.environ.get("COVERAGE")  # where ../coverage has its plugin, if it wants to know

# Seconds. Several times what a busy machine of two cores needs; only what hangs runs into them.
BOOT_TIMEOUT = 180
RUN_TIMEOUT = 60
DETACH = "\x1d"

# Reads "N COMMAND" lines and passes over others. The output of each stands between STX and ETX, in
# a form that no echo contains. Neither tty nor shell echoes, and newlines stay as they are.
AGENT = (
    r"""stty -echo -onlcr; H=$(hostname); while IFS=' ' read -r N L; do case $N in ''|*[!0-9]*) """
    r"""continue; esac; printf '\002%s\n' $N; eval "$L"; S=$?; """
    r"""printf '\003%s:%s:%s\n' $H $((N * 3 + 1)) $S; done"""
)

KERNEL_LINE = re.compile(r"\[ *\d+\.\d{6}\] [^\n]*\n")
# Terminal control: busybox asks for the cursor's position at each prompt.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Failure(AssertionError):
    """Something was not seen; the text says what, and what was seen instead."""


def env_mk(name):
    """What scripts/arm64-packages says of a variable."""
    for directory in ("arm64", "arm64-more"):
        path = BUILD / directory / "env.mk"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        match = re.search(rf"^{re.escape(name)} := (.*)$", text, re.M)
        if match:
            return match[1]
    raise Failure(f"no env.mk under {BUILD} names {name}: run make more")


def counted(arguments):
    """The arguments of a machine, and that what it executes of EL2 be noted if that is wanted."""
    if not COVERAGE:
        return list(arguments)
    image = BUILD / "hypervisor" / "caisson.bin"
    return [*arguments, *(() if "--" in arguments else ("--",)), "-plugin",
            f"file={COVERAGE}/plugin.so,image={image},executed={COVERAGE}/executed"]


def answer(nonce):
    """What shells and inmates make of a nonce."""
    return nonce * 3 + 1


def new_nonce():
    return random.SystemRandom().randrange(100_000_000, 1_000_000_000)


def plain(text):
    """What a console said, without terminal control."""
    return ESCAPES.sub("", text).replace("\r", "")


def shown(text, limit=3000):
    """The end of a text, printable, for messages."""
    text = plain(text)
    return text if len(text) <= limit else "[...]" + text[-limit:]


class Result:
    """Of a command: its output, its exit status, and how it was proved."""

    def __init__(self, command, output, status, nonce=None, answered=None):
        self.command = command
        self.output = output
        self.status = status
        self.nonce = nonce
        self.answered = answered

    def json(self):
        try:
            return json.loads(self.output)
        except ValueError as error:
            raise Failure(f"{self.command}: this is no JSON: {shown(self.output)!r}") from error


class Machine:
    """
    One QEMU. `arguments` go to scripts/qemu; `name` names its log. `patience` multiplies all times:
    for machines whose CPUs are many more than the host's. Another `command` may start it, with its `cwd`
    and `env` in `place`.
    """

    def __init__(self, name="machine", arguments=(), patience=1, command=None, **place):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log_path = LOGS / f"{name}.log"
        self.deadline = None
        self.patience = patience
        # As the others' output: their own is what they append.
        self._log = open(self.log_path, "w", encoding="utf-8")
        place.setdefault("env", dict(os.environ, O=str(BUILD)))
        self.tty = pexpect.spawn(
            command or str(TOP / "scripts" / "qemu"),
            list(arguments) if command else counted(arguments), encoding="utf-8",
            codec_errors="replace", timeout=RUN_TIMEOUT, dimensions=(50, 500), echo=False, **place)
        self.tty.logfile_read = self._log
        self.tty.delaybeforesend = None
        atexit.register(self.close)

    def close(self):
        """Ends QEMU, whatever it does."""
        atexit.unregister(self.close)
        if not self.tty.closed:
            # Its way is to ask first, and not to wait long: QEMU with 64 CPUs would be left over.
            if self.tty.isalive():
                os.killpg(self.tty.pid, signal.SIGKILL)  # with what has started it
                self.tty.wait()
            self.tty.close()
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    # --- waiting ---

    def allow(self, seconds):
        """From now on all waits together may take so long; None: each has its own limit only."""
        self.deadline = None if seconds is None else time.monotonic() + seconds

    def send(self, text):
        """Types it on root's console, as it is."""
        self.tty.send(text)

    def expect(self, patterns, timeout=RUN_TIMEOUT):
        """Waits for one of the regular expressions; returns its number. Failure when time is up."""
        patterns = [patterns] if isinstance(patterns, str) else list(patterns)
        timeout, late = timeout * self.patience, "its time"
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left < timeout:
                timeout, late = max(left, 0.1), "the test's budget"
        index = self.tty.expect(patterns + [pexpect.TIMEOUT, pexpect.EOF], timeout=timeout)
        if index < len(patterns):
            return index
        seen = self.tty.before if isinstance(self.tty.before, str) else ""
        if index == len(patterns):
            raise Failure(f"{late} ({timeout:.0f} s) was up without {patterns}; seen:\n"
                          f"{shown(seen)}")
        raise Failure(f"QEMU ended without {patterns}; seen:\n{shown(seen)}")

    # --- root Linux ---

    def boot(self):
        """Waits for root's shell."""
        self.expect("root# ", BOOT_TIMEOUT)

    def start_agent(self):
        """From root's prompt to where run() works; there is no way back."""
        # Two steps, so that the echo is over before the first answer is looked for.
        self.tty.send(AGENT + "\r")
        self.expect(re.escape(AGENT[-20:]) + r".*?\n")
        self.run("dmesg -n 1; export PATH HOME; cd /root")

    def start(self, command, nonce=None):
        """Lets root start a command; finish() or a console session takes its output."""
        nonce = nonce or new_nonce()
        if "\n" in command or len(command) > 3500:
            raise ValueError("a command is one line, and fits a tty's buffer")
        self.tty.send(f"{nonce} {command}\n")
        self.expect(rf"\x02{nonce}\r*\n")
        return nonce

    def finish(self, command, nonce, timeout=RUN_TIMEOUT):
        """Waits for the end of what start() began."""
        self.expect(rf"\x03(\w*:{answer(nonce)}):(\d+)\r*\n", timeout)
        match = self.tty.match
        return Result(command, plain(self.tty.before), int(match[2]), nonce, match[1])

    def run(self, command, timeout=RUN_TIMEOUT, status=0):
        """Runs a command in root; Failure unless it ends with `status` (None: any)."""
        result = self.finish(command, self.start(command), timeout)
        if result.answered != f"root:{answer(result.nonce)}":
            raise Failure(f"{command}: answered by {result.answered}")
        if status is not None and result.status != status:
            raise Failure(f"{command}: exit status {result.status}, not {status}:\n"
                          f"{shown(result.output)}")
        return result

    def json(self, command, timeout=RUN_TIMEOUT):
        """The JSON report of an hvctl command."""
        return self.run(f"hvctl {command} --json", timeout).json()

    def wait(self, command, condition, what, timeout=RUN_TIMEOUT):
        """Repeats a command until condition(result) holds; the guest's clock paces it."""
        end = time.monotonic() + timeout
        while True:
            result = self.run(command, status=None)
            if condition(result):
                return result
            if time.monotonic() > end:
                raise Failure(f"{what}: not after {timeout} s of `{command}`, which says:\n"
                              f"{shown(result.output)}")
            self.run("usleep 50000")

    def put(self, path, content):
        """Writes bytes into a file of root's."""
        text = base64.b64encode(content).decode()
        self.run(f": >{path}.b64")
        for i in range(0, len(text), 2000):
            self.run(f"echo {text[i:i + 2000]} >>{path}.b64")
        self.run(f"base64 -d {path}.b64 >{path} && rm {path}.b64 && "
                 f"[ $(wc -c <{path}) = {len(content)} ]")

    def read_number(self, path):
        return int(self.run(f"cat {path}").output)

    @contextlib.contextmanager
    def console(self, cell, history=True, timeout=RUN_TIMEOUT):
        """`hvctl console CELL` as a context; leaving it detaches. Yields a Console."""
        command = f"hvctl console {cell}" if history else f"hvctl console --no-history {cell}"
        nonce = self.start(command)
        session = Console(self, cell)
        session.expect(rf"\[console of {re.escape(cell)}; Ctrl-\] detaches\]\r*\n", timeout)
        yield session
        # Not in a `finally`: after a failure the console's state is unknown, and the machine lost.
        self.tty.send(DETACH)
        session.expect(rf"\[detached from {re.escape(cell)}\]\r*\n", timeout)
        result = self.finish(command, nonce, timeout)
        if result.status:
            raise Failure(f"{command}: exit status {result.status}")

    def wait_end(self, timeout=RUN_TIMEOUT):
        """Waits until QEMU ends by itself; returns its exit status, or None after a signal."""
        if self.tty.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=timeout):
            raise Failure(f"QEMU still runs after {timeout} s; seen:\n{shown(self.tty.before)}")
        self.tty.wait()
        return self.tty.exitstatus

    def post_mortem(self):
        """What is worth reading when something failed: as text, whatever still works."""
        text = [f"--- end of {self.log_path} ---", self._tail()]
        try:
            self.allow(None)
            # Out of a console session, back to the loop, which passes over what has no number.
            self.tty.send(f"{DETACH}\n")
            self.tty.expect([r"\x03\w*:\d+:\d+\r*\n", pexpect.TIMEOUT, pexpect.EOF], timeout=5)
            for command in ("hvctl log | tail -n 40", "hvctl cell list", "dmesg | tail -n 40"):
                result = self.finish(command, self.start(command), 10)
                text += [f"--- {command} ---", result.output]
        except (Failure, OSError, ValueError) as error:
            text.append(f"--- root does not answer any more: {error}")
        return shown("\n".join(text), 20000)

    def _tail(self):
        self._log.flush()
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return shown(f.read(), 4000)


class Console:
    """A session of `hvctl console`: the cell's end of the line, seen from root's console."""

    def __init__(self, machine, cell):
        self.machine = machine
        self.cell = cell
        self.seen = ""

    @property
    def tty(self):
        return self.machine.tty

    def send(self, text):
        """Types it, as it is."""
        self.tty.send(text)

    def line(self, text):
        """Types a line."""
        self.send(text + "\r")

    def expect(self, patterns, timeout=RUN_TIMEOUT):
        """As Machine.expect(); returns the match. `seen` gathers everything."""
        self.machine.expect(patterns, timeout)
        self.seen += self.tty.before + self.tty.match[0]
        return self.tty.match

    def nonce(self, timeout=RUN_TIMEOUT):
        """Any inmate's command line answers (inmates/lib/console.h). Returns the nonce."""
        nonce = new_nonce()
        self.line(f"nonce {nonce}")
        self.expect(rf"nonce={answer(nonce)}\r*\n", timeout)
        return nonce


class Prompt:
    """A busybox shell at its prompt; `end` is the Machine, for root, or a cell's Console."""

    def __init__(self, end, hostname):
        self.end = end
        self.hostname = hostname
        self.prompt = f"{hostname}# "

    def _type(self, text, timeout):
        """Types a line at the prompt; returns what came between its echo and the next prompt."""
        self.end.send(text + "\r")
        # The echo may hold escapes, so only its end of line is certain.
        self.end.expect(r"\r*\n", timeout)
        self.end.expect(re.escape(self.prompt), timeout)
        # A kernel's message may come anywhere, even inside a line, and is no answer.
        return KERNEL_LINE.sub("", plain(self.end.tty.before))

    def run(self, command, timeout=RUN_TIMEOUT):
        """Runs a command at the prompt, then asks the same shell for status, name and nonce."""
        output = self._type(command, timeout)
        nonce = new_nonce()
        text = self._type(f"echo $?:$(hostname):$(({nonce}*3+1))", timeout)
        proof = re.search(r"^(\d+):(\S*:\d+)$", text, re.M)
        if not proof:
            raise Failure(f"{command}: no exit status but {text!r}")
        return Result(command, output, int(proof[1]), nonce, proof[2])
