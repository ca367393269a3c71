"""A person opens an account on the free plan."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Member, User
from palier.apps.events.actions import record


def open_account(user: User, *, company: str, country: str, language: str, now: datetime) -> Member:
    """Open the account of ``company`` (country: ISO 3166) with ``user`` as its owner."""
    with transaction.atomic():
        owner = actions.open_account(name=company, country=country, language=language, owner=user, now=now)
        record(owner.account_id, "account.opened", now=now, member=owner.public_id)
    return owner
