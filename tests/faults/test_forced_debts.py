"""An invoice that is owed, and two ways to pay it or to give it up that cross: both orders, forced."""

import pytest

from palier.apps.accounts.models import Member
from palier.apps.invoices.models import Invoice
from palier.flows import card as cards
from palier.flows import dun
from tests import world
from tests.faults.meetings import ALONE, PAYS, SOON, Meeting, assert_one_of_two_orders, with_the_worker
from tests.faults.pauses import Action, Point
from tests.flows.test_races_of_a_life import JULY, MID_JUNE, Stage
from tests.sandbox_process import SandboxProcess
from tests.unpaid import typed_for


def paying_now(stage: Stage, invoice: Invoice, member: Member, number: str = world.GOOD) -> Action:
    """*Pay now* with a card that was typed."""
    typed_for(stage.sandbox, invoice, member, number)
    return with_the_worker(stage, lambda: dun.pay(invoice, member, "new", now=SOON))


def retrying(stage: Stage, invoice: Invoice) -> Action:
    """The calendar's try."""
    return with_the_worker(stage, lambda: dun.retry(invoice.id, now=SOON))


def replacing(stage: Stage) -> Action:
    """Another card on file."""
    stage.type_new_card()
    return with_the_worker(stage, lambda: cards.replace(stage.account, stage.owner, now=SOON))


def owing(stage: Stage, number: str) -> Invoice:
    """The renewal of July was charged to a card, and its bank had no funds or asks."""
    stage.type_new_card(number)
    cards.replace(stage.account, stage.owner, now=MID_JUNE)
    stage.settle(JULY)
    return stage.open_invoice


def two_admins_pay_now(stage: Stage) -> tuple[Action, Action]:
    invoice = stage.is_past_due()
    return paying_now(stage, invoice, stage.owner), paying_now(stage, invoice, stage.others[0])


def pay_now_and_the_calendar(stage: Stage) -> tuple[Action, Action]:
    invoice = owing(stage, world.LATER_POOR_TWICE)
    return with_the_worker(stage, lambda: dun.pay(invoice, stage.owner, "saved", now=SOON)), retrying(stage, invoice)


def another_card_and_the_calendar(stage: Stage) -> tuple[Action, Action]:
    invoice = stage.is_past_due()
    return replacing(stage), retrying(stage, invoice)


def paying_and_giving_up(stage: Stage) -> tuple[Action, Action]:
    invoice = stage.is_past_due()
    return paying_now(stage, invoice, stage.owner), lambda: dun.give_up(invoice.id, now=SOON)


def a_charge_in_flight_and_giving_up(stage: Stage) -> tuple[Action, Action]:
    """The last try of the calendar, by the worker."""
    invoice = owing(stage, world.LATER_POOR_TWICE)
    retrying(stage, invoice)()
    return retrying(stage, invoice), lambda: dun.give_up(invoice.id, now=SOON)


def paying_and_suspending(stage: Stage) -> tuple[Action, Action]:
    invoice = stage.is_past_due()
    return paying_now(stage, invoice, stage.owner), lambda: dun.suspend(invoice.id, now=SOON)


@pytest.mark.parametrize(
    ("meeting", "first_at", "second_at"),
    [
        (two_admins_pay_now, PAYS, PAYS),
        (pay_now_and_the_calendar, PAYS, PAYS),
        (another_card_and_the_calendar, PAYS, PAYS),
        (paying_and_giving_up, PAYS, ALONE),
        (a_charge_in_flight_and_giving_up, PAYS, ALONE),
        (paying_and_suspending, PAYS, ALONE),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_debt_ends_as_in_one_of_the_two_orders(
    sandbox: SandboxProcess, meeting: Meeting, first_at: tuple[Point, ...], second_at: tuple[Point, ...]
) -> None:
    assert_one_of_two_orders(meeting, sandbox, first_at, second_at)
