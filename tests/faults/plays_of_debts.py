"""A renewal that was not paid: the customer pays, the calendar tries, access ends; each until its process dies."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from palier.apps.accounts.models import Member
from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.kit import clock
from tests import unpaid, world
from tests.actors import stories
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.promises_of_flows import (
    assert_card_replaced_and_debt_paid,
    assert_given_up_once_or_paid,
    assert_paid_and_open,
    assert_suspended_once_or_paid,
    assert_tried_once_or_paid,
)
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess


def pay_now(sandbox: SandboxProcess) -> Play:
    """An open invoice is paid with a new card, and in a second tab with the one on file."""
    owner, invoice = _owing(sandbox)
    unpaid.typed_for(sandbox, invoice, owner, world.GOOD)
    at = invoice.issued_at + timedelta(hours=2)
    return curtain(
        owner.account,
        at,
        story="pay_invoice",
        kept=partial(assert_paid_and_open, invoice=invoice),
        elsewhere=_pays_elsewhere(owner, invoice, at),
        invoice=invoice.id,
        member=owner.id,
        card="new",
    )


def card_change(sandbox: SandboxProcess) -> Play:
    """A new card is put on file while an invoice is open; a second tab pays the invoice with the old one."""
    owner, invoice = _owing(sandbox)
    unpaid.typed_on_file(sandbox, owner, world.GOOD)
    at = invoice.issued_at + timedelta(hours=2)
    return curtain(
        owner.account,
        at,
        story="replace_card",
        kept=partial(assert_card_replaced_and_debt_paid, invoice=invoice, last4="4242"),
        elsewhere=_pays_elsewhere(owner, invoice, at),
        member=owner.id,
    )


def retry_that_pays(sandbox: SandboxProcess) -> Play:
    """The second try of the calendar takes the money; in a second tab the customer pays."""
    owner, invoice = _owing(sandbox, world.LATER_POOR_TWICE)
    stories.fall_due(owner.account_id, _next("retry", invoice).isoformat())
    at = _next("retry", invoice)
    paid = partial(assert_paid_and_open, invoice=invoice)
    elsewhere = _pays_elsewhere(owner, invoice, at)
    return curtain(owner.account, at, story="fall_due", kept=paid, elsewhere=elsewhere)


def retry_that_fails(sandbox: SandboxProcess) -> Play:
    """The first try of the calendar meets no funds; in a second tab the customer pays."""
    owner, invoice = _owing(sandbox)
    at = _next("retry", invoice)
    tried = partial(assert_tried_once_or_paid, invoice=invoice)
    elsewhere = _pays_elsewhere(owner, invoice, at)
    return curtain(owner.account, at, story="fall_due", kept=tried, elsewhere=elsewhere)


def suspension(sandbox: SandboxProcess) -> Play:
    """Grace is over; in a second tab the customer pays with another card."""
    owner, invoice = _owing(sandbox, world.LATER_LOST)
    unpaid.typed_for(sandbox, invoice, owner, world.GOOD)
    at = _next("suspend", invoice)
    suspended = partial(assert_suspended_once_or_paid, invoice=invoice)
    elsewhere = _pays_elsewhere(owner, invoice, at, "new")
    return curtain(owner.account, at, story="fall_due", kept=suspended, elsewhere=elsewhere)


def end_unpaid(sandbox: SandboxProcess) -> Play:
    """The pursuit is given up; in a second tab the customer pays with another card, before or after that."""
    owner, invoice = _owing(sandbox, world.LATER_LOST)
    stories.fall_due(owner.account_id, _next("suspend", invoice).isoformat())
    unpaid.typed_for(sandbox, invoice, owner, world.GOOD)
    at = _next("give_up", invoice)
    given_up = partial(assert_given_up_once_or_paid, invoice=invoice)
    elsewhere = _pays_elsewhere(owner, invoice, at, "new")
    return curtain(owner.account, at, story="fall_due", kept=given_up, elsewhere=elsewhere)


def _owing(sandbox: SandboxProcess, number: str = world.LATER_POOR) -> tuple[Member, Invoice]:
    """The owner of an account whose year was renewed a month and more ago and not paid."""
    owner = an_owner()
    invoice = unpaid.renewed(sandbox, owner, number, interval="year", now=clock.now() - timedelta(days=410))
    return owner, invoice


def _next(kind: str, invoice: Invoice) -> datetime:
    return Due.objects.get(kind=kind, subject=invoice.id).due_at


def _pays_elsewhere(owner: Member, invoice: Invoice, at: datetime, card: str = "saved") -> Callable[[], object]:
    return second_tab("pay_invoice", owner.account, at, invoice=invoice.id, member=owner.id, card=card)
