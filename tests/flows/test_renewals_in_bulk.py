"""A night with many: as few statements as for one, nobody stops the others, nothing done twice, no period skipped."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Account
from palier.apps.agenda.models import BillingChunk, BillingRun, Due, Failure
from palier.apps.chat import hours
from palier.apps.gateways.contract import Failed, Succeeded
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import BillingPeriod, Subscription, SubscriptionItem
from palier.flows import agenda, renew, renew_facts, settle
from tests import crowd, world
from tests.books import assert_balanced
from tests.crowd import Wish
from tests.together import together

JUNE = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
"""In the night of 1 June in Paris, after the anchors of the first of the month have come round."""


@pytest.fixture(autouse=True)
def prices(db: None) -> None:
    world.publish()


def many(count: int) -> list[int]:
    return crowd.subscribers([Wish(seats=n % 7 + 1, language="enfr"[n % 2 * 2 :][:2]) for n in range(count)])


def night(now: datetime = JUNE) -> BillingRun | None:
    """What the clock starts and the workers do."""
    run = renew.plan(now=now)
    if run is not None:
        for each in run.chunks.order_by("id"):
            renew.chunk(each.id, now=now)
    return run


def answered(*, paid: bool, now: datetime) -> None:
    """The gateway's word on every payment that waits."""
    for payment in Payment.objects.filter(state="started"):
        if paid:
            said = (payment.public_id, payment.amount_minor, payment.currency, payment.method.token)
            answer = Succeeded(f"ch_{payment.id}", *said)
        settle.payment(payment.id, answer if paid else Failed("insufficient_funds", f"ch_{payment.id}"), now=now)


def statements(subjects: list[int]) -> Counter[str]:
    with CaptureQueriesContext(connection) as heard:
        assert renew.these(subjects, now=JUNE) == len(subjects)
    return Counter(
        " ".join(query["sql"].split()[:3]) for query in heard.captured_queries if "SAVEPOINT" not in query["sql"]
    )


def test_as_many_statements_for_one_as_for_two_hundred() -> None:
    one, others = many(1), many(200)
    asked = statements(one)
    assert statements(others) == asked
    assert asked.total() == 19


def test_whether_an_account_owes_or_buys_is_asked_once_for_all() -> None:
    """Asked of each anew, a table that was empty when the planner counted it made a night ten times as long."""
    subjects = many(20)
    accounts = list(Account.objects.values_list("id", flat=True))
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"subjects": subjects, "accounts": accounts, "now": JUNE}
        cursor.execute(f"EXPLAIN (VERBOSE) {renew_facts._SUBSCRIPTIONS}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count("hashed SubPlan") == plan.count("\n  SubPlan") == 3


def test_a_run_of_several_chunks_renews_everybody_once() -> None:
    subjects = many(23)
    run = renew.plan(now=JUNE, size=10)
    assert run is not None
    assert [chunk.id for chunk in run.chunks.order_by("id")] == [run.id + place for place in (1, 2, 3)]
    for _repeated in range(2):
        for each in run.chunks.order_by("id"):
            renew.chunk(each.id, now=JUNE)
    assert list(run.chunks.order_by("id").values_list("renewed", "left")) == [(10, 0), (10, 0), (3, 0)]
    assert Invoice.objects.count() == BillingPeriod.objects.count() - 23 == len(subjects)
    assert BillingRun.objects.get().ended_at == JUNE
    assert_balanced()


def test_one_that_the_catalogue_refuses_does_not_stop_the_others() -> None:
    subjects = many(50)
    SubscriptionItem.objects.filter(subscription=subjects[17]).update(key="gone")
    night()
    assert Invoice.objects.count() == 49
    assert Failure.objects.get().subject == subjects[17]
    assert Due.objects.get(subject=subjects[17]).due_at == JUNE + renew.AGAIN


def test_one_that_the_database_refuses_does_not_stop_the_others() -> None:
    """Nothing told so before: its next period is billed already. It is found by halves."""
    subjects = many(50)
    end = Subscription.objects.get(pk=subjects[31]).period_end
    BillingPeriod.objects.create(subscription_id=subjects[31], period=(end, end + timedelta(days=1)))
    night()
    failure = Failure.objects.get()
    assert (failure.subject, failure.retry_at) == (subjects[31], JUNE + renew.AGAIN)
    said = 'IntegrityError: conflicting key value violates exclusion constraint "each_instant_billed_once"'
    assert failure.error == said  # and nothing of the row
    assert Invoice.objects.count() == 49
    assert_balanced(but=("I10", "I17"))  # the period that somebody else billed
    BillingPeriod.objects.filter(subscription=subjects[31], period__startswith=end).delete()
    night(JUNE + renew.AGAIN)
    assert Failure.objects.get().resolved_at is not None
    assert Invoice.objects.count() == 50


def test_the_odd_ones_among_many() -> None:
    subjects = many(30)
    canceled, unpaid, cardless = subjects[3], subjects[11], crowd.subscribers([Wish(card=False)])[0]
    Subscription.objects.get(pk=canceled).scheduled.create(
        kind="cancel", scheduled_at=world.NOON - timedelta(days=9), effective_at=JUNE - timedelta(days=1)
    )
    Subscription.objects.filter(pk=unpaid).update(state="past_due")
    night()
    assert Subscription.objects.get(pk=canceled).end_reason == "canceled"
    assert Subscription.objects.get(pk=cardless).state == "past_due"
    assert Invoice.objects.count() == 29
    assert Payment.objects.count() == 28
    assert not Failure.objects.exists()
    assert_balanced(but=("I10", "I23"))  # one was past due without an invoice, and no fact told of it


@pytest.mark.parametrize(
    ("anchor", "interval", "ends"),
    [
        (crowd.ANCHORS[0], "month", ["2026-06-30", "2026-07-31", "2026-08-31"]),
        (crowd.ANCHORS[1], "month", ["2026-06-28", "2026-07-28", "2026-08-28"]),
        (crowd.ANCHORS[2], "month", ["2026-06-30", "2026-07-31", "2026-08-31"]),
        (crowd.ANCHORS[3], "year", ["2027-02-28", "2028-02-29", "2029-02-28"]),
        (crowd.ANCHORS[5], "month", ["2026-06-26", "2026-07-26", "2026-08-26"]),
    ],
)
def test_after_an_outage_each_missed_period_is_billed_once_and_in_order(
    anchor: datetime, interval: str, ends: list[str]
) -> None:
    """Whatever the calendar does: each edge comes from the anchor."""
    (subject,) = crowd.subscribers([Wish(anchor=anchor, interval=interval, renews_after=JUNE - timedelta(days=20))])
    last = datetime.fromisoformat(ends[-1]).replace(tzinfo=UTC)
    back = last - timedelta(days=3)
    for turn in range(6):
        now = back + turn * renew.SETTLING
        night(now)
        answered(paid=True, now=now)
    periods = [billed.period for billed in BillingPeriod.objects.filter(subscription=subject).order_by("period")]
    assert [f"{billed.upper.astimezone(crowd.PARIS):%Y-%m-%d}" for billed in periods][-3:] == ends
    assert all(one.upper == other.lower for one, other in pairwise(periods))
    assert Invoice.objects.count() == len(periods) - 1
    assert set(Invoice.objects.values_list("state", flat=True)) == {"paid"}


def test_after_an_outage_nobody_is_charged_for_two_periods_at_a_time() -> None:
    many(1)
    back = JUNE + timedelta(days=75)
    for minute in range(5):
        night(back + timedelta(minutes=minute))
    assert Payment.objects.count() == Invoice.objects.count() == 1
    answered(paid=True, now=back + timedelta(minutes=6))
    night(back + renew.SETTLING + timedelta(minutes=6))
    assert Invoice.objects.count() == 2


def test_after_an_outage_a_failed_card_has_its_days_of_grace() -> None:
    """The debt is a few minutes old, whatever the calendar says."""
    (subject,) = many(1)
    back = JUNE + timedelta(days=75)
    night(back)
    answered(paid=False, now=back)
    night(back + renew.SETTLING)
    held = Subscription.objects.get(pk=subject)
    assert (held.state, Invoice.objects.count()) == ("past_due", 1)


def test_an_account_that_travels_is_left_to_its_own_time() -> None:
    subjects = many(2)
    traveller = Subscription.objects.get(pk=subjects[0]).account_id
    Account.objects.filter(pk=traveller).update(sandbox=True, clock_ahead=timedelta(days=5))
    run = night()
    assert run is not None
    assert run.planned == 1
    agenda.work_off(Due.objects.get(subject=subjects[0]).id, now=JUNE)
    issued = Invoice.objects.get(account=traveller)
    assert (issued.issued_at, issued.sequence) == (JUNE + timedelta(days=5), 1)
    assert issued.series_id.startswith("TEST-")
    assert_balanced()


# With real connections.


@pytest.mark.django_db(transaction=True)
def test_who_is_held_by_somebody_is_left_for_the_next_run() -> None:
    subjects = many(9)
    held = Subscription.objects.get(pk=subjects[4])
    outcome: list[BillingRun | None] = []

    def others() -> None:
        outcome.append(night())
        connection.close()

    with transaction.atomic():
        Account.objects.locked(held.account_id)
        worker = Thread(target=others)
        worker.start()
        worker.join(timeout=240)
    assert BillingChunk.objects.values_list("renewed", "left").get() == (8, 1)
    assert not Invoice.objects.filter(account=held.account_id).exists()
    night(JUNE + timedelta(minutes=1))
    assert Invoice.objects.filter(account=held.account_id).exists()
    assert_balanced()


@pytest.mark.django_db(transaction=True)
def test_two_clocks_plan_one_run_and_two_workers_renew_once() -> None:
    many(12)
    runs = together([lambda: renew.plan(now=JUNE, size=4) for _ in range(4)])
    assert BillingRun.objects.count() == 1
    assert any(run is not None for run in runs)
    chunks = list(BillingChunk.objects.values_list("id", flat=True))
    together([lambda chunk=chunk: renew.chunk(chunk, now=JUNE) for chunk in chunks * 2])  # type: ignore[misc]
    for chunk in chunks:  # whoever lost the claim leaves the end to the winner
        renew.chunk(chunk, now=JUNE)
    assert Invoice.objects.count() == 12
    assert sum(BillingChunk.objects.values_list("renewed", flat=True)) == 12
    assert_balanced()


@pytest.mark.django_db(transaction=True)
def test_a_night_is_planned_while_somebody_saves_the_opening_hours() -> None:
    many(1)
    with transaction.atomic():
        hours.replace([])
        [run] = together([lambda: renew.plan(now=JUNE)])
    assert isinstance(run, BillingRun)
