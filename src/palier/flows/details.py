"""Saving who is invoiced."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account, BillingProfile, Member
from palier.apps.events.actions import record
from palier.apps.tax import buyers
from palier.flows.quote_refusals import NotABuyer


def save(account: Account, member: Member, details: Mapping[str, str], *, now: datetime) -> BillingProfile:
    """Check and keep the billing details; raises the refusals of every field together, and then changes nothing."""
    if not member.may_buy or member.account_id != account.id:
        raise NotABuyer
    buyer = buyers.validate(details)
    with transaction.atomic():
        Account.objects.locked(account.id)
        profile, _new = BillingProfile.objects.update_or_create(
            account=account, defaults={**asdict(buyer), "saved_at": now}
        )
        record(account.id, "billing_details.saved", now=now, member=member.public_id)
    return profile
