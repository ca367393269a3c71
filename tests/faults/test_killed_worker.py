"""A real worker is killed, or loses its database, while the bank thinks: its job is done again, and the money is taken
once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from palier.apps.orders.models import Quote
from palier.apps.payments.models import Payment
from palier.kit import clock
from tests import world
from tests.books import assert_balanced
from tests.faults.promises import assert_paid_once
from tests.faults.proxy import link_to
from tests.faults.scenes import first_purchase
from tests.faults.workers import PATIENCE_SECONDS, SLOW_CARD, bank_that_takes, worker
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess

BANK_SECONDS = 6
A_LONG_SILENCE = 600
"""Nobody who waits for a worker to be taken for dead comes to its job in the time of a test."""


@pytest.fixture
def slow_bank(sandbox: SandboxProcess, settings: Settings, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A sandbox whose slow card takes some seconds."""
    with bank_that_takes(BANK_SECONDS, settings, tmp_path) as process:
        yield process


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


def test_a_worker_whose_database_goes_away_outlives_it_and_takes_up_what_it_had_begun(
    slow_bank: SandboxProcess, database_url: str, tmp_path: Path
) -> None:
    kept = first_purchase(slow_bank).quote
    payment = world.placed(slow_bank, kept, SLOW_CARD, now=clock.now()).payments.get()
    server, log = urlsplit(database_url), tmp_path / "worker.log"
    assert server.port is not None
    with link_to("127.0.0.1", server.port, "postgres") as link:
        by_way_of_it = database_url.replace(f":{server.port}/", f":{link.port}/")
        with worker(by_way_of_it, slow_bank, log, silence=A_LONG_SILENCE) as process:
            until(reached(kept, "sent"), "the charge to leave", seconds=PATIENCE_SECONDS)
            with link.away():
                until(lambda: "the database went away" in log.read_text(), "the round to end", seconds=PATIENCE_SECONDS)
                left = collecting(payment)
                assert left is not None
                assert left.status == "doing"
            until(reached(kept, "succeeded"), "the payment to be settled", seconds=PATIENCE_SECONDS)
            until(lambda: collecting(payment) is None, "its job to be done", seconds=PATIENCE_SECONDS)
            assert process.poll() is None
    assert_paid_once(kept, slow_bank)
    assert_balanced(slow_bank)
