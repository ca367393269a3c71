"""An unpaid invoice, and two at once who want it paid: one charge, whoever is first. Real connections, real locks."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from palier.apps.accounts.models import Account, Member, User
from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment, PaymentMethod
from palier.flows import agenda, card, collect, dun
from palier.flows import details as details_of
from palier.flows.dun import InvoiceBeingPaid, InvoiceNotOpen
from palier.flows.people import signup
from tests import unpaid, world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import LATER_LOST, LATER_POOR, NOON

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = "5555 5555 5555 4444"


@pytest.fixture
def owner(transactional_db: None) -> Member:
    world.publish()
    person = User.objects.create(email="owner@races.example", name="Odile Owner")
    opened = signup.open_account(person, company="Agence", country="FR", language="fr", now=NOON)
    details_of.save(opened.account, opened, world.DETAILS, now=NOON)
    return opened


def assert_paid_once(invoice: Invoice, sandbox: SandboxProcess) -> None:
    invoice.refresh_from_db()
    assert invoice.state == "paid"
    payments = list(invoice.payments.order_by("attempt"))
    assert [payment.state for payment in payments].count("succeeded") == 1
    assert sum(sandbox.captured(payment.public_id) for payment in payments) == 1
    assert Mail.objects.filter(key=f"receipt:{invoice.public_id}").count() == 1
    assert_balanced(sandbox)


def paying(invoice: Invoice, member: Member) -> Callable[[], object]:
    """Pay now with the card on file, and the worker at once after it."""

    def pay() -> object:
        at = invoice.issued_at + timedelta(days=1)
        payment = dun.pay(invoice, member, "saved", now=at)
        collect.payment(payment.id, now=at)
        return payment

    return pay


def retrying(invoice: Invoice) -> Callable[[], object]:
    """The calendar's next try, by the clock, and the worker at once after it."""
    row = Due.objects.get(kind="retry", subject=invoice.id)

    def retry() -> object:
        agenda.work_off(row.id, now=row.due_at)
        unpaid.collected(now=row.due_at)
        return None

    return retry


def replacing(owner: Member, invoice: Invoice) -> Callable[[], object]:
    """Another card on file, and the worker at once after it."""

    def replace() -> object:
        at = invoice.issued_at + timedelta(days=1)
        card.replace(Account.objects.get(pk=owner.account_id), owner, now=at)
        unpaid.collected(now=at)
        return None

    return replace


def test_two_admins_who_press_pay_now_at_once_pay_once(owner: Member, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, owner, LATER_POOR)
    answers = together([paying(invoice, owner)] * 6)
    assert [type(answer) for answer in answers].count(Payment) == 1
    assert {type(answer) for answer in answers} <= {Payment, InvoiceBeingPaid, InvoiceNotOpen}
    assert_paid_once(invoice, sandbox)


@pytest.mark.parametrize("turn", range(3))
def test_the_calendar_and_pay_now_at_once_pay_once(owner: Member, sandbox: SandboxProcess, turn: int) -> None:
    invoice = unpaid.renewed(sandbox, owner, LATER_POOR)
    together([retrying(invoice), paying(invoice, owner), retrying(invoice)])
    invoice.refresh_from_db()
    if invoice.state == "open":  # the calendar was first and met no funds; the customer was told so
        paying(invoice, owner)()
    assert_paid_once(invoice, sandbox)


@pytest.mark.parametrize("number", [LATER_POOR, LATER_LOST], ids=["poor", "lost"])
@pytest.mark.parametrize("turn", range(2))
def test_another_card_and_the_calendar_at_once_pay_once(
    owner: Member, sandbox: SandboxProcess, number: str, turn: int
) -> None:
    invoice = unpaid.renewed(sandbox, owner, number)
    unpaid.typed_on_file(sandbox, owner, OTHER)
    others = [retrying(invoice)] if number == LATER_POOR else [lambda: dun.retry(invoice.id, now=invoice.issued_at)]
    together([replacing(owner, invoice), *others])
    unpaid.collected(now=invoice.issued_at + timedelta(days=1))
    assert_paid_once(invoice, sandbox)


def test_first_the_card_then_the_calendar(owner: Member, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, owner, LATER_POOR)
    unpaid.typed_on_file(sandbox, owner, OTHER)
    retry, replace = retrying(invoice), replacing(owner, invoice)
    replace()
    retry()
    assert invoice.payments.count() == 2
    assert_paid_once(invoice, sandbox)


def test_first_the_calendar_then_the_card_whose_try_is_charged_when_that_one_fails(
    owner: Member, sandbox: SandboxProcess
) -> None:
    """The try has begun with the card before, and the new card comes before its answer."""
    invoice = unpaid.renewed(sandbox, owner, LATER_LOST)
    at = invoice.issued_at + timedelta(days=1)
    Payment.objects.filter(invoice=invoice).update(reason="insufficient_funds")
    dun.retry(invoice.id, now=at)
    begun = invoice.payments.get(state="started")
    unpaid.typed_on_file(sandbox, owner, OTHER)
    card.replace(Account.objects.get(pk=owner.account_id), owner, now=at)
    assert invoice.payments.get(state="started") == begun, "one at a time"
    collect.payment(begun.id, now=at)
    unpaid.collected(now=at)
    last = invoice.payments.latest("attempt")
    assert (last.attempt, last.method) == (3, PaymentMethod.objects.get(is_default=True))
    assert_paid_once(invoice, sandbox)


def test_the_end_and_pay_now_at_once_end_one_way(owner: Member, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, owner, LATER_POOR)
    unpaid.days_go_by(invoice, 29)
    row = Due.objects.get(kind="give_up", subject=invoice.id)
    together([lambda: agenda.work_off(row.id, now=row.due_at), paying(invoice, owner)])
    unpaid.days_go_by(invoice, 31)
    assert_paid_once(invoice, sandbox)


def test_a_card_put_on_file_while_the_one_before_is_charged_stays_on_file(
    owner: Member, sandbox: SandboxProcess
) -> None:
    """The charge succeeds all the same; it does not bring the card back that the customer has replaced."""
    invoice = unpaid.renewed(sandbox, owner, LATER_POOR)
    at = invoice.issued_at + timedelta(days=1)
    begun = dun.pay(invoice, owner, "saved", now=at)
    unpaid.typed_on_file(sandbox, owner, OTHER)
    later = at + timedelta(seconds=1)
    card.replace(Account.objects.get(pk=owner.account_id), owner, now=later)
    collect.payment(begun.id, now=later)
    assert PaymentMethod.objects.get(account=owner.account_id, is_default=True).last4 == "4444"
    assert_paid_once(invoice, sandbox)
