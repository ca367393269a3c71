"""An answer about a payment that is missing: an error soon where the gateway answers others, none while it is away."""

from datetime import datetime, timedelta

import pytest

from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows import doctor
from palier.kit import clock
from tests import world
from tests.flows.test_doctor import codes
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_an_attempt_that_nobody_resolves_is_found(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish()
    now = clock.now()
    sandbox.fault("timeout_after_capture")
    kept = world.quoted(cast.owner, "team", "month", 5, now=now)
    world.collected(world.placed(sandbox, kept, now=now), now=now)
    assert codes(patience=timedelta(hours=1)) == set()
    assert "I08" in codes(now=now + timedelta(hours=2), patience=timedelta(hours=1))


def left_unanswered(cast: Cast, sandbox: SandboxProcess, *, asked_ago: timedelta) -> datetime:
    """A first purchase of half an hour ago whose answer was lost; when it was asked about last. Returns the present."""
    world.publish()
    now = clock.now()
    sandbox.fault("timeout_after_capture")
    kept = world.quoted(cast.owner, "team", "month", 5, now=now)
    assert world.collected(world.placed(sandbox, kept, now=now), now=now).state == "unknown"
    Payment.objects.update(started_at=now - 30 * MINUTE, asked_at=now - asked_ago)
    return now


def answered(cast: Cast, now: datetime, *minutes_ago: int) -> None:
    """The gateway has ended other payments so many minutes ago."""
    order = Order.objects.get()
    silent = Payment.objects.get()
    for number, minutes in enumerate(minutes_ago, start=1):
        Payment(
            account=order.account,
            order=order,
            attempt=silent.attempt + number,
            method=silent.method,
            amount_minor=silent.amount_minor,
            currency=silent.currency,
            quote_digest=silent.quote_digest,
            state="failed",
            reason="declined",
            gateway_id=f"ch_{number}",
            started_at=now - minutes * MINUTE,
            sent_at=now - minutes * MINUTE,
            asked_at=now - minutes * MINUTE,
            resolved_at=now - minutes * MINUTE,
        ).save(force_insert=True)


def test_an_answer_that_is_missing_while_others_come_is_found_after_a_quarter_of_an_hour(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    now = left_unanswered(cast, sandbox, asked_ago=4 * MINUTE)
    answered(cast, now, 14, 7, 2)
    assert codes(now=now) == {"I08"}
    Payment.objects.filter(state="unknown").update(started_at=now - 14 * MINUTE)
    assert codes(now=now) == set(), "a quarter of an hour is not over"


@pytest.mark.parametrize("minutes_ago", [(), (40, 20), (3, 2, 1), (14, 13, 8), (14, 2)])
def test_a_gateway_that_is_away_or_just_back_is_no_fault_of_ours(
    cast: Cast, sandbox: SandboxProcess, minutes_ago: tuple[int, ...]
) -> None:
    now = left_unanswered(cast, sandbox, asked_ago=4 * MINUTE)
    answered(cast, now, *minutes_ago)
    assert codes(now=now) == set()
    Payment.objects.filter(state="unknown").update(started_at=now - 25 * 60 * MINUTE)
    assert codes(now=now) == {"I08"}, "a person looks after a day"


def test_a_payment_that_nobody_asks_about_is_found_after_a_quarter_of_an_hour(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    now = left_unanswered(cast, sandbox, asked_ago=16 * MINUTE)
    (found,) = doctor.examine(now=now, with_the_gateway=False).breaches
    assert (found.code, found.account_id) == ("I08", None), "that is no fault of the account's"
    assert "no payment is asked about any more" in found.fact
