"""A payment on a bad day of the gateway, and what must be true once it is over."""

from datetime import timedelta
from typing import Any

from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

SOON = NOON + timedelta(minutes=1)
"""Longer than a payment is left in peace (``collect.QUIET``)."""


def sent(sandbox: SandboxProcess, cast: Cast, *, fault: str, number: str = world.GOOD, **parameters: Any) -> Payment:
    """Pay pressed and the charge sent, on a bad day of the gateway."""
    accepted = world.placed(sandbox, world.quoted(cast.owner), number)
    sandbox.fault(fault, **parameters)
    return world.collected(accepted)


def again(payment: Payment) -> Payment:
    return Payment.objects.select_related("order").get(pk=payment.pk)


def assert_paid_once(payment: Payment, sandbox: SandboxProcess) -> None:
    paid = again(payment)
    assert (paid.state, world.order_of(paid).state) == ("succeeded", "settled")
    assert sandbox.captured(paid.public_id) == 1
    assert (Payment.objects.count(), Invoice.objects.count(), Mail.objects.filter(kind="receipt").count()) == (1, 1, 1)
    assert_balanced(sandbox)


def assert_nothing_follows(payment: Payment) -> None:
    """Neither a plan nor an invoice, and the order still open."""
    assert not Subscription.objects.exists()
    assert not Invoice.objects.exists()
    assert world.order_of(again(payment)).state == "open"
