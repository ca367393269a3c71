"""Whole lives, told in a few words: an account in its own time, and what its people, its bank and the clock do.

``life.buys("team", seats=5)``, ``life.travels(days=40)``, ``life.ends_well()``. Nothing goes around the program: each
word calls the flow that a screen, a job or the clock calls, and cards are typed into the payment service's own fields.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from palier.apps.accounts import clocks
from palier.apps.accounts.models import Account, Member, Travel
from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment, PaymentState
from palier.apps.subscriptions.models import ScheduledChange, Subscription, Trial
from palier.flows import (
    baskets,
    card,
    collect,
    details,
    dun,
    facts,
    order,
    quote,
    schedule,
    seats,
    travel,
    trial,
    upcoming,
)
from palier.flows.change import Choice
from palier.flows.people import ownership, signup
from tests import books, lifetimes, world
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess

PARIS: Final = ZoneInfo("Europe/Paris")
YEAR: Final = timedelta(days=365)

GOOD: Final = world.GOOD
OTHER_GOOD: Final = "5555 5555 5555 4444"
POOR: Final = "4000 0000 0000 9995"
LOST: Final = "4000 0000 0000 9987"
POOR_LATER: Final = "4000 0000 0000 0341"
POOR_TWICE_LATER: Final = "4000 0000 0000 0226"
LOST_LATER: Final = "4000 0000 0000 0259"
ASKS_LATER: Final = "4000 0038 0000 0446"
ASKS_ALWAYS: Final = "4000 0027 6000 3184"
LATER_POOR_TWICE: Final = world.LATER_POOR_TWICE


def at(day: str, hour: int = 10) -> datetime:
    """``at("2027-01-31")``: that day in Paris, ten o'clock."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=PARIS).astimezone(UTC)


_unreported = timedelta()


def _lived(time: timedelta) -> None:
    """Count whole years, the stories' days together."""
    global _unreported
    _unreported += time
    years, _unreported = divmod(_unreported, YEAR)
    if years:
        happened("simulated_years", years)


class Life:
    """One sandbox account with its owner. ``begun`` is the present, which never moves; the account travels."""

    def __init__(
        self,
        sandbox: SandboxProcess,
        begun: datetime,
        *,
        country: str = "FR",
        billing: dict[str, str] | None = None,
        catalogue: str | None = None,
    ) -> None:
        self.sandbox, self.begun = sandbox, begun
        world.publish(catalogue, now=begun - timedelta(days=1))
        who = world.person("owner@lives.example", "Olga Owner")
        opened = signup.open_account(who, company="Lives Ltd", country=country, language="en", now=begun)
        Account.objects.filter(pk=opened.account_id).update(sandbox=True)
        self.owner: Member = Member.objects.select_related("account", "user").get(pk=opened.pk)
        details.save(self.account, self.owner, billing or world.DETAILS, now=begun)

    # What is so now

    @property
    def account(self) -> Account:
        return Account.objects.get(pk=self.owner.account_id)

    @property
    def now(self) -> datetime:
        """The account's own time."""
        return self.begun + self.account.clock_ahead

    @property
    def today(self) -> str:
        return self.now.astimezone(PARIS).date().isoformat()

    @property
    def facts(self) -> facts.Facts:
        return facts.facts_of(self.account, now=self.now)

    @property
    def access(self) -> str:
        """``full``, ``grace``, ``suspended``, ``lapsed`` … as the screens say it."""
        from palier.apps.subscriptions.access import access

        known = self.facts
        return access(
            live_states=[each.subscription.state for each in known.held],
            had_before=known.had_before,
            trial_ends_at=known.trial.ends_at if known.trial else None,
            closed_at=self.account.closed_at,
            now=self.now,
        )

    @property
    def holds(self) -> list[tuple[str, str, int]]:
        """Each live subscription: plan, interval, seats; the monthly one first."""
        held = self.facts.held
        return [(each.current.state.plan.price.key, each.interval.value, each.seats) for each in held]

    @property
    def renews_on(self) -> list[str]:
        """The day of each next renewal."""
        return [f"{each.subscription.period_end.astimezone(PARIS):%Y-%m-%d}" for each in self.facts.held]

    @property
    def invoices(self) -> list[Invoice]:
        return list(Invoice.objects.filter(account=self.account).order_by("issued_at", "id"))

    @property
    def billed(self) -> list[tuple[str, int]]:
        """Every invoice: its day and its total."""
        return [(invoice.issued_on.isoformat(), invoice.total_minor) for invoice in self.invoices]

    def invoice(self) -> Invoice:
        """The last one."""
        return self.invoices[-1]

    def mails(self, kind: str = "") -> list[Mail]:
        found = Mail.objects.filter(account_id=self.account.id).order_by("id")
        return list(found.filter(kind=kind) if kind else found)

    def next_renewal(self, interval: str = "") -> int:
        """What the next renewal will cost, as the screens and letters promise it."""
        known = self.facts
        held = known.on(interval) if interval else known.held[0]
        assert held is not None
        preview = upcoming.of(known, held).preview
        return preview.total_minor if preview else 0

    # People

    def colleague(self, name: str, role: str = "member") -> Member:
        """Somebody who works there."""
        who = world.person(f"{name.lower()}@lives.example", name)
        return signup.join(self.account, who, role, now=self.now)

    def passes_on_to(self, heir: Member) -> None:
        """The account has another owner, who acts from here on."""
        ownership.transfer(heir, self.owner, now=self.now)
        self.owner = Member.objects.select_related("account", "user").get(pk=heir.pk)

    # Buying and changing: quoted, paid first, settled

    def buys(
        self,
        plan: str,
        seats: int,
        by: str = "month",
        *,
        other_seats: int = 0,
        add_ons: dict[str, int] | None = None,
        with_card: str = GOOD,
    ) -> Order:
        """A first purchase, or one after the end, with a card typed at the checkout."""
        units = None if add_ons is None else tuple(sorted(add_ons.items()))
        return self.orders(Choice(plan, by, seats, other_seats, units), with_card=with_card)

    def tries(self) -> Trial:
        """Begins the trial that the catalogue gives."""
        return trial.start(self.account, self.owner, now=self.now)

    def upgrades(self, plan: str) -> Order:
        return self.orders(self._choice(plan=plan))

    def adds_seats(self, more: int) -> Order:
        known = self._choice()
        return self.orders(self._choice(number=known.seats + more))

    def adds_units(self, key: str, units: int) -> Order:
        """So many units of an add-on in all."""
        return self.orders(self._choice(add_ons=((key, units),)))

    def moves_to_annual(self) -> Order:
        known = self._choice()
        return self.orders(Choice(known.plan, "year", known.seats_in_all))

    def mixes(self, *, annual: int) -> Order:
        """So many of the seats by the year, the others by the month."""
        known = self._choice()
        return self.orders(Choice(known.plan, "month", known.seats_in_all - annual, annual))

    # Steps down, and the end: 0.00 now, at the renewal

    def downgrades(self, plan: str) -> list[ScheduledChange]:
        return self.schedules(self._choice(plan=plan))

    def reduces_to(self, few: int, *, by: str = "") -> list[ScheduledChange]:
        """So few seats from the renewal on; ``by`` says of which subscription, in mixed billing."""
        interval = by or self.facts.held[0].interval.value
        return seats.reduce(self.account, self.owner, few, interval=interval, now=self.now)

    def moves_to_monthly(self) -> list[ScheduledChange]:
        """At the end of the paid year."""
        known = self._choice()
        return self.schedules(Choice(known.plan, "month", known.seats))

    def drops_units(self, key: str, left: int) -> list[ScheduledChange]:
        """So many units of an add-on from the renewal on."""
        return self.schedules(self._choice(add_ons=((key, left),)))

    def schedules(self, choice: Choice) -> list[ScheduledChange]:
        return schedule.change(self.account, self.owner, choice, now=self.now)

    def withdraws(self, kind: str) -> None:
        """Takes back what waits."""
        waiting = next(change for change in self.facts.waiting if change.kind == kind)
        schedule.withdraw(waiting, self.owner, now=self.now)

    def cancels(self, by: str | None = None) -> None:
        schedule.cancel(self.account, self.owner, interval=by, now=self.now)

    def takes_seats(self, number: int) -> None:
        """So many seats in all at once, billed later this day: where the seller collects them."""
        interval = self.facts.held[0].interval.value
        baskets.take(self.account, self.owner, number, interval=interval, now=self.now)
        self.collects()

    def orders(self, choice: Choice, *, with_card: str = "") -> Order:
        kept = quote.make(self.account, self.owner, choice, now=self.now)
        return self.accepts(kept, with_card=with_card)

    def accepts(self, kept: Quote, *, with_card: str = "") -> Order:
        """The quote is paid with the card on file, or with one that is typed; the worker does its part."""
        if with_card:
            world.type_card(self.sandbox, kept, with_card)
        how = "new" if with_card else "saved"
        placed = order.place(kept, member=self.owner, card=how, evidence=world.evidence(), now=self.now)
        self.collects()
        return Order.objects.get(pk=placed.pk)

    def _choice(self, *, plan: str = "", number: int = 0, add_ons: tuple[tuple[str, int], ...] | None = None) -> Choice:
        """What is held, with something else in its place."""
        held = self.facts.held
        first = held[0]
        other = held[1].seats if len(held) > 1 else 0
        known = first.current.state.plan.price.key
        return Choice(plan or known, first.interval.value, number or first.seats, other, add_ons)

    # The card and the bank

    def replaces_card(self, number: str) -> None:
        """Another card on file; what is open is charged to it at once."""
        fields = gateway().card_fields_url(card.reference(self.owner), locale="en", parent_origin=settings.BASE_URL)
        assert self.sandbox.type_card(fields, number).status_code in (200, 303)
        card.replace(self.account, self.owner, now=self.now)
        self.collects()

    def card_fails(self) -> None:
        """The bank will say no from now on: no money on the account."""
        self.replaces_card(POOR)

    def pays_open_invoice(self, number: str = "") -> Payment:
        """The owner pays what is owed or was written off, at the invoice's page, with a card typed or the saved one."""
        owed = Invoice.objects.get(account=self.account, state__in=dun.PAYABLE)
        if number:
            fields = gateway().card_fields_url(
                dun.card_reference(owed, self.owner), locale="en", parent_origin=settings.BASE_URL
            )
            assert self.sandbox.type_card(fields, number).status_code in (200, 303)
        payment = dun.pay(owed, self.owner, "new" if number else "saved", now=self.now)
        self.collects()
        return Payment.objects.get(pk=payment.pk)

    def confirms_at_bank(self, answer: str = "confirm") -> None:
        """The owner follows the link and answers the bank; its webhook then makes us ask."""
        waiting = Payment.objects.get(account=self.account, state=PaymentState.ACTION_REQUIRED)
        self.sandbox.answer_bank(waiting.action_url, answer)
        collect.payment(waiting.id, now=self.now)

    def collects(self) -> None:
        """What the worker does at once."""
        travel.settle(self.account, now=self.now)

    # Time

    def travels(self, *, days: int = 0, to: str = "", hour: int = 10) -> Travel:
        """Time goes by, and everything happens on its day."""
        target = at(to, hour) if to else self.now + timedelta(days=days)
        journey = travel.travel(self.account, target, now=self.begun)
        assert journey.state == "arrived", (journey.stopped_by, list(Payment.objects.values()))
        return journey

    def sleeps(self, *, days: int) -> None:
        """Time goes by while nothing of ours runs."""
        clocks.put_forward(self.account.id, self.now + timedelta(days=days), now=self.begun)

    def wakes(self) -> None:
        """Everything that is overdue is worked off, at the present instant."""
        self.travels(days=0, to=(self.now + timedelta(minutes=1)).isoformat())

    # The end of a story

    def ends_well(self) -> None:
        """The books balance, the two books agree, every period is billed once, and nothing is left behind."""
        books.assert_balanced(self.sandbox)
        lifetimes.assert_every_period_billed_once(self.account)
        lifetimes.assert_seats_agree(self.account, now=self.now)
        lifetimes.assert_nothing_left_behind(self.account, now=self.now)
        lifetimes.assert_told_once(self.account)
        _lived(self.now - self.begun)

    def subscriptions(self) -> list[Subscription]:
        """All that ever were, the oldest first."""
        return list(Subscription.objects.filter(account=self.account).order_by("id"))
