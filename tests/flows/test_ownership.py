"""The account passes into other hands: only from the owner, only to an active admin."""

import pytest

from palier.apps.accounts.models import Member
from palier.apps.events.models import Event
from palier.flows.people import members, ownership
from palier.flows.people.members_refusals import NotAnActiveAdmin, NotTheOwner
from tests.flows.test_members import refused, stored
from tests.together import together
from tests.world import NOON, Cast


def test_an_active_admin_becomes_the_owner_and_the_owner_an_admin(cast: Cast) -> None:
    ownership.transfer(cast.admin, cast.owner, now=NOON)
    assert (stored(cast.admin).role, stored(cast.owner).role) == ("owner", "admin")
    event = Event.objects.latest("id")
    assert (event.kind, event.author, event.role, event.payload) == (
        "ownership.transferred",
        cast.owner.public_id,
        "owner",
        {"member": cast.admin.public_id, "before": cast.owner.public_id},
    )
    members.deactivate(cast.owner, stored(cast.admin), now=NOON)
    assert not stored(cast.owner).user.is_active


def test_to_nobody_else(cast: Cast) -> None:
    for heir in (cast.member, cast.billing_admin, cast.owner):
        refused(NotAnActiveAdmin, lambda heir=heir: ownership.transfer(heir, cast.owner, now=NOON))  # type: ignore[misc]
    members.deactivate(cast.admin, cast.owner, now=NOON)
    refused(NotAnActiveAdmin, lambda: ownership.transfer(cast.admin, cast.owner, now=NOON))
    refused(NotTheOwner, lambda: ownership.transfer(cast.stranger, cast.owner, now=NOON))


def test_by_nobody_else(cast: Cast) -> None:
    for by in (cast.admin, cast.member, cast.billing_admin, cast.stranger):
        refused(NotTheOwner, lambda by=by: ownership.transfer(cast.admin, by, now=NOON))  # type: ignore[misc]


@pytest.mark.django_db(transaction=True)
def test_two_transfers_at_once_leave_one_owner(cast: Cast) -> None:
    members.change_role(cast.member, cast.owner, "admin", now=NOON)
    heirs = (cast.admin, cast.member)
    answers = together([lambda heir=heir: ownership.transfer(heir, cast.owner, now=NOON) for heir in heirs])  # type: ignore[misc]
    assert {type(answer) for answer in answers} == {Member, NotTheOwner}
    assert Member.objects.filter(account=cast.account, role="owner").count() == 1
