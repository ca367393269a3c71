"""Programs that run together: awaited by a condition, watched, stopped in order, and honest when one dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from palier_stack import leash
from palier_stack.errors import StackError
from palier_stack.processes import Company, Program, company
from tests.live_stack import until

LIVES = "import signal, sys; print('up', flush=True); signal.pause()"
LOGS_ITS_END = """
import signal, sys
def end(*_):
    print('ended', flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('up', flush=True)
while True: signal.pause()
"""
DIES = "import sys; print('starting'); print('no such table: orders'); sys.exit(3)"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)


def program(name: str, code: str, folder: Path) -> Program:
    log = folder / f"{name}.log"
    return Program(
        name, [sys.executable, "-c", code], os.environ, log, lambda: log.exists() and "up" in log.read_text()
    )


def test_start_returns_when_all_are_ready_and_stop_ends_the_last_first(tmp_path: Path) -> None:
    first, second = program("first", LOGS_ITS_END, tmp_path), program("second", LOGS_ITS_END, tmp_path)
    with company() as together:
        together.start(first, second)
        assert "up" in first.last_lines()
    assert "ended" in first.last_lines()
    ends = [(tmp_path / f"{name}.log").stat().st_mtime_ns for name in ("second", "first")]
    assert ends == sorted(ends)


def test_a_program_that_dies_at_its_start_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with (
        company() as together,
        pytest.raises(StackError, match=r"(?s)The worker ended by itself \(status 3\).*no such table"),
    ):
        together.start(program("worker", DIES, tmp_path))


def test_a_program_that_dies_later_is_reported_too_and_the_others_are_stopped(tmp_path: Path) -> None:
    together = Company()
    web, worker = program("web", LIVES, tmp_path), program("worker", LIVES, tmp_path)
    together.start(web, worker)
    assert worker.process is not None
    threading.Timer(0.1, worker.process.kill).start()
    try:
        with pytest.raises(StackError, match="worker ended by itself"):
            together.watch()
    finally:
        together.stop()
    assert web.process is not None
    assert web.process.returncode == -signal.SIGTERM


def test_a_program_that_never_gets_ready_is_named(tmp_path: Path) -> None:
    silent = Program("silent", [sys.executable, "-c", LIVES], os.environ, tmp_path / "log", lambda: False)
    silent.start()
    try:
        with pytest.raises(StackError, match="The silent is not ready in time"):
            silent.wait_ready(time.monotonic() + 0.3)
    finally:
        silent.stop()


def test_a_stubborn_program_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palier_stack.processes.STOP_SECONDS", 0.2)
    stubborn = program("stubborn", STUBBORN, tmp_path)
    with company() as together:
        together.start(stubborn)
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_supervisor_leaves_no_program_behind(tmp_path: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
from palier_stack.processes import Company, Program
log = Path({str(tmp_path / "child.log")!r})
child = Program("child", [sys.executable, "-c", {LIVES!r}], os.environ, log, lambda: "up" in log.read_text())
Company().start(child)
print(child.process.pid, flush=True)
sys.stdin.read()
"""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    assert supervisor.stdin is not None
    with supervisor.stdout, supervisor.stdin:
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
        supervisor.wait()
    until(lambda: not leash.runs(pid, []), "the end of the child")
