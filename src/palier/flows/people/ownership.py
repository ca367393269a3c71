"""The account passes into other hands."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Member, Role
from palier.apps.events.actions import record
from palier.flows.people.members_refusals import NotAnActiveAdmin, NotTheOwner


def transfer(to: Member, owner: Member, *, now: datetime) -> Member:
    """Make an active admin the owner; who owned the account until now becomes an admin."""
    with transaction.atomic():
        account = Account.objects.locked(owner.account_id)
        people = account.members.select_related("user").filter(pk__in=[to.pk, owner.pk]).in_bulk()
        owner = people[owner.pk]
        if owner.role != Role.OWNER or owner.deactivated_at is not None or to.pk not in people:
            raise NotTheOwner
        heir = people[to.pk]
        if heir.role != Role.ADMIN or heir.deactivated_at is not None:
            raise NotAnActiveAdmin(name=heir.user.name)
        by = owner.author
        actions.give_role(owner, Role.ADMIN)
        actions.give_role(heir, Role.OWNER)
        record(account.id, "ownership.transferred", by=by, now=now, member=heir.public_id, before=owner.public_id)
    return heir
