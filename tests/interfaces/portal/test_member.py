"""``/settings/members/mem_…/``: one person, and what whoever looks may change about it."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.flows.people import members as people
from tests.interfaces.portal.reading import words
from tests.world import NOON, Cast

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def path_of(member: Member) -> str:
    return f"/settings/members/{member.public_id}/"


def test_who_may_change_sees_the_ways_and_others_whom_to_ask(cast: Cast, logged_in: LogIn, insider: Member) -> None:
    page = logged_in(insider).get(path_of(cast.member)).content.decode()
    said = words(page)
    assert "Role and access of Member Person" in said
    assert "member@lumiere.example · here since 1 June 2026" in said
    for way in ("role/", "deactivate/", "remove/"):
        assert (f"{path_of(cast.member)}{way}" in page) is insider.may_manage
    assert ("Ask one of them." in said) is (not insider.may_manage and insider != cast.member)


def test_the_owner_and_oneself_cannot_be_changed(cast: Cast, logged_in: LogIn) -> None:
    for by, member in ((cast.admin, cast.owner), (cast.owner, cast.owner), (cast.admin, cast.admin)):
        page = logged_in(by).get(path_of(member)).content.decode()
        assert "deactivate/" not in page
        assert "role/" not in page


def test_only_the_owner_is_offered_to_transfer_and_only_to_an_admin(cast: Cast, logged_in: LogIn) -> None:
    for by, member, offered in (
        (cast.owner, cast.admin, 1),
        (cast.owner, cast.member, 0),
        (cast.admin, cast.member, 0),
    ):
        assert logged_in(by).get(path_of(member)).content.decode().count("/ownership/") == offered


def test_in_french(cast: Cast, logged_in: LogIn) -> None:
    said = words(logged_in(cast.owner, "fr").get(path_of(cast.admin)).content.decode())
    for name in ("Désactiver", "Retirer", "Transférer la propriété", "Membre restreint", "Enregistrer le rôle"):
        assert name in said


def test_who_was_removed_is_not_found(cast: Cast, logged_in: LogIn) -> None:
    people.remove(cast.member, cast.owner, now=NOON)
    assert logged_in(cast.owner).get(path_of(cast.member)).status_code == 404
