"""Giving up a payment that waits for the customer at their bank: so that another card may pay, or because it has waited
for long enough."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import QuerySet

from palier.apps.accounts.models import Account, AccountBusy, Member
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Failed, GatewayUnreachable, Succeeded
from palier.apps.gateways.reasons import EXPIRED
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import settle
from palier.flows.dun import WITHDRAWN


def all_of(account: Account, member: Member, *, now: datetime) -> bool:
    """Those of every unpaid invoice of an account; whether any waited. Raises GatewayUnreachable."""
    waiting = list(_waiting().filter(account=account))
    for payment in waiting:
        one(payment, member, now=now)
    return bool(waiting)


def of(invoice: Invoice, member: Member, *, now: datetime) -> None:
    """That of one invoice; nothing where none waits. Raises GatewayUnreachable."""
    for payment in _waiting().filter(invoice=invoice):
        one(payment, member, now=now)


def one(payment: Payment, member: Member, *, now: datetime) -> None:
    """The slot is freed only by the gateway's own word: the bank may have said yes already. Raises
    GatewayUnreachable, also where that word cannot be written now."""
    outcome = gateway().cancel(payment.public_id)
    if outcome is not None:
        with nothing_promised():
            settle.payment(payment.id, outcome, given_up_by=member.author, now=now)


def too_late(payment: Payment, *, now: datetime) -> bool:
    """End one that nobody has confirmed while the bank waited; whether the gateway's word is final."""
    try:
        outcome = gateway().cancel(payment.public_id)
    except GatewayUnreachable:
        return False
    if isinstance(outcome, Failed) and outcome.reason == WITHDRAWN:
        outcome = Failed(EXPIRED, outcome.gateway_id)
    if not isinstance(outcome, Succeeded | Failed):
        return False
    settle.payment(payment.id, outcome, now=now)
    return True


@contextmanager
def nothing_promised() -> Iterator[None]:
    """Once the gateway was asked to cancel, the bank may have said yes before: a lock that does not come is then no
    "nothing was taken" (``AccountBusy``), and becomes GatewayUnreachable."""
    try:
        yield
    except AccountBusy as busy:
        raise GatewayUnreachable("what became of a payment given up cannot be written: the account is busy") from busy


def _waiting() -> QuerySet[Payment]:
    return Payment.objects.filter(invoice__isnull=False, state=PaymentState.ACTION_REQUIRED)
