"""A night of renewals to play with: a few subscribers who are due, and how each of them stands after it."""

from dataclasses import replace
from datetime import UTC, datetime

from palier.apps.agenda.models import BillingChunk, BillingRun, Due
from palier.apps.events.actions import record
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.flows import renew
from tests import crowd
from tests.crowd import Wish

JUNE = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
A_YEAR_AGO = datetime(2025, 6, 1, tzinfo=crowd.PARIS)


def planned(count: int = 3) -> BillingChunk:
    """A few subscribers are due, in one chunk: with a step down that waits, paid by the year, without a card."""
    wishes = [Wish(seats=n + 1) for n in range(count - 2)] + [
        Wish(interval="year", anchor=A_YEAR_AGO, renews_after=A_YEAR_AGO)
    ]
    subjects = crowd.subscribers([*wishes, replace(wishes[0], card=False)])
    held = Subscription.objects.get(pk=subjects[0])
    owner = held.account.members.get(role="owner")
    change = subscriptions.schedule(held, "seats", quantity=9, member=owner, now=held.period_start)
    record(held.account_id, "change.scheduled", by=owner.author, now=held.period_start, change=change.public_id)
    run = renew.plan(now=JUNE)
    assert run is not None
    return run.chunks.get()


def assert_renewed_once(subjects: list[int]) -> None:
    """One period, one invoice, one way to be paid, the next date; nothing left of the run."""
    for held in Subscription.objects.filter(pk__in=subjects):
        assert held.period_start <= JUNE < held.period_end
        assert BillingPeriod.objects.filter(subscription=held).count() == 2
        invoice = Invoice.objects.get(account=held.account_id)
        asked = Payment.objects.filter(invoice=invoice).count()
        told = Mail.objects.filter(account_id=held.account_id, kind="payment_failed").count()
        assert (asked, told) in [(1, 0), (0, 1)]
        assert Due.objects.get(kind="renewal", subject=held.id).due_at == held.period_end
    assert not BillingRun.objects.filter(ended_at=None).exists()
