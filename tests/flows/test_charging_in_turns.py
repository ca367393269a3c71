"""Renewals are charged from their own queue: in order, at the seller’s pace, each once, behind who is at the screen."""

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from palier.apps.agenda.models import Due
from palier.apps.payments.models import Payment
from palier.flows import charge, collect, renew
from palier.interfaces.worker import tasks
from palier.kit import clock
from tests import crowd, world
from tests.books import assert_balanced
from tests.crowd import Wish
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db

JULY = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def due(cast: Cast, sandbox: SandboxProcess, settings: Settings) -> list[Payment]:
    """Two subscribers with real cards whose renewals are written and not charged; one lane."""
    settings.PALIER_CHARGE_LANES = 1
    world.bought(sandbox, cast.owner)
    world.bought(sandbox, cast.stranger)
    now = clock.now() - timedelta(minutes=5)
    renewed_at(now)
    return list(charge.queue())


def renewed_at(now: datetime) -> None:
    Due.objects.update(due_at=now)
    assert renew.these(list(Due.objects.values_list("subject", flat=True)), now=now) == 2


def states() -> list[str]:
    return list(Payment.objects.filter(invoice__isnull=False).order_by("id").values_list("state", flat=True))


def test_they_are_sent_in_order_at_the_pace_of_the_setting(
    due: list[Payment], sandbox: SandboxProcess, settings: Settings
) -> None:
    settings.PALIER_CHARGES_PER_SECOND = 0.5  # one of each turn of two seconds
    assert charge.turn(0) == [due[0].id]
    tasks.charge_lane(0)
    assert states() == ["succeeded", "started"]
    tasks.charge_lane(0)
    assert states() == ["succeeded", "succeeded"]
    assert charge.turn(0) == []
    assert_balanced(sandbox)


def test_lanes_share_the_queue(due: list[Payment], settings: Settings) -> None:
    settings.PALIER_CHARGE_LANES = 3
    settings.PALIER_CHARGES_PER_SECOND = 30
    shares = [charge.turn(lane) for lane in range(3)]
    assert sorted(payment for share in shares for payment in share) == [payment.id for payment in due]


def test_a_gateway_that_is_away_is_asked_one_at_a_time(due: list[Payment], sandbox: SandboxProcess) -> None:
    sandbox.fault("timeout_after_capture")
    tasks.charge_lane(0)
    assert states() == ["unknown", "started"]
    assert charge.turn(0) == [due[1].id]
    tasks.charge_lane(0)
    world.looked_after(now=clock.now() + timedelta(minutes=2))
    assert states() == ["succeeded", "succeeded"]
    assert_balanced(sandbox)


def test_the_renewal_writes_no_job_and_the_clock_wakes_each_lane_once(due: list[Payment], settings: Settings) -> None:
    jobs = ProcrastinateJob.objects.filter(task_name__in=("charge_lane", "collect_payment"), status="todo")
    before = set(jobs.values_list("id", flat=True))
    assert not jobs.filter(args__payment_id__in=[payment.id for payment in due]).exists()
    settings.PALIER_CHARGE_LANES = 2
    for _tick in range(3):
        charge.wake()
    woken = jobs.exclude(id__in=before)
    assert sorted(woken.values_list("args__lane", "priority")) == [(0, -1), (1, -1)]


def test_who_is_at_the_screen_is_not_in_the_queue(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    assert accepted.payments.get().state == "started"
    assert not charge.queue().exists()
    assert charge.wake() == 0


def test_the_queue_is_not_asked_about_before_it_is_sent(cast: Cast) -> None:
    """Thousands may wait for hours: nothing is unknown about them."""
    subjects = crowd.subscribers([Wish() for _ in range(3)])
    assert renew.these(subjects, now=NOON) == 3
    assert collect.unknown(now=NOON + timedelta(hours=2)) == 0
    assert charge.queue().count() == 3
