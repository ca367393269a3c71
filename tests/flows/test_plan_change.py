"""Team becomes Business in mid-cycle, and what else may change on a paid plan: the days left are exchanged, no more."""

from datetime import UTC, datetime, timedelta

import pytest

from palier.apps.accounts.models import Account, Member
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.ledger.models import Entry
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment, PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.engine import wire
from palier.engine.drafts import Draft
from palier.engine.subscription import Paid
from palier.flows import order, quote
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.flows.order_refusals import QuoteExpired, SubscriptionMoved
from palier.flows.people import members
from palier.flows.quote_refusals import DowngradeWaits, FewerSeatsWait, NothingChanges, ShorterIntervalWaits
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

STARTS = datetime(2026, 5, 31, 22, tzinfo=UTC)
"""Midnight of 1 June in Paris."""
ENDS = datetime(2026, 6, 30, 22, tzinfo=UTC)
"""Midnight of 1 July: June has 30 days."""
TWENTIETH = NOON + timedelta(days=19)
"""20 June: the day itself counts as used, ten days are left."""
LAST_DAY = NOON + timedelta(days=29)
CATALOGUE = (world.ROOT / "catalogue.toml").read_text()


@pytest.fixture
def owner(cast: Cast) -> Member:
    """Of an account with three active members, so that three seats are enough."""
    members.deactivate(cast.member, cast.owner, now=NOON)
    return cast.owner


def on_team(sandbox: SandboxProcess, owner: Member, seats: int = 3, interval: str = "month") -> Subscription:
    """Team, bought on 1 June."""
    world.bought(sandbox, owner, "team", interval, seats)
    return Subscription.objects.get()


def changed(sandbox: SandboxProcess, owner: Member, choice: Choice, *, now: datetime, card: str = "saved") -> Order:
    """The change quoted, paid with the card on file or with another one, and settled."""
    kept = world.quoted(owner, choice.plan, choice.interval, choice.seats, now=now)
    if card != "saved":
        world.type_card(sandbox, kept, card)
    how = "saved" if card == "saved" else "new"
    accepted = order.place(kept, member=owner, card=how, evidence=world.evidence(), now=now)
    if kept.total_minor:
        world.collected(accepted, now=now)
    return Order.objects.select_related("invoice", "quote").get(pk=accepted.pk)


def refused(owner: Member, choice: Choice, *, now: datetime) -> Refusal:
    with pytest.raises(Refusal) as caught:
        quote.make(Account.objects.get(pk=owner.account_id), owner, choice, now=now)
    return caught.value


def amounts(invoice: Invoice | None) -> list[tuple[str, int, int]]:
    """Each line: what it is, of how many seats, and its net amount."""
    assert invoice is not None
    return [(line.kind, line.quantity, line.amount_minor) for line in invoice.lines.order_by("position")]


def promise(accepted: Order) -> Draft:
    return wire.draft_from_json(accepted.quote.draft)


def test_three_seats_from_team_to_business_with_ten_of_thirty_days_left_cost_50_now_and_477_at_renewal(
    owner: Member, sandbox: SandboxProcess
) -> None:
    before = on_team(sandbox, owner)
    settled = changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)

    assert settled.state == "settled"
    assert settled.invoice is not None
    assert amounts(settled.invoice) == [("credit", 3, -10900), ("charge", 3, 15900)]
    assert (settled.invoice.net_minor, settled.invoice.tax_minor, settled.invoice.total_minor) == (5000, 1000, 6000)
    renewal = promise(settled).renewal
    assert (renewal.at, renewal.net_minor, renewal.total_minor) == (ENDS, 47700, 57240)

    after = Subscription.objects.get()
    assert after.pk == before.pk
    assert (after.period_start, after.period_end, after.anchor_at) == (STARTS, ENDS, before.anchor_at)
    item = after.items.get()
    assert (item.key, item.quantity, item.monthly_minor) == ("business", 3, 15900)
    assert BillingPeriod.objects.count() == 1
    assert_balanced(sandbox)


def test_only_the_difference_is_charged_and_the_ledger_knows_both_payments(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)
    assert list(Payment.objects.order_by("id").values_list("amount_minor", "state")) == [
        (39240, "succeeded"),
        (6000, "succeeded"),
    ]
    cash = Entry.objects.filter(ledger_account="cash").order_by("transaction_id")
    assert list(cash.values_list("amount_minor", flat=True)) == [39240, 6000]
    assert_balanced(sandbox)


def test_the_credit_names_the_line_that_it_gives_back_and_invoices_follow_one_another(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    bought = InvoiceLine.objects.get()
    settled = changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)
    assert settled.invoice is not None
    credit = settled.invoice.lines.get(kind="credit")
    assert (credit.credits, credit.key, credit.title) == (bought, "team", "Team")
    assert (credit.period_start, credit.period_end) == (datetime(2026, 6, 20, 22, tzinfo=UTC), ENDS)
    assert list(Invoice.objects.order_by("id").values_list("number", flat=True)) == ["F2026-000001", "F2026-000002"]


def paid_for(owner: Member, subscription: Subscription) -> tuple[Paid, ...]:
    """What was invoiced for the time from the 20th on, as the engine is told."""
    held = facts_of(world.fresh(owner.account), now=TWENTIETH).held
    return next(each.current.paid for each in held if each.subscription == subscription)


def test_what_is_paid_for_the_time_that_runs_is_known_before_and_after(owner: Member, sandbox: SandboxProcess) -> None:
    subscription = on_team(sandbox, owner)
    (team,) = paid_for(owner, subscription)
    assert (team.key, team.quantity, team.amount_minor, team.credited_minor, team.ends_at) == (
        "team",
        3,
        32700,
        0,
        None,
    )
    changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)
    team, business = paid_for(owner, subscription)
    given_back_from = datetime(2026, 6, 20, 22, tzinfo=UTC)
    assert (team.key, team.credited_minor, team.ends_at) == ("team", 10900, given_back_from)
    assert (business.key, business.amount_minor, business.credited_minor) == ("business", 15900, 0)
    assert (business.period.start, business.period.end) == (given_back_from, ENDS)


def test_another_card_can_pay_the_change_and_is_the_one_on_file_from_then_on(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH, card="5555 5555 5555 4444")
    cards = PaymentMethod.objects.order_by("added_at").values_list("brand", "is_default")
    assert list(cards) == [("visa", False), ("mastercard", True)]
    assert_balanced(sandbox)


def test_a_declined_change_leaves_the_plan_as_it_was(owner: Member, sandbox: SandboxProcess) -> None:
    on_team(sandbox, owner)
    declined = changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH, card=world.DECLINED)
    assert declined.state == "open"
    subscription = Subscription.objects.get()
    assert (subscription.version, subscription.items.get().key) == (1, "team")
    assert Invoice.objects.count() == 1
    assert PaymentMethod.objects.get(is_default=True).last4 == "4242"
    settled = changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)
    assert settled.state == "settled"
    assert_balanced(sandbox)


def test_a_second_change_on_the_same_day_exchanges_what_the_first_one_paid(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)
    settled = changed(sandbox, owner, Choice("enterprise", "month", 3), now=TWENTIETH + timedelta(hours=1))
    assert amounts(settled.invoice) == [("credit", 3, -15900), ("charge", 3, 25900)]
    assert Subscription.objects.get().version == 3
    assert_balanced(sandbox)


def test_more_seats_in_mid_cycle_cost_their_days_left_and_everything_is_given_back_at_the_next_change(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    more = changed(sandbox, owner, Choice("team", "month", 5), now=TWENTIETH)
    assert amounts(more.invoice) == [("charge", 2, 7267)]  # 2 x 109.00 x 10/30
    assert promise(more).renewal.net_minor == 5 * 10900

    up = changed(sandbox, owner, Choice("business", "month", 5), now=NOON + timedelta(days=24))
    assert amounts(up.invoice) == [
        ("credit", 3, -5450),  # 5 of 30 days of 327.00
        ("credit", 2, -3634),  # 5 of the 10 days of 72.67
        ("charge", 5, 13250),  # 5 x 159.00 x 5/30
    ]
    assert_balanced(sandbox)


def test_a_plan_and_seats_can_grow_together(owner: Member, sandbox: SandboxProcess) -> None:
    on_team(sandbox, owner)
    settled = changed(sandbox, owner, Choice("business", "month", 6), now=TWENTIETH)
    assert amounts(settled.invoice) == [("credit", 3, -10900), ("charge", 6, 31800)]
    assert_balanced(sandbox)


def test_on_the_last_day_the_change_costs_nothing_and_needs_no_payment(owner: Member, sandbox: SandboxProcess) -> None:
    on_team(sandbox, owner)
    settled = changed(sandbox, owner, Choice("business", "month", 3), now=LAST_DAY)
    assert (settled.state, settled.quote.total_minor) == ("settled", 0)
    assert settled.invoice is not None
    assert (settled.invoice.state, settled.invoice.total_minor) == ("paid", 0)
    assert not settled.payments.exists()
    assert Subscription.objects.get().items.get().key == "business"
    assert promise(settled).renewal.net_minor == 47700
    again = changed(sandbox, owner, Choice("enterprise", "month", 3), now=LAST_DAY + timedelta(hours=2))
    assert again.state == "settled"
    assert_balanced(sandbox)


def test_from_monthly_to_annual_a_new_year_starts_and_the_month_is_cut_where_it_begins(
    owner: Member, sandbox: SandboxProcess
) -> None:
    before = on_team(sandbox, owner)
    settled = changed(sandbox, owner, Choice("team", "year", 3), now=TWENTIETH)
    assert amounts(settled.invoice) == [("credit", 3, -10900), ("charge", 3, 3 * 12 * 9500)]
    after = Subscription.objects.get()
    starts, ends = datetime(2026, 6, 19, 22, tzinfo=UTC), datetime(2027, 6, 19, 22, tzinfo=UTC)
    assert (after.pk, after.interval) == (before.pk, "year")
    assert (after.period_start, after.period_end, after.anchor_at) == (starts, ends, starts)
    assert billed(after) == [(STARTS, starts), (starts, ends)]
    assert_balanced(sandbox)


def test_from_monthly_to_annual_on_the_day_of_purchase_the_whole_year_is_billed_once(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    changed(sandbox, owner, Choice("team", "year", 3), now=NOON + timedelta(hours=1))
    subscription = Subscription.objects.get()
    assert billed(subscription) == [(STARTS, datetime(2027, 5, 31, 22, tzinfo=UTC))]
    assert_balanced(sandbox)


def billed(subscription: Subscription) -> list[tuple[datetime, datetime]]:
    periods = BillingPeriod.objects.filter(subscription=subscription).order_by("period")
    return [(row.period.lower, row.period.upper) for row in periods]


@pytest.mark.parametrize(
    ("held", "choice", "refusal"),
    [
        (("business", "month", 4), Choice("team", "month", 4), DowngradeWaits),
        (("business", "month", 4), Choice("team", "year", 4), DowngradeWaits),
        (("business", "month", 4), Choice("team", "month", 9), DowngradeWaits),
        (("team", "year", 4), Choice("team", "month", 4), ShorterIntervalWaits),
        (("team", "year", 4), Choice("business", "month", 4), ShorterIntervalWaits),
        (("team", "month", 5), Choice("team", "month", 4), FewerSeatsWait),
        (("team", "month", 5), Choice("business", "month", 4), FewerSeatsWait),
        (("team", "month", 5), Choice("team", "year", 4), FewerSeatsWait),
        (("team", "month", 5), Choice("team", "month", 5), NothingChanges),
    ],
)
def test_a_step_down_is_refused_by_name_and_says_when_it_will_come(
    cast: Cast, sandbox: SandboxProcess, held: tuple[str, str, int], choice: Choice, refusal: type[Refusal]
) -> None:
    plan, interval, seats = held
    world.bought(sandbox, cast.owner, plan, interval, seats)
    said = refused(cast.owner, choice, now=TWENTIETH)
    assert isinstance(said, refusal)
    for language in ("en", "fr"):
        assert said.text(language)
    if refusal is not NothingChanges:
        assert ("2026" in said.text("en")) == (interval == "month")
    assert Subscription.objects.get().version == 1


def test_a_new_price_list_leaves_the_price_of_more_seats_but_not_of_another_plan(
    owner: Member, sandbox: SandboxProcess
) -> None:
    on_team(sandbox, owner)
    world.publish(CATALOGUE.replace('"109.00"', '"119.00"').replace('"159.00"', '"179.00"'), now=TWENTIETH)

    more = changed(sandbox, owner, Choice("team", "month", 6), now=TWENTIETH)
    assert amounts(more.invoice) == [("charge", 3, 10900)]  # 3 x 109.00 x 10/30: as it was sold
    assert promise(more).renewal.net_minor == 6 * 10900

    up = changed(sandbox, owner, Choice("business", "month", 6), now=TWENTIETH)
    assert amounts(up.invoice) == [("credit", 3, -10900), ("credit", 3, -10900), ("charge", 6, 35800)]
    assert promise(up).renewal.net_minor == 6 * 17900
    assert_balanced(sandbox)


def test_a_renamed_plan_breaks_nothing(owner: Member, sandbox: SandboxProcess) -> None:
    on_team(sandbox, owner)
    world.publish(CATALOGUE.replace('en = "Team", fr = "Team"', 'en = "Crew", fr = "Équipe"'), now=TWENTIETH)
    settled = changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH)
    assert settled.invoice is not None
    assert (settled.invoice.net_minor, settled.invoice.lines.get(kind="credit").title) == (5000, "Crew")
    assert Invoice.objects.earliest("id").lines.get().title == "Team"
    assert_balanced(sandbox)


def test_a_promise_made_on_what_the_subscription_was_is_refused(owner: Member, sandbox: SandboxProcess) -> None:
    on_team(sandbox, owner)
    older = world.quoted(owner, "business", "month", 3, now=TWENTIETH)
    changed(sandbox, owner, Choice("team", "month", 4), now=TWENTIETH)
    with pytest.raises(SubscriptionMoved):
        order.place(older, member=owner, card="saved", evidence=world.evidence(), now=TWENTIETH)
    assert isinstance(refused(owner, Choice("business", "month", 3), now=TWENTIETH), FewerSeatsWait)


def test_a_declined_order_cannot_be_paid_once_its_promise_is_over(owner: Member, sandbox: SandboxProcess) -> None:
    """The days left have changed: another try starts from a new quote."""
    on_team(sandbox, owner)
    declined = changed(sandbox, owner, Choice("business", "month", 3), now=TWENTIETH, card=world.DECLINED)
    later = TWENTIETH + timedelta(days=2)
    kept = declined.quote
    with pytest.raises(QuoteExpired):
        order.place(kept, member=owner, card="saved", evidence=world.evidence(), now=later)
    fresh = quote.renew(kept, now=later)
    assert fresh.total_minor == 4800  # 8 of 30 days
    accepted = order.place(fresh, member=owner, card="saved", evidence=world.evidence(), now=later)
    assert world.collected(accepted, now=later).state == "succeeded"
    declined.refresh_from_db()
    assert declined.state == "closed"
    assert_balanced(sandbox)
