"""The real program with one account, driven by the commands that the reference knows: real database, real sandbox."""

from collections import Counter
from datetime import timedelta

from django.db import connection

from palier.apps.accounts.models import Account, Invitation, Member, Role
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import baskets, collect, dun, order, quote, schedule, seat_requests, travel
from palier.flows import card as cards
from palier.flows import seats as licences
from palier.flows.facts import Facts, facts_of
from tests import world
from tests.catalogue.toml import TEXT
from tests.lifetimes import assert_nothing_left_behind, assert_seats_agree
from tests.model import reference
from tests.model.agreement import assert_agree, choice
from tests.model.reference import Wish
from tests.model.rules import PRICES
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

NUMBERS = {"good": world.GOOD, "declined": world.DECLINED, "asks": world.NEEDS_3DS, "lost": "4000 0000 0000 9987"}
PEOPLE = 4


class Program:
    """The account, its clock, and what is done to it."""

    def __init__(self, sandbox: SandboxProcess, cast: Cast) -> None:
        self.sandbox, self.cast = sandbox, cast
        Account.objects.filter(pk=cast.account.pk).update(sandbox=True)
        world.without_billing_admin(cast)
        self.now = NOON

    @property
    def account(self) -> Account:
        return world.fresh(self.cast.account)

    @property
    def facts(self) -> Facts:
        return facts_of(self.account, now=self.now)

    def publish(self, prices: dict[tuple[str, str], int], charging: str) -> None:
        """The repository's catalogue with other prices for euros and another policy for seats."""
        text = TEXT.replace('charge = "at_once"', f'charge = "{charging}"')
        for key in ("team", "business", "enterprise", "records"):
            old = [f"{PRICES[key, interval] / 100:.2f}" for interval in ("month", "year")]
            new = [f"{prices[key, interval] / 100:.2f}" for interval in ("month", "year")]
            text = text.replace(
                f'EUR = {{ month = "{old[0]}", year = "{old[1]}" }}',
                f'EUR = {{ month = "{new[0]}", year = "{new[1]}" }}',
            )
        world.publish(text, now=self.now)

    def quoted(self, wish: Wish) -> Quote:
        if not hasattr(self.account, "billing_profile"):
            return world.quoted(self.cast.owner, wish.plan, wish.interval, wish.seats, now=self.now)
        return quote.make(self.account, self.cast.owner, choice(wish), now=self.now)

    def pay(self, kept: Quote, card: str, *, after: timedelta = timedelta()) -> Order:
        """Pay pressed; "saved" is the card on file."""
        if card != "saved" and kept.total_minor:
            world.type_card(self.sandbox, kept, NUMBERS[card])
        accepted = order.place(
            kept,
            member=self.cast.owner,
            card="saved" if card == "saved" else "new",
            evidence=world.evidence(),
            now=self.now + after,
        )
        self.collect()
        accepted.refresh_from_db()
        return accepted

    def end_at_the_bank(self, placed: Order, *, refused: bool) -> None:
        """The bank asks and hears no, or the customer gives the payment up."""
        payment = placed.payments.get(state="action_required")
        if refused:
            self.sandbox.answer_bank(payment.action_url, "refuse")
            collect.payment(payment.id, now=self.now)
        else:
            order.withdraw(placed, self.cast.owner, now=self.now)
        assert placed.payments.get().state == "failed"

    def take(self, interval: str, seats: int) -> object:
        return baskets.take(self.account, self.cast.owner, seats, interval=interval, now=self.now)

    def step_down(self, wish: Wish) -> object:
        return schedule.change(self.account, self.cast.owner, choice(wish), now=self.now)

    def reduce(self, interval: str, seats: int) -> object:
        return licences.reduce(self.account, self.cast.owner, seats, interval=interval, now=self.now)

    @property
    def waiting(self) -> list[tuple[str, ScheduledChange]]:
        return [(held.interval.value, change) for held in self.facts.held for change in held.waiting]

    def withdraw(self, waiting: ScheduledChange) -> None:
        schedule.withdraw(waiting, self.cast.owner, now=self.now)

    def pay_invoice(self, owed: Invoice) -> None:
        dun.pay(owed, self.cast.owner, "saved", now=self.now)
        self.collect()

    def collect(self) -> None:
        travel.settle(self.account, now=self.now)

    def replace_card(self, number: str) -> None:
        fields = cards.fields_url(cards.reference(self.cast.owner), language="en", parent_origin="http://localhost")
        assert self.sandbox.type_card(fields, NUMBERS[number]).status_code in (200, 303)
        cards.replace(self.account, self.cast.owner, now=self.now)
        self.collect()

    def travel(self, days: int) -> None:
        journey = travel.travel(self.account, self.now + timedelta(days=days), now=NOON)
        assert journey.state == "arrived", (journey.state, journey.stopped_by)
        self.now += timedelta(days=days)
        assert self.now == NOON + self.account.clock_ahead

    def open_invitations(self) -> list[Invitation]:
        return list(self.account.invitations.open_at(self.now).order_by("id"))

    def others(self, *, active: bool) -> list[Member]:
        """The people beside the owner who are here, or who have left."""
        people = self.account.members.exclude(role=Role.OWNER).filter(deactivated_at__isnull=active, removed_at=None)
        return list(people.order_by("id"))

    @property
    def request(self) -> SeatRequest:
        """The first that waits for an answer, as it is stored."""
        waiting = SeatRequest.objects.filter(account=self.account, state="waiting")
        return waiting.select_related("account", "member__user", "quote").earliest("id")

    def buy_for(self, asked: SeatRequest) -> Order:
        """One press on the page of a request: its promise is paid with the card on file."""
        placed = seat_requests.approve(asked, self.cast.owner, evidence=world.evidence(), now=self.now)
        self.collect()
        placed.refresh_from_db()
        return placed

    def failures_today(self) -> int:
        return Payment.objects.filter(state="failed", started_at__gt=self.now - timedelta(hours=26)).count()

    def check(self, model: reference.Account) -> None:
        """The two agree, and nothing is left behind. The invariants of all books are asked when the life is told."""
        assert_agree(self.facts, model)
        invoices = Counter(Invoice.objects.filter(account=self.account).values_list("state", "total_minor"))
        debts = Counter((debt.state, debt.total) for debt in model.debts)
        assert invoices == debts + Counter(("paid", total) for total in model.invoices)
        reasons = list(self.account.subscriptions.filter(state="ended").values_list("end_reason", flat=True))
        assert Counter(reason for reason in reasons if reason != "merged") == Counter(model.ended)
        asked = SeatRequest.objects.filter(account=self.account).order_by("id").values_list("member", "state")
        assert list(asked) == [(each.member, each.state) for each in model.requests]
        billing_admins = self.account.members.filter(role=Role.BILLING_ADMIN, deactivated_at=None)
        assert self.facts.held_plans != {"team"} or not billing_admins.exists(), "on Team only the owner buys"
        assert_seats_agree(self.account, now=self.now)
        assert_nothing_left_behind(self.account, now=self.now)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        happened("life_steps")
