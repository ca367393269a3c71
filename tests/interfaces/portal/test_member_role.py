"""POST ``/settings/members/mem_…/role/``: another role."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.apps.events.models import Event
from tests.interfaces.pages import Page
from tests.interfaces.portal.reading import words
from tests.world import Cast

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def path_of(member: Member) -> str:
    return f"/settings/members/{member.public_id}/role/"


@pytest.mark.parametrize(("language", "sentence"), [("en", "The role of"), ("fr", "Le rôle de")])
def test_the_role_is_changed_and_said(cast: Cast, logged_in: LogIn, language: str, sentence: str) -> None:
    answer = logged_in(cast.admin, language).post(path_of(cast.member), {"role": "restricted_member"}, follow=True)
    assert sentence in words(answer.content.decode())
    cast.member.refresh_from_db()
    assert cast.member.role == "restricted_member"


@pytest.mark.parametrize(
    ("who", "role", "sentence"),
    [
        ("owner", "", "Ce rôle n’existe pas"),
        ("owner", "owner", "Ce rôle n’existe pas"),
        ("owner", "billing_admin", "est un rôle personnalisé, que votre plan ne comprend pas"),
        ("admin", "billing_admin", "Seul le propriétaire donne ou retire le droit d’acheter"),
        ("billing_admin", "admin", "Seuls le propriétaire ou un administrateur peuvent changer les rôles"),
        ("member", "admin", "Seuls le propriétaire ou un administrateur peuvent changer les rôles"),
    ],
)
def test_a_refused_role_changes_nothing(cast: Cast, logged_in: LogIn, who: str, role: str, sentence: str) -> None:
    before = Event.objects.count()
    answer = logged_in(getattr(cast, who), "fr").post(path_of(cast.member), {"role": role})
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    cast.member.refresh_from_db()
    assert (cast.member.role, Event.objects.count()) == ("member", before)


def test_the_role_that_was_chosen_stays_chosen_when_it_is_refused(cast: Cast, logged_in: LogIn) -> None:
    admin = logged_in(cast.admin)
    refused = Page(admin.post(path_of(cast.billing_admin), {"role": "restricted_member"}))
    assert (refused.status, refused.value("role")) == (422, "restricted_member")
    unknown = Page(admin.post(path_of(cast.member), {"role": "owner"}))
    assert (unknown.status, unknown.value("role")) == (422, "member"), "what is not offered leaves the role as it is"


def test_a_restricted_member_sees_home_only_and_whom_to_ask(cast: Cast, logged_in: LogIn) -> None:
    logged_in(cast.owner).post(path_of(cast.member), {"role": "restricted_member"})
    cast.member.refresh_from_db()
    client = logged_in(cast.member, "fr")
    home = client.get("/")
    assert home.status_code == 200
    assert "Votre accès couvre le produit lui-même." in words(home.content.decode())
    assert "/settings/" not in home.content.decode()
    for path in ("/settings/", "/settings/members/", "/settings/billing/", "/settings/billing/plans/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "Odile Owner ou Admin Person" in words(answer.content.decode())
