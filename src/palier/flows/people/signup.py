"""A person opens an account on the free plan, or joins one."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Member, User
from palier.apps.events.actions import record


def open_account(
    user: User, *, company: str, country: str, language: str, sandbox: bool = False, now: datetime
) -> Member:
    """Open the account of ``company`` (country: ISO 3166) with ``user`` as its owner.

    A ``sandbox`` account is one for trying things out: it has a test clock.
    """
    with transaction.atomic():
        owner = actions.open_account(
            name=company, country=country, language=language, owner=user, sandbox=sandbox, now=now
        )
        record(owner.account_id, "account.opened", by=owner.author, now=now, member=owner.public_id)
    return owner


def join(account: Account, user: User, role: str, *, invitation: str = "", now: datetime) -> Member:
    """Give a person a place in the account, in the caller's transaction. ``invitation`` is the public id of the one
    that brought them; customers always have one, a demonstration's people have none."""
    member = actions.join(account, user, role, now=now)
    brought = {"invitation": invitation} if invitation else {}
    record(account.id, "member.joined", by=member.author, now=now, member=member.public_id, after=str(role), **brought)
    return member
