"""Workers are shot in the middle of a night's renewals: none is missed, none is billed twice, nothing is stuck."""

import random
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db.models import Count

from palier.apps.agenda.models import BillingRun, Due
from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment, PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.flows import renew
from tests import crowd, world
from tests.books import assert_balanced
from tests.crowd import Wish
from tests.faults.crash import the_dead_let_go
from tests.faults.lives import SEED
from tests.faults.theatre import Theatre
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess

JUNE = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
NIGHTS, CROWD, SHOTS = sized((1, 2_000, 12), (10, 10_000, 6), (50, 20_000, 5))
"""How many nights, how many subscribers are due in each, and how many of its workers are shot at the least."""

CHUNK = 50
CARDS = 40
"""As many of them are charged as well, by workers that are shot; the payments of the others wait in the queue."""


@pytest.mark.parametrize("night", range(NIGHTS))
def test_a_night_with_its_workers_shot_is_the_night_without(
    night: int, stage: Theatre, sandbox: SandboxProcess
) -> None:
    chance = random.Random(f"{SEED}/{night}")
    subjects = crowd.subscribers([Wish(seats=n % 9 + 1) for n in range(CROWD)])
    renew.plan(now=JUNE, size=CHUNK)
    shot = 0
    while shot < SHOTS:
        assert BillingRun.objects.filter(ended_at=None).exists(), f"the night was over after {shot} shots"
        shot += stage.perform("renew_all", die_at=chance.randrange(20, 180), at=JUNE.isoformat()).killed
        the_dead_let_go()
    assert not stage.perform("renew_all", at=JUNE.isoformat()).killed
    assert_all_renewed_once(subjects)
    shot += charged_with_shots(subjects[:CARDS], chance, stage, sandbox)
    assert_balanced()
    happened("renewals", len(subjects), seed=SEED, night=night)
    happened("renewal_kills", shot, seed=SEED, night=night)
    happened("random_kills", shot, seed=SEED, story="renewals")


def assert_all_renewed_once(subjects: list[int]) -> None:
    """Each has one period, one invoice and one payment more, and its next date; nothing of the run is left."""
    mine = Subscription.objects.filter(pk__in=subjects)
    assert mine.filter(period_start__lte=JUNE, period_end__gt=JUNE).count() == len(subjects), "missed"
    assert _counts(BillingPeriod.objects.filter(subscription__in=subjects), "subscription") == {2}, "billed twice"
    invoices, payments = Invoice.objects.all(), Payment.objects.all()
    assert (invoices.count(), _counts(invoices, "account")) == (len(subjects), {1}), "invoiced other than once"
    assert (payments.count(), _counts(payments, "invoice")) == (len(subjects), {1}), "to be paid other than once"
    dates = Due.objects.filter(kind="renewal", subject__in=subjects)
    assert dates.filter(due_at__gt=JUNE).count() == dates.count() == len(subjects), "a date is missing"
    assert not BillingRun.objects.filter(ended_at=None).exists(), "the run is stuck"


def _counts(rows: object, by: str) -> set[int]:
    grouped = rows.values(by).annotate(times=Count("id"))  # type: ignore[attr-defined]
    return {row["times"] for row in grouped}


def charged_with_shots(subjects: list[int], chance: random.Random, stage: Theatre, sandbox: SandboxProcess) -> int:
    """Some of them pay by card, and a worker is shot again and again meanwhile; returns how often."""
    accounts = list(Subscription.objects.filter(pk__in=subjects).values_list("account", flat=True))
    tokens = {account: _card_of(account, sandbox) for account in accounts}
    owed = Payment.objects.filter(account__in=accounts).order_by("id")
    waiting, shot = list(owed.values_list("id", flat=True)), 0
    for first in range(0, len(waiting), 4):
        lane = waiting[first : first + 4]
        shot += stage.perform("charge_these", die_at=chance.randrange(150), payments=lane, at=JUNE.isoformat()).killed
        the_dead_let_go()
        for _turn in range(2):  # the next worker, and the clock for whoever was sent and not answered
            assert not stage.perform("charge_these", payments=lane, at=JUNE.isoformat()).killed
    for payment in owed:
        taken = [row["amount_minor"] for row in sandbox.book_of([tokens[payment.account_id]])["charges"]]
        assert (taken, payment.state) == ([payment.amount_minor], "succeeded"), "charged other than once, or stuck"
    receipts = Mail.objects.filter(account_id__in=accounts, kind="receipt")
    assert receipts.count() == len(accounts), "told other than once"
    return shot


def _card_of(account: int, sandbox: SandboxProcess) -> str:
    """A card that the payment service knows takes the place of the one on file."""
    reference = f"renewals.{account}"
    fields = gateway().card_fields_url(reference, locale="en", parent_origin=settings.BASE_URL)
    assert sandbox.type_card(fields, world.GOOD).status_code in (200, 303)
    typed = gateway().card_from_fields(reference)
    assert typed is not None
    PaymentMethod.objects.filter(account=account).update(token=typed.token)
    return typed.token
