"""Several seat changes within one day become one invoice, where the catalogue says so."""

import re
from datetime import timedelta

import pytest

from palier.apps.accounts.models import User
from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Collection, Payment
from palier.apps.subscriptions.models import SeatBasket, Subscription
from palier.flows import agenda, baskets, collect, quote, schedule
from palier.flows.change import Choice
from palier.flows.order_refusals import SubscriptionMoved
from palier.flows.people import invite
from palier.flows.quote_refusals import InvoiceOpen
from palier.flows.schedule_refusals import SeatsStillHeld
from tests import world
from tests.books import assert_balanced
from tests.catalogue.toml import edited
from tests.model.driver import Program
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
MID_JUNE = NOON + timedelta(days=14)


def sold_by_the_day(policy: str = 'charge = "end_of_day"') -> None:
    world.publish(edited('charge = "at_once"', policy))


def taken(cast: Cast, seats: int, *, hours: int = 0) -> SeatBasket | None:
    now = MID_JUNE + timedelta(hours=hours)
    return baskets.take(world.fresh(cast.account), cast.owner, seats, interval="month", now=now)


def the_day_ends(sandbox: SandboxProcess) -> None:
    row = Due.objects.get(kind="basket")
    agenda.work_off(row.id, now=row.due_at)
    for payment in Payment.objects.filter(invoice__isnull=False, state="started"):
        collect.payment(payment.id, now=row.due_at)
    assert_balanced(sandbox)


def test_the_changes_of_a_day_are_one_invoice(cast: Cast, sandbox: SandboxProcess) -> None:
    sold_by_the_day()
    world.bought(sandbox, cast.owner)
    for hours, seats in enumerate((6, 9, 8)):
        taken(cast, seats, hours=hours)
    assert Invoice.objects.count() == 1
    assert Subscription.objects.get().items.get().quantity == 8
    the_day_ends(sandbox)
    invoice = Invoice.objects.latest("id")
    assert [(line.quantity, line.amount_minor) for line in invoice.lines.all()] == [(3, 16350)]
    assert invoice.state == "paid"


def test_opposites_cancel_out(cast: Cast, sandbox: SandboxProcess) -> None:
    sold_by_the_day()
    world.bought(sandbox, cast.owner)
    taken(cast, 7)
    assert taken(cast, 5, hours=2) is None
    assert not Due.objects.filter(kind="basket").exists()
    assert SeatBasket.objects.get().closed_at is not None
    assert Invoice.objects.count() == 1


def test_beyond_the_threshold_the_day_is_billed_at_once(cast: Cast, sandbox: SandboxProcess) -> None:
    sold_by_the_day('charge = "threshold"\nthreshold = { EUR = "200.00", GBP = "200.00", USD = "200.00" }')
    world.bought(sandbox, cast.owner)
    assert taken(cast, 7) is not None
    assert taken(cast, 9, hours=1) is None
    assert Invoice.objects.latest("id").net_minor == 4 * 5450


def test_where_seats_are_paid_first_nothing_is_collected(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    with pytest.raises(baskets.PaidFirst):
        taken(cast, 6)
    assert Subscription.objects.get().items.get().quantity == 5


def test_fewer_than_paid_wait_for_the_renewal(cast: Cast, sandbox: SandboxProcess) -> None:
    sold_by_the_day()
    world.bought(sandbox, cast.owner)
    with pytest.raises(baskets.BelowPaidSeats):
        taken(cast, 4)
    assert not SeatBasket.objects.exists()


def test_given_back_they_hold_no_fewer_than_the_people_who_stay(cast: Cast, sandbox: SandboxProcess) -> None:
    """Two by the year end before the people do: what renews has to seat all of them."""
    sold_by_the_day()
    world.without_billing_admin(cast)
    world.bought(sandbox, cast.owner)
    both = quote.make(world.fresh(cast.account), cast.owner, Choice("team", "month", 5, 2), now=NOON)
    world.collected(world.placed(sandbox, both))
    taken(cast, 7)
    schedule.cancel(world.fresh(cast.account), cast.owner, interval="year", now=MID_JUNE)
    invite.people(world.fresh(cast.account), cast.owner, ["nora@lumiere.example", "noe@lumiere.example"], now=MID_JUNE)
    with pytest.raises(SeatsStillHeld) as refused:
        taken(cast, 5, hours=1)
    assert refused.value.details["least"] == 6
    assert taken(cast, 6, hours=2) is not None
    the_day_ends(sandbox)


def test_a_purchase_bills_what_the_basket_holds_and_nothing_twice(cast: Cast, sandbox: SandboxProcess) -> None:
    sold_by_the_day()
    world.bought(sandbox, cast.owner)
    taken(cast, 7)
    before = Invoice.objects.count()
    kept = world.quoted(cast.owner, "business", seats=7, now=MID_JUNE)
    accepted = world.placed(sandbox, kept, world.NEEDS_3DS, now=MID_JUNE)
    waits_at = world.collected(accepted, now=MID_JUNE).action_url
    row = Due.objects.get(kind="basket")
    agenda.work_off(row.id, now=row.due_at)  # the day ends while the bank waits: the order bills these seats
    assert Invoice.objects.count() == before
    sandbox.answer_bank(waits_at)
    world.collected(accepted, now=row.due_at)
    invoice = Invoice.objects.latest("id")
    assert sorted(invoice.lines.values_list("quantity", "amount_minor")) == [(5, -27250), (7, 55650)]
    agenda.work_off(row.id, now=row.due_at)
    assert Invoice.objects.count() == before + 1
    assert not Due.objects.filter(kind="basket").exists()
    assert_balanced(sandbox)


def test_a_purchase_days_later_waits_for_the_invoice_of_that_day(cast: Cast, sandbox: SandboxProcess) -> None:
    """The clock was away: those seats are charged for their own days."""
    sold_by_the_day()
    world.bought(sandbox, cast.owner)
    taken(cast, 15)
    later = MID_JUNE + timedelta(days=5)
    with pytest.raises(InvoiceOpen):
        world.quoted(cast.owner, "business", seats=15, now=later)
    invoice = Invoice.objects.latest("id")
    assert [line.amount_minor for line in invoice.lines.all()] == [10 * 5450]
    collect.payment(Payment.objects.latest("id").id, now=later)
    assert world.quoted(cast.owner, "business", seats=15, now=later).total_minor > 0
    assert_balanced(sandbox)


def test_what_a_days_users_cost_ends_no_year_that_was_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    """ADR 0012: what is paid runs to its end, here eleven months beyond the calendar."""
    sold_by_the_day()
    program = Program(sandbox, cast)
    world.without_billing_admin(cast)
    world.bought(sandbox, cast.owner, "team", "year", 5)
    program.replace_card("declined")
    baskets.take(program.account, cast.owner, 6, interval="year", now=program.now)
    program.travel(60)
    held = Subscription.objects.get()
    pursuit = Collection.objects.get()
    assert (held.state, pursuit.state, pursuit.gives_up_at) == ("suspended", "suspended", held.period_end)
    program.travel(330)
    held.refresh_from_db()
    assert (held.state, held.end_reason, held.ended_at) == ("ended", "unpaid", held.period_end)
    assert_balanced(sandbox)


def test_a_promise_of_before_the_basket_was_billed_gives_way(cast: Cast, sandbox: SandboxProcess) -> None:
    sold_by_the_day()
    world.bought(sandbox, cast.owner)
    taken(cast, 7, hours=11)
    late = MID_JUNE + timedelta(hours=11, minutes=45)
    kept = world.quoted(cast.owner, "business", seats=7, now=late)
    the_day_ends(sandbox)
    with pytest.raises(SubscriptionMoved):
        world.placed(sandbox, kept, now=late + timedelta(minutes=20))


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        ("en", "Your bank asks you to confirm a payment", "You added users"),
        ("fr", "Votre banque vous demande de confirmer un paiement", "Vous avez ajouté des utilisateurs"),
    ],
)
def test_a_days_seats_that_the_bank_asks_about_are_told_as_what_they_are(
    cast: Cast, sandbox: SandboxProcess, language: str, subject: str, sentence: str
) -> None:
    sold_by_the_day()
    User.objects.filter(pk=cast.owner.user_id).update(language=language)
    accepted = world.placed(sandbox, world.quoted(cast.owner, "team", "month"), world.LATER_ASKS, now=NOON)
    world.collected(accepted, now=NOON)
    taken(cast, 7)
    the_day_ends(sandbox)
    mail = Mail.objects.get(kind="action_required")
    assert mail.subject == subject
    assert sentence in mail.text
    assert not re.search("renew|renouvel", mail.subject + mail.text)
