"""Real workers that a test kills, and the card that keeps one busy at the bank."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import connection
from pytest_django.fixtures import Settings

from palier.interfaces.cli.worker import QUEUES
from palier.kit import clock
from palier_stack import leash
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox

SLOW_CARD: Final = "4000 0000 0000 6603"
SILENCE_SECONDS: Final = 3
PATIENCE_SECONDS: Final = 240
"""How long a test waits for what a worker does."""


@contextmanager
def bank_that_takes(seconds: float, settings: Settings, folder: Path) -> Iterator[SandboxProcess]:
    """A payment service of the test's own, whose slow card takes so long."""
    with running_sandbox(folder / "book", slow_seconds=seconds) as process:
        settings.PALIER_SANDBOX_URL = settings.PALIER_SANDBOX_PUBLIC_URL = process.url
        yield process


def books_are_not_examined() -> None:
    """No worker of this database examines the books in this hour or the next: its clock takes these turns for done.

    What a test begins with may break an invariant, or be on its way; and what breaks one is parked.
    """
    turn = int(clock.now().timestamp()) // 3600 * 3600 + 17 * 60
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp) "
            "VALUES ('examine_books', '', %s) ON CONFLICT DO NOTHING",
            [(turn + hours * 3600,) for hours in (-1, 0, 1, 2)],
        )


@contextmanager
def worker(
    database_url: str,
    bank: SandboxProcess,
    log: Path,
    *,
    silence: int = SILENCE_SECONDS,
    queues: Sequence[str] = QUEUES,
    more: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """``palier worker`` as an operator starts it, killed at the end. After ``silence`` seconds it is taken for dead.

    ``more``: further settings, by their names in the environment.
    """
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "PALIER_SANDBOX_URL": bank.url,
        "PALIER_SANDBOX_PUBLIC_URL": bank.url,
        "PALIER_SANDBOX_SECRET_KEY": bank.secret_key,
        "PALIER_SANDBOX_WEBHOOK_SECRET": bank.webhook_secret,
        "PALIER_WORKER_SILENCE_SECONDS": str(silence),
        "PYTHONPATH": str(world.ROOT / "src"),
        **(more or {}),
    }
    command = [sys.executable, "-m", "palier", "worker", "--queues", ",".join(queues)]
    with log.open("ab") as said:
        process = subprocess.Popen(
            command,
            cwd=world.ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            preexec_fn=leash.die_with_parent(signal.SIGKILL),
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
