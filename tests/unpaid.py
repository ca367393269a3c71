"""A renewal whose payment is not simply taken: bought with a card that pays at the screen and not always later."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from palier.apps.accounts.models import Member
from palier.apps.agenda.models import Due
from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import agenda, card, collect, dun, renew
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON


def renewed(
    sandbox: SandboxProcess,
    owner: Member,
    number: str = world.LATER_POOR,
    *,
    interval: str = "month",
    meanwhile: Callable[[], object] = lambda: None,
    now: datetime = NOON,
) -> Invoice:
    """Five seats of Team bought ``now``, then renewed at the end of the period, and the bank has answered."""
    accepted = world.placed(sandbox, world.quoted(owner, "team", interval, now=now), number, now=now)
    world.collected(accepted, now=now)
    meanwhile()
    held = Subscription.objects.get(account=owner.account)
    renew.these([held.id], now=held.period_end)
    collected(now=held.period_end)
    return Invoice.objects.filter(account=owner.account).latest("id")


def collected(*, now: datetime) -> None:
    """What the worker does about payments that have begun."""
    for payment in Payment.objects.filter(state="started").order_by("id"):
        collect.payment(payment.id, now=now)


def days_go_by(invoice: Invoice, days: int) -> datetime:
    """The clock works off what falls due about an invoice, hour by hour where something is; returns the instant."""
    begun = invoice.issued_at
    end = begun + timedelta(days=days)
    kinds = ("retry", "suspend", "give_up")
    while row := Due.objects.filter(kind__in=kinds, due_at__lte=end).order_by("due_at", "id").first():
        agenda.work_off(row.id, now=row.due_at)
        collected(now=row.due_at)
    return end


def typed_for(sandbox: SandboxProcess, invoice: Invoice, member: Member, number: str) -> None:
    """A card typed into the fields of an invoice's page."""
    _typed(sandbox, dun.card_reference(invoice, member), member, number)


def typed_on_file(sandbox: SandboxProcess, member: Member, number: str) -> None:
    """A card typed into the fields of the payment method's page."""
    _typed(sandbox, card.reference(member), member, number)


def _typed(sandbox: SandboxProcess, reference: str, member: Member, number: str) -> None:
    fields = gateway().card_fields_url(reference, locale="en", parent_origin=settings.BASE_URL)
    typed = sandbox.type_card(fields, number, expiry=world.expiry_of(member.account))
    assert typed.status_code in (200, 303)
