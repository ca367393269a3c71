"""Replacing the card that renewals are charged to."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.events.actions import record
from palier.apps.gateways import gateway
from palier.apps.payments import actions
from palier.apps.payments.models import PaymentMethod
from palier.flows.order_refusals import CardMissing
from palier.flows.quote_refusals import NotABuyer


def reference(account: Account) -> str:
    """Under which reference the gateway's fields keep the next card of an account; new after each card kept."""
    return f"{account.public_id}.{PaymentMethod.objects.filter(account=account).count() + 1}"


def fields_url(reference: str, *, language: str, parent_origin: str) -> str:
    """The gateway's own page where a card is typed, for a frame of ``parent_origin``. Makes no network call."""
    return gateway().card_fields_url(reference, locale=language, parent_origin=parent_origin)


def replace(account: Account, member: Member, *, now: datetime) -> PaymentMethod:
    """Make the card typed into the gateway's fields the account's default. Raises GatewayUnreachable."""
    if not member.may_buy or member.account_id != account.id:
        raise NotABuyer
    typed = gateway().card_from_fields(reference(account))
    if typed is None:
        raise CardMissing
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        method = actions.keep_card(account, gateway().name, typed, now=now)
        actions.use_by_default(method)
        record(account.id, "card.replaced", now=now, method=method.public_id, member=member.public_id)
    return method
