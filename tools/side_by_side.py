"""Groups of tests beside each other: each a pytest of its own, with its own PostgreSQL and payment service."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
SECONDS_BETWEEN_WORDS = 60
AT_ONCE = 5
"""More than the cores: whoever waits for a bank, a disk or a page leaves a core to another."""

Running = dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]]


def run(groups: Mapping[str, list[str]], options: list[str], environment: Mapping[str, str]) -> int:
    """0 when all is well; prints each group as it ends, and meanwhile what goes on. ``AT_ONCE`` run beside each other,
    the first are started first."""
    began = said_at = time.monotonic()
    waiting = list(groups)
    running: Running = {}
    worst = 0
    while running or waiting:
        while waiting and len(running) < AT_ONCE:
            name = waiting.pop(0)
            running[name] = _start(groups[name], options, environment)
        for name, (process, output) in list(running.items()):
            try:
                status = process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
            output.seek(0)
            print(f"\n{output.read().decode(errors='replace')}", flush=True)
            print(f"{name}: {'passed' if status == 0 else 'FAILED'} after {time.monotonic() - began:.0f} s", flush=True)
            worst = max(worst, abs(status))
            del running[name]
        if running and time.monotonic() - said_at > SECONDS_BETWEEN_WORDS:
            said_at = time.monotonic()
            still = f", then {', '.join(waiting)}" if waiting else ""
            print(f"... {said_at - began:.0f} s: {', '.join(running)}{still}", flush=True)
    return worst


def _start(
    folders: list[str], options: list[str], environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """One group, its output kept until it ends."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 - read once the process has ended
    command = [sys.executable, "-m", "pytest", *options, *folders]
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
    )
    return process, output
