"""A real worker is killed in the middle of a journey through time: the next one goes on where it was."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Travel
from palier.apps.payments.models import Payment
from palier.flows import travel
from palier.kit import clock
from tests.faults.workers import PATIENCE_SECONDS, SLOW_CARD, bank_that_takes, books_are_not_examined, worker
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess
from tests.stories.teller import Life

BANK_SECONDS = 1


@pytest.fixture
def slow_bank(sandbox: SandboxProcess, settings: Settings, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A sandbox whose slow card takes a second."""
    with bank_that_takes(BANK_SECONDS, settings, tmp_path) as process:
        yield process


def test_a_journey_whose_worker_is_killed_is_ended_by_the_next_one(
    slow_bank: SandboxProcess, database_url: str, tmp_path: Path
) -> None:
    life = Life(slow_bank, clock.now())
    life.buys("team", seats=1, with_card=SLOW_CARD)
    target = clock.now() + timedelta(days=125)
    books_are_not_examined()  # between a death and its rescue they differ
    journey = travel.depart(life.account, target, now=clock.now())

    with worker(database_url, slow_bank, tmp_path / "first.log"):
        until(
            lambda: Payment.objects.filter(state="sent", invoice__isnull=False).exists(),
            "the first renewal to be charged",
            seconds=PATIENCE_SECONDS,
        )
    assert Travel.objects.get().state == "travelling"

    with worker(database_url, slow_bank, tmp_path / "second.log"):
        until(
            lambda: Travel.objects.filter(pk=journey.pk, state="arrived").exists(),
            "the journey to end",
            seconds=PATIENCE_SECONDS,
        )
    assert len(life.invoices) == 5
    assert [invoice.state for invoice in life.invoices] == ["paid"] * 5
    assert life.account.clock_ahead >= timedelta(days=124)
    life.ends_well()
