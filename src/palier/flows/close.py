"""Closing an account for good: after the end, nothing owed, by its owner who types its name."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Member, Role
from palier.apps.agenda.models import Due
from palier.apps.events.actions import record
from palier.flows import attempts
from palier.flows.facts import Facts, facts_of
from palier.flows.order_refusals import PaymentInProgress
from palier.kit import formats
from palier.kit.refusals import Refusal


class OnlyOwnerCloses(Refusal):
    code = "close.not_the_owner"
    en = "Only the account owner can close the account. Nothing was changed; ask them."
    fr = "Seul le propriétaire du compte peut le fermer. Rien n’a changé\u202f; adressez-vous à lui."


class StillSubscribed(Refusal):
    code = "close.still_subscribed"
    en = (
        "The account has a subscription until {ends_on:en}, so it cannot be closed yet. Nothing was changed; cancel "
        "the subscription, and close the account after its end."
    )
    fr = (
        "Le compte a un abonnement jusqu’au {ends_on:fr}\u202f: il ne peut pas encore être fermé. Rien n’a "
        "changé\u202f; résiliez l’abonnement, puis fermez le compte après sa fin."
    )


class CloseWithOpenInvoice(Refusal):
    code = "close.invoice_open"
    en = "An invoice is not paid yet. Nothing was changed; pay it under Invoices, then close the account."
    fr = "Une facture n’est pas encore payée. Rien n’a changé\u202f; réglez-la sous Factures, puis fermez le compte."


class NameNotTyped(Refusal):
    code = "close.name_not_typed"
    en = "What was typed is not the name of the account. Nothing was changed; type {name} to close it."
    fr = "Le texte saisi n’est pas le nom du compte. Rien n’a changé\u202f; saisissez {name} pour le fermer."
    field = "name"


def account(account: Account, member: Member, typed: str, *, now: datetime) -> None:
    """Close the account: nobody logs in any more, invitations lead nowhere, its books stay. There is no way back."""
    if member.role != Role.OWNER or member.deactivated_at is not None or member.account_id != account.id:
        raise OnlyOwnerCloses
    if " ".join(typed.split()).casefold() != " ".join(account.name.split()).casefold():
        raise NameNotTyped(name=account.name)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        if refusal := objection(facts_of(account, now=now)):
            raise refusal
        if attempts.under_way(account):
            raise PaymentInProgress
        account.invitations.open_at(now).update(expires_at=now)
        Due.objects.filter(account_id=account.id).delete()
        actions.close(account, now=now)
        record(account.id, "account.closed", by=member.author, now=now)


def objection(facts: Facts) -> Refusal | None:
    """Why the account cannot be closed now; None where it can."""
    if facts.held:
        last = max(held.subscription.period_end for held in facts.held)
        return StillSubscribed(ends_on=formats.last_day(last, facts.catalogue.policy.zone))
    if facts.unpaid:
        return CloseWithOpenInvoice()
    return None
