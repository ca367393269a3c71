"""What is paid for is had, and money for a part of a period is what the engine makes of it: each breach is found."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import Subscription
from palier.flows import charge, collect, doctor, renew
from palier.flows.invariants import Look, entitlements, proration
from palier.kit import clock
from tests import world
from tests.flows.by_hand import by_hand
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

pytestmark = pytest.mark.django_db

TEN_DAYS = timedelta(days=10)


@pytest.fixture
def changed(cast: Cast, sandbox: SandboxProcess) -> Order:
    """Team for five, bought ten days ago; Business for six since now: credits and charges for a part of the period."""
    world.publish()
    now = clock.now()
    world.bought(sandbox, cast.owner, now=now - TEN_DAYS)
    return world.bought(sandbox, cast.owner, "business", seats=6, now=now)


@pytest.fixture
def renewed(cast: Cast, sandbox: SandboxProcess) -> Invoice:
    """Team for five, bought 40 days ago, renewed and paid when its month was over."""
    world.publish()
    world.bought(sandbox, cast.owner, now=clock.now() - timedelta(days=40))
    held = Subscription.objects.get()
    then = held.period_end + timedelta(minutes=5)
    assert renew.these([held.id], now=then) == 1
    collect.payment(charge.queue().get().id, now=then)
    return Invoice.objects.get(order=None, state="paid")


def found(code: str, *, now: datetime | None = None) -> list[str]:
    """The facts of an invariant."""
    breaches = doctor.examine(now=now or clock.now(), with_the_gateway=False).breaches
    return [one.fact for one in breaches if one.code == code]


def ended_without_a_word() -> None:
    by_hand("UPDATE subscriptions_subscription SET state = 'ended', ended_at = now(), version = version + 1")


NOT_HELD: dict[str, Callable[[], object]] = {
    "ended without a word": ended_without_a_word,
    "fewer seats": lambda: by_hand("UPDATE subscriptions_subscriptionitem SET quantity = 4 WHERE kind = 'plan'"),
    "another plan": lambda: by_hand("UPDATE subscriptions_subscriptionitem SET key = 'starter' WHERE kind = 'plan'"),
}


def test_what_was_changed_in_a_period_breaks_nothing(changed: Order) -> None:
    assert found("I11") == found("I18") == []


def test_what_was_renewed_breaks_nothing(renewed: Invoice) -> None:
    assert found("I11") == found("I18") == []


@pytest.mark.parametrize("how", NOT_HELD)
def test_an_order_that_is_paid_and_whose_seats_are_not_held_is_found(changed: Order, how: str) -> None:
    NOT_HELD[how]()
    assert found("I11") == ["paid for 6 seats of business by the month, which are not held"]


@pytest.mark.parametrize("how", NOT_HELD)
def test_a_renewal_that_is_paid_and_whose_seats_are_not_held_is_found(renewed: Invoice, how: str) -> None:
    NOT_HELD[how]()
    assert found("I11") == ["is paid for 5 seats of team, which are not held"]


@pytest.mark.parametrize("reason", ["canceled", "unpaid"])
def test_what_ended_with_a_written_reason_is_not_missed(changed: Order, reason: str) -> None:
    subscriptions.end(Subscription.objects.get(), reason, at=clock.now())
    assert found("I11") == []


def test_what_was_paid_for_a_period_that_is_over_is_not_missed(changed: Order) -> None:
    over = Subscription.objects.get().period_end
    ended_without_a_word()
    assert found("I11", now=over - timedelta(minutes=1))
    assert found("I11", now=over) == []


def test_a_line_that_is_not_what_was_promised_is_found(changed: Order) -> None:
    by_hand("UPDATE invoices_invoiceline SET amount_minor = amount_minor + 1 WHERE position = 2")
    facts = found("I18")
    assert "was invoiced in other lines than it promised" in facts
    assert any("where the engine makes" in fact for fact in facts)


def test_a_promise_that_the_engine_would_not_make_is_found(changed: Order) -> None:
    """Promise and invoice agree, and both count another number of days."""
    quote = Quote.objects.get(order=changed)
    for line in quote.draft["lines"]:
        line["units"] += 1
    Quote.objects.filter(pk=quote.pk).update(draft=quote.draft)
    by_hand(
        "UPDATE invoices_invoiceline SET detail = jsonb_set(detail, '{units}',"
        f" to_jsonb((detail ->> 'units')::int + 1)) WHERE invoice_id = {changed.invoice_id}"
    )
    facts = found("I18")
    assert len(facts) == len(quote.draft["lines"])
    assert all("where the engine makes" in fact for fact in facts)


def test_a_stored_line_that_cannot_be_read_is_found(changed: Order) -> None:
    by_hand("UPDATE invoices_invoiceline SET detail = detail - 'quantity' WHERE kind = 'credit'")
    assert any("where the engine makes nothing" in fact for fact in found("I18"))


def test_a_whole_period_at_another_price_is_found(renewed: Invoice) -> None:
    by_hand("UPDATE invoices_invoiceline SET unit_minor = unit_minor - 1")
    assert any("and a whole period" in fact for fact in found("I18"))


def test_a_credit_for_more_than_its_line_charged_is_found(changed: Order) -> None:
    by_hand(
        "UPDATE invoices_invoiceline SET detail = jsonb_set(detail, '{paid_minor}', '999999') WHERE kind = 'credit'"
    )
    assert any("that it takes for one of 999999" in fact for fact in found("I18"))


def test_a_credit_for_time_that_was_not_charged_is_found(changed: Order) -> None:
    by_hand("UPDATE invoices_invoiceline SET period_end = period_end + interval '1 day' WHERE kind = 'credit'")
    assert "gives back time that it did not charge" in found("I18")


def test_the_number_of_statements_does_not_grow_with_the_orders(
    changed: Order, cast: Cast, sandbox: SandboxProcess
) -> None:
    few = statements()
    world.bought(sandbox, cast.owner, "business", seats=9, now=clock.now())
    world.bought(sandbox, cast.stranger, now=clock.now())
    assert statements() == few == 6


def statements() -> int:
    """How many statements both invariants make."""
    look = Look(clock.now(), timedelta())
    with CaptureQueriesContext(connection) as made:
        for invariant in (*entitlements.INVARIANTS, *proration.INVARIANTS):
            assert invariant.breaches(look) == []
    return len(made)
