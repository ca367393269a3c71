"""From 2 to 64 who want one sum paid at one moment, through whatever channel: it is taken once, in the gateway's book.

A round is a fresh debt or a fresh offer of an account, made ready by one; then all are released at a barrier. Who is
told that a payment is under way comes again afterwards, as the page says. Accounts and connections serve many rounds.
"""

import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Final

import pytest
from django.db import connection, connections

from palier.apps.accounts.models import Member
from palier.apps.events.actions import record
from palier.apps.gateways import gateway
from palier.apps.gateways.models import GatewayEvent
from palier.apps.gateways.sandbox import event_signature
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments import actions as payments
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentMethod
from palier.apps.subscriptions.models import Subscription
from palier.flows import card as cards
from palier.flows import charge, dun, order, quote, receive, release, renew
from palier.flows.change import Choice
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.faults.pauses import PATIENCE_SECONDS, Action
from tests.flows.test_races_of_a_life import MID_JUNE, Stage
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess
from tests.unpaid import typed_for

ROUNDS: Final = sized(200, 5_000, 10_000)
ROUNDS_OF_AN_ACCOUNT: Final = 20
SEED: Final = 20_261_126
MANY: Final = {25: 16, 100: 64}
"""Every so many rounds there are so many; in all others 2 to 8."""


class Crowd:
    """Threads with a connection each that serve every round."""

    def __init__(self) -> None:
        self.threads: list[ThreadPoolExecutor] = []

    def at_once(self, actions: Sequence[Action]) -> list[object]:
        """Release all of them at one moment; a refusal is an answer."""
        self.threads += [ThreadPoolExecutor(1) for _ in actions[len(self.threads) :]]
        gate = Barrier(len(actions))

        def one(action: Action) -> object:
            connection.ensure_connection()
            gate.wait(PATIENCE_SECONDS)
            return answer_of(action)

        running = [thread.submit(one, action) for thread, action in zip(self.threads, actions, strict=False)]
        return [each.result(PATIENCE_SECONDS) for each in running]

    def go_home(self) -> None:
        """Close every connection in the thread that opened it."""
        for thread in self.threads:
            thread.submit(connections.close_all).result(PATIENCE_SECONDS)
            thread.shutdown()


@pytest.fixture
def crowd(sandbox: SandboxProcess) -> Iterator[Crowd]:
    found = Crowd()
    yield found
    found.go_home()


def answer_of(action: Action) -> object:
    try:
        return action()
    except Refusal as refusal:
        return refusal


class Life(Stage):
    """An account that is wanted money of, again and again, and whose clock goes on from round to round."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        super().__init__(sandbox)
        self.now = MID_JUNE
        numbers = {"good": world.GOOD, "poor": world.LATER_POOR, "asks": world.LATER_ASKS}
        self.cards = {name: self._kept(number) for name, number in numbers.items()}
        self.paid = self.taken()

    def _kept(self, number: str) -> PaymentMethod:
        self.type_new_card(number)
        typed = gateway().card_from_fields(cards.reference(self.owner))
        assert typed is not None
        return payments.keep_card(self.account, gateway().name, typed, now=self.now)

    def puts_on_file(self, card: str) -> None:
        """As if typed again by the owner, with no open invoice to be charged at once."""
        chosen = PaymentMethod.objects.get(pk=self.cards[card].pk)
        payments.use_by_default(chosen)
        record(self.account_id, "card.replaced", by=self.owner.author, now=self.now, method=chosen.public_id)

    def renews(self, card: str) -> Invoice:
        """The next period is invoiced, to be charged to a card."""
        self.puts_on_file(card)
        held = self.subscription
        self.now = held.period_end
        assert renew.these([held.id], now=self.now) == 1
        return self.open_invoice

    def taken(self) -> dict[str, int]:
        """What the gateway's own book says was taken from every card of the account, by reference, in minor units."""
        tokens = PaymentMethod.objects.filter(account=self.account_id).values_list("token", flat=True)
        rows = [row for row in self.sandbox.book_of(tokens)["charges"] if row["state"] == "succeeded"]
        assert len({row["reference"] for row in rows}) == len(rows), "taken twice under one key"
        return {row["reference"]: row["amount_minor"] for row in rows}


# Channels


def pay_now(life: Life, invoice: Invoice, member: Member, card: str) -> Action:
    if card == "new":
        typed_for(life.sandbox, invoice, member, world.GOOD)
    return lambda: dun.pay(invoice, member, card, now=life.now)


def another_card(life: Life) -> Action:
    life.type_new_card()
    return lambda: cards.replace(life.account, life.owner, now=life.now)


def in_place_of_the_bank(life: Life, invoice: Invoice) -> Action:
    """*Use another card*, and *Pay now* with the one on file."""

    def instead() -> object:
        release.of(invoice, life.owner, now=life.now)
        return dun.pay(invoice, life.owner, "saved", now=life.now)

    return instead


def the_calendar(life: Life, invoice: Invoice) -> Action:
    return lambda: dun.retry(invoice.id, now=life.now)


def a_worker(life: Life) -> Action:
    return life.collect


def a_lane(life: Life) -> Action:
    """The queue of charges."""

    def turn() -> None:
        for payment in charge.queue().filter(account=life.account_id):
            charge.one(payment.id, now=life.now)

    return turn


def the_clock(life: Life) -> Action:
    return lambda: world.looked_after(now=life.now + timedelta(minutes=1))


def a_webhook(life: Life, payment: Payment) -> Action:
    """The gateway speaks of a payment, by an event of its own each time."""
    identity, sent_at = f"evt_{payment.id}_{next(_events)}", str(int(life.now.timestamp()))
    data = {"reference": payment.public_id, "id": payment.public_id}
    body = json.dumps({"type": "charge.succeeded", "timestamp": life.now.isoformat(), "data": data})
    signature = event_signature(life.sandbox.webhook_secret, identity, sent_at, body.encode())
    headers = {"Webhook-Id": identity, "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}

    def told() -> None:
        receive.event(headers, body.encode(), now=life.now)
        receive.handled(GatewayEvent.objects.get(external_id=identity).id, now=life.now)

    return told


_events: Final = itertools.count(1)


def confirming(life: Life, payment: Payment) -> Action:
    """The customer says yes at the bank and comes back."""

    def confirmed() -> None:
        life.sandbox.answer_bank(payment.action_url)
        life.ask(payment)

    return confirmed


# Rounds: what is wanted, and who may come for it

Round = Callable[[Life], tuple[Sequence[Callable[[], Action]], Callable[[], int]]]
"""Makes it ready; returns the channels, the first of which is always there, and what pays it in the end where nobody
has: the sum in minor units that is to be taken."""


def more_seats(life: Life) -> tuple[Sequence[Callable[[], Action]], Callable[[], int]]:
    """One change, promised to two people by a quote each, paid with a card on file or typed."""
    life.now += timedelta(hours=1)
    life.puts_on_file("good")
    seats = life.subscription.items.get().quantity + 1
    people = (life.owner, life.others[0])
    kept, other = (quote.make(life.account, each, Choice("team", "month", seats), now=life.now) for each in people)

    def pressing(number: int, by: Member, card: str) -> Action:
        which = (kept, other)[number]
        if card == "new":
            fields = gateway().card_fields_url(order.card_reference(which, by), locale="en", parent_origin="http://t")
            assert life.sandbox.type_card(fields, world.GOOD).status_code in (200, 303)
        return lambda: order.place(which, member=by, card=card, evidence=world.evidence(), now=life.now)

    def ended() -> int:
        if not Order.objects.filter(quote__in=(kept, other)).exists():
            answer_of(pressing(0, life.owner, "saved"))
            life.collect()
        assert Order.objects.filter(quote__in=(kept, other), state="settled").count() == 1
        assert life.subscription.items.get().quantity == seats
        return kept.total_minor

    channels: list[Callable[[], Action]] = [
        lambda: pressing(0, life.owner, "saved"),
        lambda: pressing(0, life.owner, "new"),
        lambda: pressing(0, life.others[0], "saved"),
        lambda: pressing(1, life.others[0], "saved"),
        lambda: pressing(1, life.others[0], "new"),
        lambda: a_worker(life),
        lambda: the_clock(life),
    ]
    return channels, ended


def a_renewals_charge(life: Life) -> tuple[Sequence[Callable[[], Action]], Callable[[], int]]:
    """The night has written it; workers, the clock, a webhook, and customers who cannot wait."""
    invoice = life.renews("good")
    begun = Payment.objects.get(invoice=invoice)
    return [
        lambda: a_lane(life),
        lambda: a_webhook(life, begun),
        *_whoever_pays(life, invoice),
    ], lambda: paid_in_the_end(life, invoice)


def an_unpaid_invoice(life: Life) -> tuple[Sequence[Callable[[], Action]], Callable[[], int]]:
    """No funds at the renewal: customers, another card and the calendar."""
    invoice = life.renews("poor")
    life.collect()
    return _whoever_pays(life, invoice), lambda: paid_in_the_end(life, invoice)


def a_page_at_the_bank(life: Life) -> tuple[Sequence[Callable[[], Action]], Callable[[], int]]:
    """The renewal's charge waits for the customer's yes."""
    invoice = life.renews("asks")
    life.collect()
    waiting = Payment.objects.get(invoice=invoice, state="action_required")
    return [
        lambda: confirming(life, waiting),
        lambda: in_place_of_the_bank(life, invoice),
        lambda: a_webhook(life, waiting),
        *_whoever_pays(life, invoice),
    ], lambda: paid_in_the_end(life, invoice)


def _whoever_pays(life: Life, invoice: Invoice) -> list[Callable[[], Action]]:
    return [
        lambda: pay_now(life, invoice, life.owner, "saved"),
        lambda: pay_now(life, invoice, life.others[0], "new"),
        lambda: pay_now(life, invoice, life.others[1], "saved"),
        lambda: another_card(life),
        lambda: the_calendar(life, invoice),
        lambda: a_worker(life),
        lambda: the_clock(life),
    ]


def paid_in_the_end(life: Life, invoice: Invoice) -> int:
    """Who was told to wait comes again, with the card on file; the sum that is to be taken once."""
    invoice.refresh_from_db()
    if invoice.state == "open":
        life.now += timedelta(hours=1)
        release.of(invoice, life.owner, now=life.now)
        answer_of(lambda: dun.pay(invoice, life.owner, "saved", now=life.now))
        life.collect()
        invoice.refresh_from_db()
    assert invoice.state == "paid"
    assert Subscription.objects.get(account=life.account_id).state == "active"
    return invoice.total_minor


ALL_ROUNDS: Final[tuple[Round, ...]] = (more_seats, a_renewals_charge, an_unpaid_invoice, a_page_at_the_bank)


def payers_of(number: int, chance: random.Random) -> int:
    """How many come in a round."""
    return max((many for each, many in MANY.items() if number % each == each - 1), default=chance.choice((2, 3, 4, 8)))


def test_one_sum_is_taken_once_however_many_want_it_paid(sandbox: SandboxProcess, crowd: Crowd) -> None:
    chance = random.Random(SEED)
    for first in range(0, ROUNDS, ROUNDS_OF_AN_ACCOUNT):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        life = Life(sandbox)
        numbers = range(first, min(first + ROUNDS_OF_AN_ACCOUNT, ROUNDS))
        for number in numbers:
            assert not (wrong := wrong_in(life, number, crowd, chance)), f"round {number} of seed {SEED}: {wrong}"
        happened("payers_at_once", len(numbers), seed=SEED, first=first)
    assert_balanced(sandbox, but=("I07",))  # the accounts' clocks go on into years that the gateway's has not seen


def wrong_in(life: Life, number: int, crowd: Crowd, chance: random.Random) -> str:
    """Play a round; what is wrong after it, or nothing."""
    before, play = life.paid, chance.choice(ALL_ROUNDS)
    channels, ended = play(life)
    many = payers_of(number, chance)
    chosen = [channels[0], *chance.choices(channels, k=many - 1)]
    answers = crowd.at_once([channel() for channel in chosen])
    life.collect()
    owed = ended()
    life.paid = life.taken()
    new = {reference: minor for reference, minor in life.paid.items() if reference not in before}
    if list(new.values()) != [owed]:
        return f"{play.__name__} by {many}: {new} were taken instead of {owed} once; they were told {answers}"
    if Payment.objects.filter(account=life.account_id, state__in=UNRESOLVED).exists():
        return f"{play.__name__} by {many}: a payment is not over; they were told {answers}"
    return ""
