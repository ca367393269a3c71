"""A bank's page is open while somebody else wants the same money: both orders, forced. (Two channels, one charge.)"""

import pytest

from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows import card as cards
from palier.flows import dun, order, release
from palier.flows.change import Choice
from tests import world
from tests.faults.meetings import ALONE, SOON, Meeting, assert_one_of_two_orders, with_the_worker
from tests.faults.pauses import (
    AFTER_ITS_CHARGE,
    AFTER_ITS_LOCK,
    BEFORE_ITS_COMMIT,
    BEFORE_ITS_LOCK,
    Action,
    Point,
    passes,
)
from tests.flows.test_races_of_a_life import JULY, MID_JUNE, Stage
from tests.sandbox_process import SandboxProcess
from tests.unpaid import typed_for

AT_THE_BANK = (
    Point("before the bank's yes"),
    Point("after the bank's yes"),
    BEFORE_ITS_LOCK,
    AFTER_ITS_LOCK,
    BEFORE_ITS_COMMIT,
)
"""Before the bank has heard anything, once it has said yes, and around the writing of what it said."""
TAKES_ITS_PLACE = (
    Point("before POST /v1/charges/…/cancel: http11.send_request_headers"),
    Point("after POST /v1/charges/…/cancel: http11.receive_response_body"),
    BEFORE_ITS_LOCK,
    AFTER_ITS_LOCK,
    AFTER_ITS_CHARGE,
)
"""Around the gateway's word that the payment before is given up, and after the charge that took its place."""


def waiting_at_the_bank(stage: Stage) -> Payment:
    return Payment.objects.get(account=stage.account, state="action_required")


def confirming(stage: Stage) -> Action:
    """The customer says yes at their bank and comes back: the page has the gateway asked."""
    waiting = waiting_at_the_bank(stage)

    def confirmed() -> None:
        passes("before the bank's yes")
        stage.sandbox.answer_bank(waiting.action_url)
        passes("after the bank's yes")
        stage.ask(waiting)

    return confirmed


def paying_at_the_bank(stage: Stage) -> Invoice:
    """*Pay now* with a card whose bank asks: its page is open."""
    invoice = stage.is_past_due()
    typed_for(stage.sandbox, invoice, stage.owner, world.NEEDS_3DS)
    with_the_worker(stage, lambda: dun.pay(invoice, stage.owner, "new", now=SOON))()
    return invoice


def charged_alone_at_the_bank(stage: Stage) -> Invoice:
    """The renewal was charged to a card whose bank asks: a letter with a link has left."""
    stage.type_new_card(world.LATER_ASKS)
    cards.replace(stage.account, stage.owner, now=MID_JUNE)
    stage.settle(JULY)
    return stage.open_invoice


def paying_with_another_card(stage: Stage, invoice: Invoice) -> Action:
    """*Use another card* on the invoice's page, and *Pay now* with it."""
    typed_for(stage.sandbox, invoice, stage.owner, world.GOOD)

    def paid() -> object:
        release.of(invoice, stage.owner, now=SOON)
        answer = dun.pay(invoice, stage.owner, "new", now=SOON)
        stage.collect()
        return answer

    return paid


def an_open_page_and_the_calendar(stage: Stage) -> tuple[Action, Action]:
    invoice = paying_at_the_bank(stage)
    return confirming(stage), with_the_worker(stage, lambda: dun.retry(invoice.id, now=SOON))


def an_open_page_and_another_card_on_file(stage: Stage) -> tuple[Action, Action]:
    paying_at_the_bank(stage)
    stage.type_new_card()
    return confirming(stage), with_the_worker(stage, lambda: cards.replace(stage.account, stage.owner, now=SOON))


def an_open_page_and_another_card_for_the_invoice(stage: Stage) -> tuple[Action, Action]:
    invoice = paying_at_the_bank(stage)
    return confirming(stage), paying_with_another_card(stage, invoice)


def an_open_page_and_giving_up(stage: Stage) -> tuple[Action, Action]:
    invoice = paying_at_the_bank(stage)
    return confirming(stage), lambda: dun.give_up(invoice.id, now=SOON)


def a_link_by_mail_and_another_card(stage: Stage) -> tuple[Action, Action]:
    invoice = charged_alone_at_the_bank(stage)
    return confirming(stage), paying_with_another_card(stage, invoice)


def an_open_checkout_and_another_card(stage: Stage) -> tuple[Action, Action]:
    """More seats, with a card whose bank asks; in a second tab the order is tried with the card on file."""
    kept = stage.quoted(Choice("team", "month", 8))
    world.type_card(stage.sandbox, kept, world.NEEDS_3DS)
    pressing = stage.pressing(kept, "new")
    with_the_worker(stage, pressing)()
    accepted = Order.objects.get(quote=kept)

    def with_the_card_on_file() -> object:
        order.withdraw(accepted, stage.owner, now=MID_JUNE)
        answer = stage.pressing(kept)()
        stage.collect()
        return answer

    return confirming(stage), with_the_card_on_file


@pytest.mark.parametrize(
    ("meeting", "second_at"),
    [
        (an_open_page_and_the_calendar, ALONE[:2]),
        (an_open_page_and_another_card_on_file, TAKES_ITS_PLACE),
        (an_open_page_and_another_card_for_the_invoice, TAKES_ITS_PLACE),
        (an_open_page_and_giving_up, ALONE),
        (a_link_by_mail_and_another_card, TAKES_ITS_PLACE),
        (an_open_checkout_and_another_card, TAKES_ITS_PLACE),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_what_waits_at_a_bank_ends_as_in_one_of_the_two_orders(
    sandbox: SandboxProcess, meeting: Meeting, second_at: tuple[Point, ...]
) -> None:
    assert_one_of_two_orders(meeting, sandbox, AT_THE_BANK, second_at)
