"""Wrong input and wrong moments for the commands of a subscription's life: named in both languages, nothing changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from palier.apps.accounts.models import Account, Member
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows import baskets, close, details, dun, order, quote, renew, schedule, seats, travel, trial
from palier.flows import card as cards
from palier.flows.change import Choice, choice_from
from palier.flows.exports import export
from palier.flows.people import invite
from tests import world
from tests.catalogue.toml import edited
from tests.model.driver import Program
from tests.refused import Bad, assert_all_refused
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
MID_JUNE = NOON + timedelta(days=14)
JULY = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
TERMS = world.evidence


@pytest.fixture(autouse=True)
def nobody_has_a_role_of_business(cast: Cast) -> None:
    world.without_billing_admin(cast)


class Commands:
    """The commands of one account, each waiting to be called."""

    def __init__(self, cast: Cast, now: datetime = MID_JUNE) -> None:
        self.owner, self.now = cast.owner, now

    @property
    def account(self) -> Account:
        return world.fresh(self.owner.account)

    def quote(self, *chosen: object, by: Member | None = None, **more: object) -> Callable[[], Quote]:
        choice = Choice(*chosen, **more)  # type: ignore[arg-type]
        return lambda: quote.make(self.account, by or self.owner, choice, now=self.now)

    def change(self, *chosen: object, by: Member | None = None, **more: object) -> Callable[[], object]:
        choice = Choice(*chosen, **more)  # type: ignore[arg-type]
        return lambda: schedule.change(self.account, by or self.owner, choice, now=self.now)

    def reduce(self, wanted: int, interval: str = "month") -> Callable[[], object]:
        return lambda: seats.reduce(self.account, self.owner, wanted, interval=interval, now=self.now)

    def take(self, wanted: int, interval: str = "month", by: Member | None = None) -> Callable[[], object]:
        return lambda: baskets.take(self.account, by or self.owner, wanted, interval=interval, now=self.now)

    def cancel(self, interval: str | None = None, by: Member | None = None) -> Callable[[], object]:
        return lambda: schedule.cancel(self.account, by or self.owner, interval=interval, now=self.now)

    def place(self, kept: Quote, card: str = "saved", by: Member | None = None, **more: object) -> Callable[[], Order]:
        given = {"evidence": TERMS(), "now": self.now, **more}
        return lambda: order.place(kept, member=by or kept.member, card=card, **given)  # type: ignore[arg-type]

    def pay(self, invoice: Invoice, card: str = "saved", by: Member | None = None) -> Callable[[], Payment]:
        return lambda: dun.pay(invoice, by or self.owner, card, now=self.now)


def records(units: int) -> tuple[tuple[str, int], ...]:
    return (("records", units),)


def mixed(sandbox: SandboxProcess, cast: Cast) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    kept = quote.make(world.fresh(cast.account), cast.owner, Choice("team", "year", 3, 3), now=NOON)
    world.collected(order.place(kept, member=cast.owner, card="saved", evidence=TERMS(), now=NOON))


@pytest.mark.parametrize("typed", ["", "5.5", "1e3", "+5", "five", "5 5", "٥", "9" * 13])
def test_seats_that_are_no_whole_number(cast: Cast, typed: str) -> None:
    assert_all_refused(Bad(typed, "quote.seats_not_a_number", lambda: choice_from("team", "month", typed)))


def test_on_the_free_plan(cast: Cast, sandbox: SandboxProcess) -> None:
    here, account = Commands(cast, NOON), cast.account
    kept = world.quoted(cast.owner)
    other_terms = replace(TERMS(), terms_version="2020-01-01")
    assert_all_refused(
        Bad("a plan that nobody sells", "quote.plan_unknown", here.quote("gold", "month", 5)),
        Bad("the free plan", "quote.plan_unknown", here.quote("free", "month", 5)),
        Bad("weekly", "quote.interval_unknown", here.quote("team", "week", 5)),
        Bad("no seats", "quote.seats_below_minimum", here.quote("team", "month", 0)),
        Bad("seats of the other kind below zero", "quote.seats_below_minimum", here.quote("team", "month", 6, -1)),
        Bad("too many seats", "quote.seats_above_maximum", here.quote("team", "month", 200, 51)),
        Bad("fewer than the people", "quote.seats_below_members", here.quote("team", "month", 3)),
        Bad("an unknown add-on", "quote.add_on_unknown", here.quote("team", "month", 5, add_ons=(("gold", 1),))),
        Bad("too many units", "quote.add_on_units_out_of_range", here.quote("team", "month", 5, add_ons=records(101))),
        Bad("units below 0", "quote.add_on_units_out_of_range", here.quote("team", "month", 5, add_ons=records(-1))),
        Bad("a member buys", "order.not_a_buyer", here.quote("team", "month", 5, by=cast.member)),
        Bad("a stranger buys", "order.not_a_buyer", here.quote("team", "month", 5, by=cast.stranger)),
        Bad("a member pays", "order.not_a_buyer", here.place(kept, by=cast.member)),
        Bad("a stranger pays", "order.not_a_buyer", here.place(kept, by=cast.stranger)),
        Bad("terms not ticked", "order.terms_not_accepted", here.place(kept, evidence=None)),
        Bad("older terms", "order.terms_changed", here.place(kept, evidence=other_terms)),
        Bad("no card typed", "order.card_missing", here.place(kept, "new")),
        Bad("no card on file", "order.no_saved_card", here.place(kept)),
        Bad("a step down from nothing", "schedule.nothing_to_schedule", here.change("team", "month", 4)),
        Bad("fewer of nothing", "cancel.nothing_to_cancel", here.reduce(4)),
        Bad("the end of nothing", "cancel.nothing_to_cancel", here.cancel()),
        Bad("no new card typed", "order.card_missing", lambda: cards.replace(account, cast.owner, now=NOON)),
        Bad("a member's card", "order.not_a_buyer", lambda: cards.replace(account, cast.member, now=NOON)),
        Bad("time travel", "clock.none", lambda: travel.depart(account, MID_JUNE, now=NOON)),
        Bad("a member's details", "order.not_a_buyer", lambda: details.save(account, cast.member, {}, now=NOON)),
    )


def test_while_six_seats_of_team_run_by_the_month(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    here, paid = Commands(cast), Invoice.objects.get()
    [taken_back] = seats.reduce(here.account, cast.owner, 5, interval="month", now=MID_JUNE)
    schedule.withdraw(taken_back, cast.owner, now=MID_JUNE)
    old, kept = here.quote("business", "month", 6)(), here.quote("business", "month", 7)()
    quote.renew(old, now=MID_JUNE)
    assert_all_refused(
        Bad("what is held", "quote.nothing_changes", here.quote("team", "month", 6)),
        Bad("fewer seats now", "quote.fewer_seats_wait", here.quote("business", "month", 5)),
        Bad("a replaced promise", "quote.superseded", here.place(old)),
        Bad("an expired promise", "quote.expired", here.place(kept, now=MID_JUNE + timedelta(hours=1))),
        Bad("after the period", "quote.renewal_not_booked", Commands(cast, JULY).quote("business", "month", 6)),
        Bad("a promise of the month before", "quote.subscription_moved", here.place(kept, now=JULY)),
        Bad("a step up to wait", "schedule.nothing_to_schedule", here.change("business", "month", 6)),
        Bad("up and down", "schedule.up_and_down", here.change("business", "month", 5)),
        Bad("add-ons up, seats down", "schedule.up_and_down", here.change("team", "month", 5, add_ons=records(1))),
        Bad("a part by the year", "schedule.no_split", here.change("team", "month", 3, 2)),
        Bad("seats in use", "schedule.seats_still_held", here.reduce(3)),
        Bad("none at all", "quote.seats_below_minimum", here.reduce(0)),
        Bad("of the other interval", "cancel.nothing_to_cancel", here.reduce(5, "year")),
        Bad("a member's step down", "order.not_a_buyer", here.change("team", "month", 5, by=cast.member)),
        Bad("an unknown plan", "quote.plan_unknown", here.change("gold", "month", 5)),
        Bad("taken back twice", "schedule.nothing_waits", lambda: schedule.withdraw(taken_back, cast.owner, now=NOON)),
        Bad("by a stranger", "order.not_a_buyer", lambda: schedule.withdraw(taken_back, cast.stranger, now=NOON)),
        Bad("the end of a year", "cancel.nothing_to_cancel", here.cancel("year")),
        Bad("the end by a member", "order.not_a_buyer", here.cancel(by=cast.member)),
        Bad("taken before paid", "seats.paid_first", here.take(7)),
        Bad("a paid invoice", "invoice.not_open", here.pay(paid)),
        Bad("a stranger's payment", "order.not_a_buyer", here.pay(paid, by=cast.stranger)),
    )


def test_while_business_runs_by_the_year(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "business", "year", 6)
    here = Commands(cast)
    assert_all_refused(
        Bad("a lower plan now", "quote.downgrade_waits", here.quote("team", "year", 6)),
        Bad("a shorter interval now", "quote.shorter_interval_waits", here.quote("business", "month", 6)),
        Bad("a part by the month at the renewal", "schedule.no_split", here.change("business", "year", 4, 2)),
    )


def test_while_two_intervals_run(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(sandbox, cast)
    here = Commands(cast)
    assert_all_refused(
        Bad("annual to monthly", "schedule.shorter_interval_while_mixed", here.change("team", "month", 4, 2)),
        Bad("monthly to annual later", "schedule.up_and_down", here.change("team", "year", 4, 1)),
        Bad("too few stay", "schedule.seats_still_held", here.cancel("month")),
        Bad("nothing", "quote.nothing_changes", here.quote("team", "month", 3, 3)),
    )


def test_once_canceled(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    here = Commands(cast)
    kept = here.quote("business", "month", 6)()
    here.cancel()()
    assert_all_refused(
        Bad("twice", "cancel.already_canceled", here.cancel()),
        Bad("a purchase", "quote.cancellation_waits", here.quote("business", "month", 6)),
        Bad("a purchase promised before", "quote.cancellation_waits", here.place(kept)),
        Bad("a step down", "quote.cancellation_waits", here.reduce(5)),
    )


def test_while_an_invoice_is_unpaid(cast: Cast, sandbox: SandboxProcess) -> None:
    program = Program(sandbox, cast)
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6)
    program.replace_card("lost")
    program.travel(31)
    here, owed = Commands(cast, program.now), Invoice.objects.get(state="open")
    assert_all_refused(
        Bad("a purchase", "quote.invoice_open", here.quote("business", "month", 6)),
        Bad("a step down", "quote.invoice_open", here.reduce(5)),
        Bad("seats for the day", "quote.invoice_open", here.take(7)),
        Bad("the end", "cancel.invoice_open", here.cancel()),
        Bad("the same lost card", "order.card_refused_for_good", here.pay(owed)),
        Bad("no card typed", "order.card_missing", here.pay(owed, "new")),
        Bad("by a member", "order.not_a_buyer", here.pay(owed, by=cast.member)),
        Bad("back in time", "clock.backwards", lambda: travel.depart(program.account, NOON, now=NOON)),
        Bad("too far", "clock.too_far", lambda: travel.depart(program.account, NOON.replace(year=2030), now=NOON)),
    )


def test_while_an_invoice_is_being_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, seats=6)
    program.replace_card("declined")
    program.travel(31)
    here, owed = Commands(cast, program.now), Invoice.objects.get(state="open")
    here.pay(owed)()
    assert_all_refused(Bad("once more", "invoice.being_paid", here.pay(owed)))


def test_while_an_order_is_being_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6)
    here = Commands(cast)
    kept, other = here.quote("business", "month", 6)(), here.quote("team", "month", 8)()
    here.place(kept)()
    assert_all_refused(
        Bad("another order", "order.payment_in_progress", here.place(other)),
        Bad("seats for the day", "order.payment_in_progress", here.take(7)),
    )


def test_while_seats_are_collected_for_the_day(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6)
    here = Commands(cast)
    assert_all_refused(Bad("after the period", "quote.renewal_not_booked", Commands(cast, JULY).take(9)))
    here.take(8)()
    assert_all_refused(
        Bad("the same again", "quote.nothing_changes", here.take(8)),
        Bad("below what is paid", "seats.below_paid", here.take(5)),
        Bad("below the people", "schedule.seats_still_held", here.take(3)),
        Bad("more than there are", "quote.seats_above_maximum", here.take(251)),
        Bad("of the year", "cancel.nothing_to_cancel", here.take(8, "year")),
        Bad("by a member", "order.not_a_buyer", here.take(9, by=cast.member)),
    )


def test_what_has_changed_since_a_promise(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    here = Commands(cast)
    kept = here.quote("business", "month", 6)()
    details.save(here.account, cast.owner, world.GERMAN, now=MID_JUNE)
    assert_all_refused(Bad("the tax", "quote.tax_changed", here.place(kept)))
    fresh = here.quote("business", "month", 6)()
    world.publish(edited('month = "159.00", year = "135.00" }\nGBP', 'month = "160.00", year = "135.00" }\nGBP'))
    assert_all_refused(Bad("the prices", "quote.older_catalogue", here.place(fresh)))


def test_trials(cast: Cast, sandbox: SandboxProcess) -> None:
    def trying(by: Member) -> Callable[[], object]:
        return lambda: trial.start(world.fresh(by.account), by, now=NOON)

    assert_all_refused(Bad("where none is offered", "trial.none", trying(cast.owner)))
    world.publish(edited("days = 0 ", "days = 14 "))
    trial.start(world.fresh(cast.account), cast.owner, now=NOON)
    world.bought(sandbox, cast.stranger)
    assert_all_refused(
        Bad("a second one", "trial.tried_before", trying(cast.owner)),
        Bad("after a plan", "trial.subscribed_before", trying(cast.stranger)),
        Bad("by a member", "order.not_a_buyer", trying(cast.member)),
    )


def test_closing_and_taking_along(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    account = world.fresh(cast.account)

    def exporting() -> None:
        export.of_account(account, cast.member, BytesIO(), now=NOON)

    def closing(by: Member, typed: str) -> Callable[[], object]:
        return lambda: close.account(account, by, typed, now=MID_JUNE)

    assert_all_refused(
        Bad("while a plan runs", "close.still_subscribed", closing(cast.owner, account.name)),
        Bad("by an admin", "close.not_the_owner", closing(cast.admin, account.name)),
        Bad("by a stranger", "close.not_the_owner", closing(cast.stranger, account.name)),
        Bad("an export by a member", "order.not_a_buyer", exporting),
    )
    schedule.cancel(account, cast.owner, now=MID_JUNE)
    renew.these([account.subscriptions.get().id], now=JULY)
    assert_all_refused(
        Bad("without the name", "close.name_not_typed", closing(cast.owner, "")),
        Bad("another name", "close.name_not_typed", closing(cast.owner, "Somebody Else")),
        Bad(
            "invited after the end",
            "account.read_only",
            lambda: invite.people(account, cast.owner, ["a@b.example"], now=JULY),
        ),
    )
