"""Some seats by the month, some by the year: two subscriptions on one plan, each with its own renewal and end."""

from datetime import datetime, timedelta

import pytest

from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Succeeded
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order
from palier.apps.subscriptions.models import Subscription
from palier.engine import wire
from palier.engine.periods import local_date
from palier.flows import more_seats, order, quote, schedule
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.flows.order_refusals import SubscriptionMoved
from palier.flows.quote_refusals import CancellationWaits, FewerSeatsWait
from palier.flows.schedule_refusals import SeatsStillHeld, ShorterIntervalWhileMixed
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
MID_JUNE = NOON + timedelta(days=14)
"""The 15th of a 30-day month: half of it is left."""
PARIS = "Europe/Paris"


def changed(cast: Cast, choice: Choice, *, now: datetime = MID_JUNE) -> Order:
    """A choice bought with the saved card."""
    kept = quote.make(world.fresh(cast.account), cast.owner, choice, now=now)
    accepted = order.place(kept, member=cast.owner, card="saved", evidence=world.evidence(), now=now)
    world.collected(accepted, now=now)
    return Order.objects.get(pk=accepted.pk)


def seats_by_interval(cast: Cast) -> dict[str, int]:
    facts = facts_of(world.fresh(cast.account), now=MID_JUNE)
    return {held.interval.value: held.seats for held in facts.held}


def test_some_seats_move_to_the_year_and_the_rest_stay_monthly(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    settled = changed(cast, Choice("team", "year", 2, 4))
    assert seats_by_interval(cast) == {"month": 4, "year": 2}
    invoice = settled.invoice
    assert invoice is not None
    # credit of six half months, four half months again, two years from today
    assert sorted(invoice.lines.values_list("amount_minor", flat=True)) == [-32700, 21800, 228000]
    assert {line.subscription.interval for line in invoice.lines.all()} == {"month", "year"}
    assert_balanced(sandbox)


def test_monthly_seats_beside_annual_ones(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, interval="year", seats=5)
    changed(cast, Choice("team", "month", 3, 5))
    assert seats_by_interval(cast) == {"month": 3, "year": 5}
    ends = {held.interval: held.period_end for held in Subscription.objects.all()}
    assert ends["month"] < ends["year"]


JUNE_LEFT = ("2026-06-21", "2026-07-01")
"""10 days of the 15 for which the four monthly seats were paid, and of the 30 of the month."""
YEAR_LEFT = ("2026-06-21", "2027-06-15")
"""359 days of 365: six are used."""

PLAN_CHANGE = [
    ("credit", "team", "month", *JUNE_LEFT, -14533),  # of 218.00, 10 of 15 days: 145.333…
    ("charge", "business", "month", *JUNE_LEFT, 21200),  # 4 × 159.00, 10 of 30 days
    ("credit", "team", "year", *YEAR_LEFT, -224252),  # of 2 × 12 × 95.00 = 2,280.00, 359 of 365 days: 2,242.5205…
    ("charge", "business", "year", *YEAR_LEFT, 318674),  # 2 × 12 × 135.00 = 3,240.00, 359 of 365 days: 3,186.7397…
]
NET, TAX, TOTAL = 101089, 20218, 121307
"""-145.33 + 212.00 - 2,242.52 + 3,186.74; 20 % of it is 202.178."""


def test_a_plan_change_covers_both_each_over_its_own_period(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 2, 4))
    later = MID_JUNE + timedelta(days=5)
    settled = changed(cast, Choice("business", "month", 4, 2), now=later)
    invoice = settled.invoice
    assert invoice is not None
    assert [
        (
            line.kind,
            line.key,
            line.subscription.interval,
            local_date(line.period_start, PARIS).isoformat(),
            local_date(line.period_end, PARIS).isoformat(),
            line.amount_minor,
        )
        for line in invoice.lines.order_by("position")
    ] == PLAN_CHANGE
    assert [line.quantity for line in invoice.lines.order_by("position")] == [4, 4, 2, 2]
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (NET, TAX, TOTAL)
    payment = settled.payments.get()
    taken = gateway().find(payment.public_id)
    assert isinstance(taken, Succeeded)
    assert settled.quote.total_minor == payment.amount_minor == taken.amount_minor == TOTAL
    assert {item.key for held in Subscription.objects.all() for item in held.items.all()} == {"business"}
    assert_balanced(sandbox)


def test_the_last_monthly_seats_join_the_year(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 2, 4))
    changed(cast, Choice("team", "year", 6), now=MID_JUNE + timedelta(days=1))
    assert seats_by_interval(cast) == {"year": 6}
    ended = Subscription.objects.get(state="ended")
    assert (ended.interval, ended.end_reason) == ("month", "merged")
    assert_balanced(sandbox)


def test_each_is_canceled_on_its_own_date(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 5, 1))
    made = schedule.cancel(world.fresh(cast.account), cast.owner, interval="month", now=MID_JUNE)
    assert [change.subscription.interval for change in made] == ["month"]


@pytest.mark.parametrize(
    ("ending", "wish", "touched"),
    [
        ("month", Choice("team", "year", 7, 1), Choice("team", "month", 2, 5)),
        ("month", Choice("team", "month", 1, 7), Choice("business", "year", 7, 1)),  # as the plans page asks
        ("month", Choice("team", "year", 5, 1, (("records", 2),)), Choice("team", "month", 1, 5, (("records", 2),))),
        ("year", Choice("team", "month", 7, 5), Choice("team", "year", 6, 5)),
    ],
)
def test_the_end_of_one_leaves_the_other_for_sale(
    cast: Cast, sandbox: SandboxProcess, ending: str, wish: Choice, touched: Choice
) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 5, 1 if ending == "month" else 5))
    (made,) = schedule.cancel(world.fresh(cast.account), cast.owner, interval=ending, now=MID_JUNE)
    with pytest.raises(CancellationWaits):
        quote.make(world.fresh(cast.account), cast.owner, touched, now=MID_JUNE)
    settled = changed(cast, wish)
    stays = Subscription.objects.exclude(interval=ending).get()
    draft = wire.draft_from_json(settled.quote.draft)
    assert {line.interval for line in draft.lines} == {stays.interval}, "nothing is billed of the one that ends"
    assert draft.renewal.at == stays.period_end
    assert draft.beside is not None
    assert draft.beside.renewal is None, "no renewal is promised of it"
    made.refresh_from_db()
    assert made.state == "waiting"
    assert_balanced(sandbox)


def test_a_promise_knows_which_of_the_two_ends(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 5, 1))
    wish = Choice("team", "year", 7, 1)
    both = quote.make(world.fresh(cast.account), cast.owner, wish, now=MID_JUNE)
    (made,) = schedule.cancel(world.fresh(cast.account), cast.owner, interval="month", now=MID_JUNE)
    with pytest.raises(SubscriptionMoved):
        world.placed(sandbox, both, now=MID_JUNE)
    one = quote.renew(both, now=MID_JUNE)
    assert order.standing(one, now=MID_JUNE) is None
    schedule.withdraw(made, cast.owner, now=MID_JUNE)
    with pytest.raises(SubscriptionMoved):
        world.placed(sandbox, one, now=MID_JUNE)


def test_the_others_cannot_be_given_up_at_once_beside_the_one_that_ends(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 5, 5))
    schedule.cancel(world.fresh(cast.account), cast.owner, interval="year", now=MID_JUNE)
    with pytest.raises(FewerSeatsWait):
        quote.make(world.fresh(cast.account), cast.owner, Choice("team", "year", 5), now=MID_JUNE)


def test_missing_seats_are_bought_where_they_stay(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 5, 1))
    schedule.cancel(world.fresh(cast.account), cast.owner, interval="month", now=MID_JUNE)
    kept = more_seats.prepare(world.fresh(cast.account), cast.owner, 2, now=MID_JUNE)
    assert (kept.interval, kept.seats, kept.other_seats) == ("year", 7, 1)


def test_the_receipt_tells_both_renewals(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    settled = changed(cast, Choice("team", "year", 2, 4))
    text = " ".join(Mail.objects.get(key=f"receipt:{settled.public_id}").text.split())
    assert "€523.20 on 1 July 2026" in text
    assert "€2,736.00 on 15 June 2027" in text


def test_one_after_the_other_both_are_canceled(cast: Cast, sandbox: SandboxProcess) -> None:
    """The last one may end although people are here: with it the account ends as a whole."""
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 5, 1))
    for interval in ("month", "year"):
        (made,) = schedule.cancel(world.fresh(cast.account), cast.owner, interval=interval, now=MID_JUNE)
        assert made.effective_at == made.subscription.period_end


def test_the_people_who_are_here_keep_their_seats(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 3, 3))
    with pytest.raises(SeatsStillHeld):  # four people are active
        schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 2, 1), now=MID_JUNE)
    with pytest.raises(SeatsStillHeld):
        schedule.cancel(world.fresh(cast.account), cast.owner, interval="month", now=MID_JUNE)


def test_annual_seats_cannot_become_monthly_while_some_are(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    changed(cast, Choice("team", "year", 2, 4))
    count = Invoice.objects.count()
    with pytest.raises(ShorterIntervalWhileMixed):
        schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "month", 5, 1), now=MID_JUNE)
    assert Invoice.objects.count() == count
