"""Many at once: one charge, one invoice, numbers without a gap. Real threads, real connections, real locks."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from palier.apps.accounts.models import Member, User
from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.actions import post
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.engine.postings import Posting
from palier.flows import collect, details, order, settle
from palier.flows.order_refusals import PaymentInProgress, SubscriptionMoved
from palier.flows.people import signup
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "4000 0000 0000 6603"


@pytest.fixture(autouse=True)
def prices(transactional_db: None) -> None:
    world.publish()


def buyer(number: int = 1) -> Member:
    """The owner of a fresh account with its billing details."""
    person = User.objects.create(email=f"owner{number}@races.example", name="Odile Owner")
    owner = signup.open_account(person, company=f"Agence {number}", country="FR", language="fr", now=NOON)
    details.save(owner.account, owner, world.DETAILS, now=NOON)
    return owner


def pressing_pay(kept: Quote, card: str = "new") -> Callable[[], Order]:
    return lambda: order.place(kept, member=kept.member, card=card, evidence=world.evidence(), now=NOON)


def collecting(payment: Payment) -> Callable[[], None]:
    return lambda: collect.payment(payment.id, now=NOON)


def assert_paid_once(accepted: Order, sandbox: SandboxProcess) -> None:
    accepted.refresh_from_db()
    payment = accepted.payments.get()
    assert (accepted.state, payment.state) == ("settled", "succeeded")
    assert sandbox.captured(payment.public_id) == 1
    assert Invoice.objects.filter(account=accepted.account).count() == 1
    assert Mail.objects.filter(account_id=accepted.account_id, kind="receipt").count() == 1
    assert_balanced(sandbox)


@pytest.mark.parametrize("many", [2, 8, 16])
def test_pay_pressed_many_times_at_once_is_one_order_with_one_payment(sandbox: SandboxProcess, many: int) -> None:
    kept = world.quoted(buyer())
    world.type_card(sandbox, kept)
    answers = together([pressing_pay(kept)] * many)
    accepted = Order.objects.get()
    assert {answer.pk for answer in answers if isinstance(answer, Order)} == {accepted.pk}
    assert len([answer for answer in answers if isinstance(answer, Order)]) == many
    world.collected(accepted)
    assert_paid_once(accepted, sandbox)


def test_after_a_decline_pay_pressed_many_times_at_once_is_one_more_attempt(sandbox: SandboxProcess) -> None:
    kept = world.quoted(buyer())
    accepted = world.placed(sandbox, kept, world.DECLINED)
    assert world.collected(accepted).state == "failed"
    world.type_card(sandbox, kept)
    together([pressing_pay(kept)] * 8)
    assert list(accepted.payments.order_by("attempt").values_list("attempt", "state")) == [
        (1, "failed"),
        (2, "started"),
    ]


def test_two_quotes_of_one_account_accepted_at_once_give_one_order(sandbox: SandboxProcess) -> None:
    owner = buyer()
    quotes = [world.quoted(owner, plan) for plan in ("team", "business", "enterprise", "team")]
    for kept in quotes:
        world.type_card(sandbox, kept)
    answers = together([pressing_pay(kept) for kept in quotes])
    assert [type(answer) for answer in answers].count(Order) == 1
    assert {type(answer) for answer in answers} <= {Order, PaymentInProgress}
    world.collected(Order.objects.get())
    assert_paid_once(Order.objects.get(), sandbox)


def test_an_upgrade_from_two_tabs_is_bought_once(sandbox: SandboxProcess) -> None:
    owner = buyer()
    world.bought(sandbox, owner)
    later = NOON + timedelta(days=19)
    quotes = [world.quoted(owner, plan, now=later) for plan in ("business", "enterprise")]

    def buying(kept: Quote) -> Callable[[], Order]:
        def buy() -> Order:
            accepted = order.place(kept, member=owner, card="saved", evidence=world.evidence(), now=later)
            world.collected(accepted, now=later)
            return accepted

        return buy

    answers = together([buying(kept) for kept in quotes])
    assert [type(answer) for answer in answers].count(Order) == 1
    assert {type(answer) for answer in answers} <= {Order, PaymentInProgress, SubscriptionMoved}
    assert Subscription.objects.get().version == 2
    assert_balanced(sandbox)


@pytest.mark.parametrize("card", [world.GOOD, SLOW], ids=["quick", "slow"])
@pytest.mark.parametrize("many", [2, 8])
def test_workers_that_collect_one_payment_at_once_charge_it_once(sandbox: SandboxProcess, many: int, card: str) -> None:
    accepted = world.placed(sandbox, world.quoted(buyer()), card)
    together([collecting(accepted.payments.get())] * many)
    world.looked_after(now=NOON + timedelta(minutes=1))
    assert_paid_once(accepted, sandbox)


@pytest.mark.parametrize("many", [2, 8])
def test_one_answer_settled_by_many_at_once_settles_once(sandbox: SandboxProcess, many: int) -> None:
    """The worker, the webhook's worker and the periodic question all hold the same answer."""
    accepted = world.placed(sandbox, world.quoted(buyer()))
    payment = accepted.payments.get()
    Payment.objects.filter(pk=payment.pk).update(state="sent", sent_at=NOON)
    answer = gateway().charge(collect.wish(Payment.objects.select_related("method", "order__quote").get(pk=payment.pk)))
    together([lambda: settle.payment(payment.id, answer, now=NOON)] * many)
    assert_paid_once(accepted, sandbox)


def test_a_worker_a_webhook_and_the_clock_at_once_settle_once(sandbox: SandboxProcess) -> None:
    for number in range(1, 5):
        accepted = world.placed(sandbox, world.quoted(buyer(number)), SLOW)
        payment = accepted.payments.get()
        together(
            [collecting(payment), collecting(payment), lambda: world.looked_after(now=NOON + timedelta(minutes=1))]
        )
        world.looked_after(now=NOON + timedelta(minutes=2))
        assert_paid_once(accepted, sandbox)


def test_giving_up_and_the_banks_yes_at_once_end_one_way(sandbox: SandboxProcess) -> None:
    for number in range(1, 5):
        accepted = world.placed(sandbox, world.quoted(buyer(number)), world.NEEDS_3DS)
        waiting = world.collected(accepted)
        together([confirming(sandbox, waiting), giving_up(accepted), collecting(waiting)])
        collect.payment(waiting.id, now=NOON)
        waiting.refresh_from_db()
        accepted.refresh_from_db()
        ending = (waiting.state, accepted.state, sandbox.captured(waiting.public_id))
        assert ending in [("succeeded", "settled", 1), ("failed", "open", 0)]
    assert_balanced(sandbox)


def confirming(sandbox: SandboxProcess, waiting: Payment) -> Callable[[], None]:
    def confirm() -> None:
        sandbox.answer_bank(waiting.action_url)

    return confirm


def giving_up(accepted: Order) -> Callable[[], None]:
    return lambda: order.withdraw(accepted, accepted.member, now=NOON)


def test_invoices_of_different_accounts_settled_at_once_are_numbered_without_a_gap(sandbox: SandboxProcess) -> None:
    orders = [world.placed(sandbox, world.quoted(buyer(number))) for number in range(1, 13)]
    together([collecting(accepted.payments.get()) for accepted in orders])
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"F2026-{number:06d}" for number in range(1, 13)]
    assert_balanced(sandbox)


def test_a_settlement_that_fails_gives_its_number_back(sandbox: SandboxProcess) -> None:
    """Of every second account something was posted before, so the whole settlement is undone while others commit."""
    orders = [world.placed(sandbox, world.quoted(buyer(number))) for number in range(1, 9)]
    for accepted in orders[::2]:
        reference = f"{accepted.payments.get().public_id}:received"
        nothing = [Posting("cash", 1), Posting("cash", -1)]
        with transaction.atomic():
            post(accepted.account_id, "planted", reference=reference, currency="EUR", postings=nothing, now=NOON)

    def settling(payment: Payment) -> Callable[[], None]:
        def settled() -> None:
            with suppress(IntegrityError):
                collect.payment(payment.id, now=NOON)

        return settled

    together([settling(accepted.payments.get()) for accepted in orders])
    assert Order.objects.filter(state="settled").count() == 4
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"F2026-{number:06d}" for number in range(1, 5)]
