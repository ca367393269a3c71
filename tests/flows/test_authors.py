"""Each fact names its author, and the journal is replayed: who may do what, who was what, and what is so now."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from palier.apps.accounts.models import Member, Role
from palier.apps.events import authors
from palier.apps.events.actions import record
from palier.apps.events.authors import Author
from palier.apps.events.models import Event
from palier.flows import doctor
from palier.flows.invariants import Breach
from palier.flows.invariants.authors import ON_ITS_WAY
from palier.flows.people import members, ownership
from palier.flows.people.permissions import MAY
from palier.kit import clock, ids
from tests import world
from tests.world import NOON, Cast

SOURCE = Path(doctor.__file__).parent

VOICES = (authors.CLOCK, authors.GATEWAY, authors.HOST, authors.operator("tess"))


def found() -> list[Breach]:
    examined = doctor.examine(now=clock.now(), with_the_gateway=False)
    return [breach for breach in examined.breaches if breach.code == "I23"]


def facts_of_i23() -> list[str]:
    return sorted(breach.fact for breach in found())


def told_again(event: Event, *, after: timedelta) -> None:
    """The same fact, written so much later."""
    event.pk += int(after.total_seconds() * 1000) << ids.RANDOM_BITS
    event.save(force_insert=True)


# The table


def _told_in(tree: ast.AST) -> Iterator[str]:
    """The kinds that the calls of ``record`` and ``_record`` name; with a hole for what is put in."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("record", "_record"):
            for argument in call.args:
                match argument:
                    case ast.Constant(value=str(text)) if "." in text:
                        yield text
                    case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                        yield f"{text}*"


def test_every_kind_of_fact_that_a_flow_writes_is_in_the_table_and_no_other() -> None:
    told = {kind for path in SOURCE.rglob("*.py") for kind in _told_in(ast.parse(path.read_text()))}
    told |= set(re.findall(r"\\t([a-z_]+\.[a-z_]+)\\t", (SOURCE / "renew_rows.py").read_text()))
    told |= {"renewal.differs"}  # by its constant
    known = {kind if not kind.startswith(("seat.approved", "seat.declined")) else "seat.*" for kind in MAY}
    assert told == known


def test_only_the_roles_of_the_table_may_cause_a_kind(cast: Cast) -> None:
    """Every kind by everybody: found are exactly those who may not."""
    people = {Role(m.role): m for m in (cast.owner, cast.billing_admin, cast.admin, cast.member)}
    wrong = []
    for kind in MAY:
        for author in (*VOICES, *(person.author for person in people.values())):
            told = record(cast.account.id, kind, by=author, now=NOON)
            if author.role not in MAY[kind]:
                wrong.append(told.public_id)
    told = record(cast.account.id, "account.given_away", by=cast.owner.author, now=NOON)
    assert {breach.subject for breach in found() if breach.subject.startswith("evt_")} == {*wrong, told.public_id}


def test_who_may_buy_invite_and_close_is_what_the_flows_ask() -> None:
    roles = {role: Member(role=role) for role in Role}
    assert set(MAY["quote.made"]) == set(MAY["card.replaced"]) == {r for r, m in roles.items() if m.may_buy}
    assert set(MAY["member.invited"]) == {r for r, m in roles.items() if m.may_invite}
    assert set(MAY["member.removed"]) == {r for r, m in roles.items() if m.may_manage}


# The database


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("", "clock"),
        ("clock", "gateway"),
        ("clock", "owner"),
        ("operator:tess", "owner"),
        ("tess", "operator"),
        ("mem_0000000000005", ""),
        ("mem_0000000000005", "clock"),
        ("mem_000000000005", "owner"),
        ("usr_0000000000005", "owner"),
    ],
)
def test_a_fact_without_somebody_is_refused(cast: Cast, name: str, role: str) -> None:
    with pytest.raises(IntegrityError, match="event_author_has_their_role"), transaction.atomic():
        record(cast.account.id, "quote.made", by=Author(name, role), now=NOON)


# The roles that people had


def test_a_forged_author_is_found(cast: Cast) -> None:
    record(cast.account.id, "quote.made", by=cast.stranger.author, now=NOON)
    record(cast.account.id, "quote.made", by=Author("mem_0000000000005", "owner"), now=NOON)
    nobody = "quote.made is by mem_0000000000005, who"
    assert facts_of_i23() == sorted(
        [
            f"{nobody} is nobody of this account",
            f"{nobody} was no owner",
            f"quote.made is by {cast.stranger.public_id}, who is nobody of this account",
        ]
    )


def test_a_role_that_somebody_never_had_is_found(cast: Cast) -> None:
    record(cast.account.id, "quote.made", by=Author(cast.member.public_id, "billing_admin"), now=NOON)
    assert facts_of_i23() == [f"quote.made is by {cast.member.public_id}, who was no billing_admin"]


def test_a_role_counts_until_it_is_taken_and_a_moment_for_what_was_on_its_way(cast: Cast) -> None:
    before = cast.billing_admin.author
    members.change_role(cast.billing_admin, cast.owner, "member", now=NOON)
    late = record(cast.account.id, "quote.made", by=before, now=NOON)
    assert found() == []

    told_again(late, after=2 * ON_ITS_WAY)
    assert facts_of_i23() == [f"quote.made is by {before.name}, who was no billing_admin"]


def test_an_owner_who_gave_the_account_away_is_an_admin(cast: Cast) -> None:
    ownership.transfer(cast.admin, cast.owner, now=NOON)
    members.change_role(cast.member, Member.objects.get(pk=cast.owner.pk), "restricted_member", now=NOON)
    assert found() == []


def test_who_has_no_place_any_more_does_nothing(cast: Cast) -> None:
    members.deactivate(cast.admin, cast.owner, now=NOON)
    late = record(cast.account.id, "member.invited", by=cast.admin.author, now=NOON)
    assert found() == []
    told_again(late, after=2 * ON_ITS_WAY)
    assert facts_of_i23() == [f"member.invited is by {cast.admin.public_id}, who had no place any more"]


# What is so now


def test_a_role_changed_without_a_fact_is_found(cast: Cast) -> None:
    Member.objects.filter(pk=cast.member.pk).update(role="admin")
    assert facts_of_i23() == ["is admin, and the last fact about it says member"]


def test_a_member_who_came_from_nowhere_is_found(cast: Cast) -> None:
    Member.objects.create(
        account=cast.account, user=world.person("nobody@lumiere.example", "Nobody"), role="member", joined_at=NOON
    )
    assert facts_of_i23() == ["is member, and the last fact about it says nothing"]
