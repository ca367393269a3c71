"""What becomes of a member: another role, deactivated, back again, gone for good.

A seat and a place are two things: whoever deactivates a person says whether the licence is kept, for somebody else,
or reduced at the renewal.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Member, Role
from palier.apps.events.actions import record
from palier.apps.subscriptions import seats as seat_counts
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import read_only, seats
from palier.flows.facts import facts_of
from palier.flows.people import invite, roles
from palier.flows.people.members_refusals import (
    LicenceUnknown,
    NoLicence,
    NoSeatToReturnTo,
    NotAllowedToManage,
    NotAllowedToReduce,
    NotOneself,
    OnlyOwnerGivesBilling,
    OwnerStays,
    StandsOtherwise,
)

KEEP: Final = "keep"
REDUCE: Final = "reduce"


def managers(account: Account) -> list[Member]:
    """Those who may change people's roles and access, the owner first."""
    people = account.members.filter(role__in=(Role.OWNER, Role.ADMIN), deactivated_at=None).select_related("user")
    return sorted(people, key=lambda member: (member.role != Role.OWNER, member.user.name))


def change_role(member: Member, by: Member, role: str, *, now: datetime) -> Member:
    """Let a member be an admin, a billing admin, a member or a restricted member."""
    with transaction.atomic():
        account, by, member = _met(member, by)
        given = roles.check(account, by, role, now=now)
        if member.role == Role.BILLING_ADMIN and by.role != Role.OWNER:
            raise OnlyOwnerGivesBilling
        if member.role == given or member.removed_at is not None:
            raise StandsOtherwise(name=member.user.name)
        _give(given, member, by, now=now)
    return member


def deactivate(member: Member, by: Member, *, licence: str = KEEP, now: datetime) -> list[ScheduledChange]:
    """Take a member's place away at once. The licence is kept for somebody else, or one fewer from the renewal on:
    returns what then waits."""
    _check_licence(licence)
    with transaction.atomic():
        account, by, member = _met(member, by)
        if member.deactivated_at is not None:
            raise StandsOtherwise(name=member.user.name)
        return _deactivate(account, member, by, licence, now=now)


def reactivate(member: Member, by: Member, *, now: datetime) -> Member:
    """Give a deactivated member a free seat. A billing admin comes back as a member where the plan, a lower one
    meanwhile, has no such role."""
    with transaction.atomic():
        account, by, member = _met(member, by)
        if member.deactivated_at is None or member.removed_at is not None:
            raise StandsOtherwise(name=member.user.name)
        read_only.refuse(account, now=now)
        if not _has_room(account, now=now):
            raise NoSeatToReturnTo(name=member.user.name)
        actions.reactivate(member)
        record(account.id, "member.reactivated", by=by.author, now=now, member=member.public_id)
        if member.role == Role.BILLING_ADMIN and not roles.has_custom_roles(facts_of(account, now=now), now=now):
            _give(Role.MEMBER, member, by, now=now)
    return member


def remove(member: Member, by: Member, *, licence: str = KEEP, now: datetime) -> list[ScheduledChange]:
    """Let a member go for good; one who is still active is deactivated first. Their address is free again."""
    _check_licence(licence)
    with transaction.atomic():
        account, by, member = _met(member, by)
        if member.removed_at is not None:
            raise StandsOtherwise(name=member.user.name)
        made = [] if member.deactivated_at else _deactivate(account, member, by, licence, now=now)
        actions.remove(member, now=now)
        record(account.id, "member.removed", by=by.author, now=now, member=member.public_id)
    return made


def _met(member: Member, by: Member) -> tuple[Account, Member, Member]:
    """Both as they are under the account's lock, if the one may change the other."""
    account = Account.objects.locked(by.account_id)
    people = account.members.select_related("user").filter(pk__in=[member.pk, by.pk]).in_bulk()
    if member.pk not in people or not people[by.pk].may_manage:
        raise NotAllowedToManage
    by, member = people[by.pk], people[member.pk]
    if member.role == Role.OWNER:
        raise OwnerStays(name=member.user.name)
    if member.pk == by.pk:
        raise NotOneself
    return account, by, member


def _give(role: Role, member: Member, by: Member, *, now: datetime) -> None:
    before = member.role
    actions.give_role(member, role)
    record(
        by.account_id,
        "member.role_changed",
        by=by.author,
        now=now,
        member=member.public_id,
        before=str(before),
        after=role.value,
    )


def _check_licence(licence: str) -> None:
    if licence not in (KEEP, REDUCE):
        raise LicenceUnknown


def _deactivate(account: Account, member: Member, by: Member, licence: str, *, now: datetime) -> list[ScheduledChange]:
    actions.deactivate(member, now=now)
    made = _one_fewer(account, by, now=now) if licence == REDUCE else []
    record(account.id, "member.deactivated", by=by.author, now=now, member=member.public_id, licence=licence)
    return made


def _one_fewer(account: Account, by: Member, *, now: datetime) -> list[ScheduledChange]:
    """One licence fewer from the renewal on."""
    if not by.may_buy:
        raise NotAllowedToReduce
    facts = facts_of(account, now=now)
    held = facts.leading
    if held is None:
        raise NoLicence
    return seats.reduce(account, by, held.seats_unless_canceled - 1, interval=held.interval, now=now)


def _has_room(account: Account, *, now: datetime) -> bool:
    held = seat_counts.of_account(account, now=now)
    if held is not None:
        return held.free > 0
    bought = invite.seats_being_bought(account)
    return bought is None or account.members.filter(deactivated_at=None).count() < bought
