"""Saving who is invoiced."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account, BillingProfile, Member
from palier.apps.events.actions import record
from palier.apps.tax.buyers import validate
from palier.flows.people import buyers


def save(account: Account, member: Member, details: Mapping[str, str], *, now: datetime) -> BillingProfile:
    """Check and keep the billing details; raises the refusals of every field together, and then changes nothing.

    Where they are what is kept already, nothing is written: a page sends them with each press.
    """
    buyers.require(member, account.id)
    buyer = validate(details)
    with transaction.atomic():
        Account.objects.locked(account.id)
        known = BillingProfile.objects.filter(account=account).first()
        fields = asdict(buyer)
        changed = [name for name, value in fields.items() if known is None or getattr(known, name) != value]
        if known is not None and not changed:
            return known
        profile = BillingProfile(account=account, **fields, saved_at=now)
        profile.save(force_insert=known is None, force_update=known is not None)
        record(
            account.id,
            "billing_details.saved",
            by=member.author,
            now=now,
            before={name: getattr(known, name) for name in changed} if known else {},
            after={name: fields[name] for name in changed},
        )
    return profile
