"""A real worker is killed while the bank thinks: the next one takes its job, and the money is taken once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from palier.apps.orders.models import Quote
from palier.apps.payments.models import Payment
from palier.kit import clock
from tests import world
from tests.books import assert_balanced
from tests.faults.promises import assert_paid_once
from tests.faults.scenes import first_purchase
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SLOW_CARD = "4000 0000 0000 6603"
BANK_SECONDS = 6
SILENCE_SECONDS = 3
PATIENCE_SECONDS = 60


@pytest.fixture
def slow_bank(sandbox: SandboxProcess, settings: Settings, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A sandbox whose slow card takes some seconds."""
    with running_sandbox(tmp_path / "book", slow_seconds=BANK_SECONDS) as process:
        settings.PALIER_SANDBOX_URL = settings.PALIER_SANDBOX_PUBLIC_URL = process.url
        yield process


@contextmanager
def worker(database_url: str, bank: SandboxProcess, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``palier worker`` as an operator starts it, killed at the end."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "PALIER_SANDBOX_URL": bank.url,
        "PALIER_SANDBOX_PUBLIC_URL": bank.url,
        "PALIER_SANDBOX_SECRET_KEY": bank.secret_key,
        "PALIER_SANDBOX_WEBHOOK_SECRET": bank.webhook_secret,
        "PALIER_WORKER_SILENCE_SECONDS": str(SILENCE_SECONDS),
        "PYTHONPATH": str(world.ROOT / "src"),
    }
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "palier", "worker"], cwd=world.ROOT, env=environment, stdout=said, stderr=said
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def reached(quote: Quote, state: str) -> Callable[[], bool]:
    return lambda: Payment.objects.filter(order__quote=quote, state=state).exists()


def collecting(payment: Payment) -> ProcrastinateJob | None:
    return ProcrastinateJob.objects.filter(task_name="collect_payment", args__payment_id=payment.id).first()


def test_a_worker_killed_while_the_bank_thinks_is_followed_by_one_that_settles_once(
    slow_bank: SandboxProcess, database_url: str, tmp_path: Path
) -> None:
    kept = first_purchase(slow_bank).quote
    accepted = world.placed(slow_bank, kept, SLOW_CARD, now=clock.now())
    payment = accepted.payments.get()

    with worker(database_url, slow_bank, tmp_path / "first.log"):
        until(reached(kept, "sent"), "the charge to leave", seconds=PATIENCE_SECONDS)
        until(lambda: bool(slow_bank.book()["charges"]), "the charge to arrive")
    assert slow_bank.captured(payment.public_id) == 0, "the bank was quicker than the kill"
    left = collecting(payment)
    assert left is not None
    assert (left.status, left.attempts) == ("doing", 0)
    assert reached(kept, "sent")()

    with worker(database_url, slow_bank, tmp_path / "second.log"):
        until(
            lambda: collecting(payment) is None,
            "the dead worker's job to be done by the next one",
            seconds=PATIENCE_SECONDS,
        )
        until(reached(kept, "succeeded"), "the payment to be settled", seconds=PATIENCE_SECONDS)
    assert_paid_once(kept, slow_bank)
    assert_balanced(slow_bank)
