"""What meets in the life of a subscription: whichever comes first, the end is one of the two orders, never a mixture.

Each pair is done one after the other on two accounts (both orders), then on more accounts with the second command under
way while the first holds the lock (both orders), and at one moment. Real threads, real connections, real locks.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db.models import F
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account, Invitation, Member, User
from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Quote
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import agenda, baskets, close, collect, details, dun, order, quote, renew, schedule, seats
from palier.flows import card as cards
from palier.flows.change import Choice
from palier.flows.people import invite, signup
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.catalogue.toml import edited
from tests.flows.test_invitations import link_of
from tests.in_turn import in_turn
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick_hasher(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


JULY = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
MID_JUNE = NOON + timedelta(days=14)
"""The commands of people; half of the month is left. What the clock does comes at midnight of 1 July."""

numbers = count(1)

type Command = Callable[[], object]
type Meeting = Callable[[Stage], tuple[Command, Command]]


class Stage:
    """A fresh account that holds six seats of Team by the month, four of them in use."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox, number = sandbox, next(numbers)
        person = User.objects.create(email=f"owner{number}@races.example", name="Odile Owner")
        self.owner = signup.open_account(person, company=f"Agence {number}", country="FR", language="fr", now=NOON)
        details.save(self.owner.account, self.owner, world.DETAILS, now=NOON)
        self.others = [self._joins(f"{name}{number}@races.example") for name in ("ann", "bob", "cem")]
        world.bought(sandbox, self.owner, seats=6)

    def _joins(self, email: str) -> Member:
        person = User.objects.create(email=email, name="Some One")
        return signup.join(self.owner.account, person, "billing_admin", now=NOON)

    @property
    def account(self) -> Account:
        return world.fresh(self.owner.account)

    @property
    def account_id(self) -> int:
        return self.owner.account_id

    @property
    def subscription(self) -> Subscription:
        return Subscription.objects.get(account=self.account_id)

    @property
    def open_invoice(self) -> Invoice:
        return Invoice.objects.get(account=self.account_id, state="open")

    def quoted(self, choice: Choice, member: Member | None = None) -> Quote:
        return quote.make(self.account, member or self.owner, choice, now=MID_JUNE)

    def pressing(self, kept: Quote, card: str = "saved", by: Member | None = None) -> Command:
        return lambda: order.place(kept, member=by or kept.member, card=card, evidence=world.evidence(), now=MID_JUNE)

    def type_new_card(self, number: str = world.GOOD) -> None:
        fields = cards.fields_url(cards.reference(self.owner), language="en", parent_origin="http://localhost")
        typed = self.sandbox.type_card(fields, number, expiry=world.expiry_of(self.account))
        assert typed.status_code in (200, 303)

    def is_past_due(self) -> Invoice:
        """The renewal of July was invoiced and the card declined."""
        self.type_new_card(world.DECLINED)
        cards.replace(self.account, self.owner, now=MID_JUNE)
        self.settle(JULY)
        assert self.subscription.state == "past_due"
        return self.open_invoice

    def settle(self, now: datetime) -> None:
        """What the clock and the worker do until nothing is left: the earliest first, each paid before the next."""
        mine = Due.objects.filter(account_id=self.account_id, due_at__lte=now, kind__in=agenda.FLOWS)
        for _ in range(3):
            for row in mine.order_by("due_at", "id"):
                agenda.FLOWS[row.kind](row, now=now)
                self.collect()
            self.collect()

    def collect(self) -> None:
        """The worker sends what is written ahead."""
        for payment in Payment.objects.filter(account=self.account_id, state__in=("started", "sent", "unknown")):
            self.ask(payment)

    def ask(self, payment: Payment) -> None:
        """The worker sends one payment, or asks what became of it."""
        collect.payment(payment.id, now=payment.started_at)

    def seen(self) -> dict[str, object]:
        """All that the two orders may differ in."""
        mine = {"account": self.account_id}
        held = Subscription.objects.filter(**mine).order_by("id")
        return {
            "subscriptions": [(each.state, each.end_reason, each.interval, each.period_end) for each in held],
            "items": sorted(held.filter(items__isnull=False).values_list("items__key", "items__quantity")),
            "waiting": sorted(
                ScheduledChange.objects.filter(subscription__account=self.account_id).values_list(
                    "kind", "state", "quantity"
                )
            ),
            "invoices": sorted(Invoice.objects.filter(**mine).values_list("state", "total_minor")),
            "payments": sorted(Payment.objects.filter(**mine).values_list("state", "amount_minor")),
            "people": self.account.members.filter(deactivated_at=None).count(),
            "invited": Invitation.objects.filter(**mine, accepted_at=None, expires_at__gt=F("invited_at")).count(),
        }


def inviting_and_reducing(stage: Stage) -> tuple[Command, Command]:
    wanted = [f"guest{number}@races.example" for number in (next(numbers), next(numbers))]
    return (
        lambda: invite.people(stage.account, stage.owner, wanted, now=MID_JUNE),
        lambda: seats.reduce(stage.account, stage.owner, 4, interval="month", now=MID_JUNE),
    )


def accepting_and_reducing(stage: Stage) -> tuple[Command, Command]:
    email = f"guest{next(numbers)}@races.example"
    invite.people(stage.account, stage.owner, [email], now=MID_JUNE)
    token = link_of(email)
    return (
        lambda: invite.accept(token, name="Nora", password=world.PASSWORD, language="en", now=MID_JUNE),
        lambda: seats.reduce(stage.account, stage.owner, 5, interval="month", now=MID_JUNE),
    )


def buying_and_reducing(stage: Stage) -> tuple[Command, Command]:
    kept = stage.quoted(Choice("team", "month", 8))
    return stage.pressing(kept), lambda: seats.reduce(stage.account, stage.owner, 5, interval="month", now=MID_JUNE)


def paying_by_two_admins(stage: Stage) -> tuple[Command, Command]:
    own, others = (
        stage.quoted(Choice("team", "month", 8)),
        stage.quoted(Choice("business", "month", 6), stage.others[0]),
    )
    return stage.pressing(own), stage.pressing(others)


def settling_and_reducing(stage: Stage) -> tuple[Command, Command]:
    kept = stage.quoted(Choice("business", "month", 6))
    stage.pressing(kept)()
    payment = Payment.objects.get(order__quote=kept)
    return (
        lambda: collect.payment(payment.id, now=MID_JUNE),
        lambda: seats.reduce(stage.account, stage.owner, 5, interval="month", now=MID_JUNE),
    )


def changing_plan_and_renewing(stage: Stage) -> tuple[Command, Command]:
    return stage.pressing(stage.quoted(Choice("business", "month", 6))), renewing(stage)


def canceling_and_renewing(stage: Stage) -> tuple[Command, Command]:
    return lambda: schedule.cancel(stage.account, stage.owner, now=MID_JUNE), renewing(stage)


def canceling_and_buying(stage: Stage) -> tuple[Command, Command]:
    kept = stage.quoted(Choice("team", "month", 8))
    return lambda: schedule.cancel(stage.account, stage.owner, now=MID_JUNE), stage.pressing(kept)


def withdrawing_and_renewing(stage: Stage) -> tuple[Command, Command]:
    [change] = seats.reduce(stage.account, stage.owner, 5, interval="month", now=MID_JUNE)
    return lambda: schedule.withdraw(change, stage.owner, now=MID_JUNE), renewing(stage)


def closing_a_basket_and_changing_plan(stage: Stage) -> tuple[Command, Command]:
    baskets.take(stage.account, stage.owner, 8, interval="month", now=MID_JUNE)
    row = Due.objects.get(account_id=stage.account.id, kind="basket")
    return lambda: agenda.FLOWS["basket"](row, now=MID_JUNE), stage.pressing(
        stage.quoted(Choice("business", "month", 8))
    )


def taking_seats_and_reducing(stage: Stage) -> tuple[Command, Command]:
    return (
        lambda: baskets.take(stage.account, stage.owner, 8, interval="month", now=MID_JUNE),
        lambda: seats.reduce(stage.account, stage.owner, 5, interval="month", now=MID_JUNE),
    )


def replacing_the_card_and_retrying(stage: Stage) -> tuple[Command, Command]:
    invoice = stage.is_past_due()
    stage.type_new_card()
    soon = JULY + timedelta(hours=1)
    return (
        lambda: cards.replace(stage.account, stage.owner, now=soon),
        lambda: dun.retry(invoice.id, now=soon),
    )


def paying_and_giving_up(stage: Stage) -> tuple[Command, Command]:
    invoice = stage.is_past_due()
    fields = cards.fields_url(dun.card_reference(invoice, stage.owner), language="en", parent_origin="http://localhost")
    assert stage.sandbox.type_card(fields, world.GOOD).status_code in (200, 303)
    soon = JULY + timedelta(hours=1)
    return lambda: dun.pay(invoice, stage.owner, "new", now=soon), lambda: dun.give_up(invoice.id, now=soon)


def paying_twice(stage: Stage) -> tuple[Command, Command]:
    invoice = stage.is_past_due()
    soon = JULY + timedelta(hours=1)
    return (
        lambda: dun.pay(invoice, stage.owner, "saved", now=soon),
        lambda: dun.pay(invoice, stage.others[0], "saved", now=soon),
    )


def closing_and_buying_again(stage: Stage) -> tuple[Command, Command]:
    schedule.cancel(stage.account, stage.owner, now=MID_JUNE)
    renewing(stage)()
    soon = JULY + timedelta(hours=1)
    kept = quote.make(stage.account, stage.owner, Choice("team", "month", 6), now=soon)
    return (
        lambda: close.account(stage.account, stage.owner, stage.account.name, now=soon),
        lambda: order.place(kept, member=kept.member, card="saved", evidence=world.evidence(), now=soon),
    )


def renewing_twice(stage: Stage) -> tuple[Command, Command]:
    return renewing(stage), renewing(stage)


def renewing(stage: Stage) -> Command:
    subscription = stage.subscription
    return lambda: renew.these([subscription.id], now=JULY)


MEETINGS = [
    inviting_and_reducing,
    accepting_and_reducing,
    buying_and_reducing,
    paying_by_two_admins,
    settling_and_reducing,
    changing_plan_and_renewing,
    canceling_and_renewing,
    canceling_and_buying,
    withdrawing_and_renewing,
    closing_a_basket_and_changing_plan,
    taking_seats_and_reducing,
    replacing_the_card_and_retrying,
    paying_and_giving_up,
    paying_twice,
    closing_and_buying_again,
    renewing_twice,
]


@pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.__name__)
def test_the_end_is_that_of_one_of_the_two_orders(sandbox: SandboxProcess, meeting: Meeting) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    orders = [ends(sandbox, meeting, one_after_the_other, swapped=swapped) for swapped in (False, True)]
    for swapped in (False, True):
        assert ends(sandbox, meeting, with_the_lock, swapped=swapped) in orders
    assert ends(sandbox, meeting, at_one_moment, swapped=False) in orders
    assert_balanced(sandbox)


def ends(
    sandbox: SandboxProcess, meeting: Meeting, how: Callable[[Stage, Command, Command], None], *, swapped: bool
) -> dict[str, object]:
    """How a fresh account stands after two commands have met."""
    stage = Stage(sandbox)
    first, second = meeting(stage)[::-1] if swapped else meeting(stage)
    how(stage, first, second)
    stage.settle(JULY + timedelta(hours=2))
    return stage.seen()


def one_after_the_other(stage: Stage, first: Command, second: Command) -> None:
    for command in (first, second):
        try:
            command()
        except Refusal:
            continue


def with_the_lock(stage: Stage, first: Command, second: Command) -> None:
    in_turn(stage.account.id, first, second)


def at_one_moment(stage: Stage, first: Command, second: Command) -> None:
    together([first, second])
