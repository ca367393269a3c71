"""Programs that run together: started, awaited by a condition, watched, stopped in reverse order."""

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from palier_stack import leash
from palier_stack.errors import StackError

READY_SECONDS = 90
STOP_SECONDS = 15
LAST_LINES = 15


@dataclass(eq=False)
class Program:
    """One child process. Its output goes to its own log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it in a session of its own: Ctrl-C reaches us, and we stop it in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=leash.die_with_parent(signal.SIGTERM),
            )

    def wait_ready(self, deadline: float) -> None:
        """Returns when the readiness condition holds.

        :raises StackError: with the last log lines, when the program ended or the time is over.
        """
        while not self.ready():
            if self.process is None or self.process.poll() is not None:
                raise StackError(self.epitaph())
            if time.monotonic() > deadline:
                raise StackError(f"The {self.name} is not ready in time. The end of {self.log}:\n{self.last_lines()}")
            time.sleep(0.03)

    def stop(self) -> None:
        """Asks it to end, and ends it with all its own children when it does not."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_lines(self) -> str:
        """The end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join("  " + line for line in self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def epitaph(self) -> str:
        """Says that it ended, how, and what it said last."""
        code = self.process.returncode if self.process else None
        return f"The {self.name} ended by itself (status {code}). The end of {self.log}:\n{self.last_lines()}"


@dataclass
class Company:
    """The programs of one stack, in the order of their start."""

    programs: list[Program] = field(default_factory=list)

    def start(self, *programs: Program) -> None:
        """Starts the programs side by side and returns when all are ready."""
        for program in programs:
            self.programs.append(program)
            program.start()
        deadline = time.monotonic() + READY_SECONDS
        for program in programs:
            program.wait_ready(deadline)

    def watch(self) -> None:
        """Blocks until one of the programs ends by itself.

        :raises StackError: with its last log lines.
        """
        ended: queue.Queue[Program] = queue.Queue()
        for program in self.programs:
            threading.Thread(target=_await_end, args=(program, ended), daemon=True).start()
        raise StackError(ended.get().epitaph())

    def stop(self) -> None:
        """Stops all, the last started first."""
        for program in reversed(self.programs):
            program.stop()
        self.programs.clear()


@contextmanager
def company() -> Iterator[Company]:
    """A company for the time of a `with` block."""
    together = Company()
    try:
        yield together
    finally:
        together.stop()


def _await_end(program: Program, ended: "queue.Queue[Program]") -> None:
    if program.process is not None:
        program.process.wait()
        ended.put(program)


class Interrupted(Exception):
    """The terminal was closed, or somebody asked us to end."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP unwind the program, so that every `finally` runs.

    Ctrl-C too is set by hand: a program started in the background of a script inherits it as ignored.
    """

    def unwind(number: int, _frame: object) -> None:
        raise Interrupted(signal.Signals(number).name)

    before = {sign: signal.signal(sign, unwind) for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
