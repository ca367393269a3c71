"""Replacing the card that renewals are charged to."""

from contextlib import nullcontext
from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.events.actions import record
from palier.apps.gateways import gateway
from palier.apps.payments import actions
from palier.apps.payments.models import PaymentMethod
from palier.flows import attempts, dun, notify, release
from palier.flows.order_refusals import CardMissing
from palier.flows.people import buyers


def reference(member: Member) -> str:
    """Under which reference the gateway's fields keep the next card that a member types for the account; new after each
    card kept, and never another member's."""
    kept = PaymentMethod.objects.filter(account=member.account_id).count()
    return f"{member.account.public_id}.{member.public_id}.{kept + 1}"


def fields_url(reference: str, *, language: str, parent_origin: str) -> str:
    """The gateway's own page where a card is typed, for a frame of ``parent_origin``. Makes no network call."""
    return gateway().card_fields_url(reference, locale=language, parent_origin=parent_origin)


def replace(account: Account, member: Member, *, address: str | None = None, now: datetime) -> PaymentMethod:
    """Make the card typed into the gateway's fields the account's default; open invoices are charged to it at once,
    unless too many payments have failed at the internet ``address`` where it was typed.

    A payment that waits for the bank's page with the card before gives way. Raises GatewayUnreachable. Whatever goes
    wrong, the card need not be typed again: it is kept when it takes its place, and not before.
    """
    buyers.require(member, account.id)
    typed = gateway().card_from_fields(reference(member))
    if typed is None:
        raise CardMissing
    if attempts.refused_for_good(actions.unkept(account, gateway().name, typed, now=now)):
        actions.keep_card(account, gateway().name, typed, now=now)  # the fields are empty for another one
        raise attempts.CardRefusedForGood
    gave_way = release.all_of(account, member, now=now)
    with release.nothing_promised() if gave_way else nullcontext(), transaction.atomic():
        account = Account.objects.locked(account.id)
        before = PaymentMethod.objects.filter(account=account, is_default=True).first()
        kept = actions.keep_card(account, gateway().name, typed, now=now)
        actions.use_by_default(kept)
        notify.watch_card(kept, now=now)
        known = {"before": before.public_id} if before else {}
        record(account.id, "card.replaced", by=member.author, now=now, method=kept.public_id, **known)
        dun.with_new_card(account, kept, by=member.author, address=address, now=now)
    return kept
