"""The sentence that ends each story can fail: a life in which something is wrong is noticed."""

from datetime import timedelta

import pytest
from django.db.models import F

from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import BillingPeriod, Subscription, SubscriptionItem
from tests.stories.teller import Life

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(life: Life) -> Life:
    """Three months on Team."""
    life.buys("team", seats=2)
    life.travels(days=70)
    life.ends_well()
    return life


def noticed(life: Life, words: str | None = None) -> None:
    with pytest.raises(AssertionError, match=words):
        life.ends_well()


def test_a_period_that_is_missing(lived: Life) -> None:
    rows = list(BillingPeriod.objects.order_by("period"))
    rows[1].delete()
    noticed(lived, "was not billed from")


def test_a_period_that_nobody_charged(lived: Life) -> None:
    held = lived.subscriptions()[0]
    end = held.period_end + timedelta(days=31)
    BillingPeriod.objects.create(subscription=held, period=(held.period_end, end))
    Subscription.objects.filter(pk=held.pk).update(period_start=held.period_end, period_end=end)
    noticed(lived, "its invoices, paid or pursued, cover 0")


def test_seats_that_nobody_paid(lived: Life) -> None:
    SubscriptionItem.objects.update(quantity=F("quantity") + 1)
    noticed(lived)


def test_a_renewal_that_is_forgotten(lived: Life) -> None:
    Due.objects.all().delete()
    noticed(lived)


def test_a_renewal_that_is_overdue(lived: Life) -> None:
    Due.objects.update(due_at=lived.now - timedelta(minutes=1))
    noticed(lived)


def test_a_receipt_that_was_never_written(lived: Life) -> None:
    Mail.objects.filter(kind="receipt").first().delete()  # type: ignore[union-attr]
    noticed(lived)


def test_an_invoice_that_is_called_paid(lived: Life) -> None:
    lived.card_fails()
    lived.travels(days=31)
    Invoice.objects.filter(state="open").update(state="paid")
    noticed(lived)
