"""``/settings/members/mem_…/ownership/``: the account passes into other hands."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from tests.interfaces.portal.reading import words
from tests.world import Cast

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def path_of(member: Member) -> str:
    return f"/settings/members/{member.public_id}/ownership/"


@pytest.mark.parametrize(
    ("language", "question", "sentence"),
    [
        ("en", "You become an admin", "Admin Person now owns the account."),
        ("fr", "Vous devenez administrateur", "Admin Person est désormais propriétaire du compte."),
    ],
)
def test_said_first_then_done(cast: Cast, logged_in: LogIn, language: str, question: str, sentence: str) -> None:
    client = logged_in(cast.owner, language)
    assert question in words(client.get(path_of(cast.admin)).content.decode())
    assert sentence in words(client.post(path_of(cast.admin), follow=True).content.decode())
    assert {m.pk: m.role for m in Member.objects.filter(pk__in=[cast.owner.pk, cast.admin.pk])} == {
        cast.owner.pk: "admin",
        cast.admin.pk: "owner",
    }


def test_not_to_others_and_not_by_others(cast: Cast, logged_in: LogIn) -> None:
    for by, heir in (
        (cast.owner, cast.member),
        (cast.owner, cast.billing_admin),
        (cast.admin, cast.member),
        (cast.admin, cast.admin),
        (cast.member, cast.admin),
        (cast.billing_admin, cast.admin),
    ):
        client = logged_in(by)
        assert client.get(path_of(heir)).status_code == 302
        answer = client.post(path_of(heir))
        assert answer.status_code == 422
        assert "Nothing was changed" in words(answer.content.decode())
    cast.owner.refresh_from_db()
    assert cast.owner.role == "owner"
