"""POST ``/settings/members/mem_…/reactivate/``: back on a free seat, or the price of one."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.flows.people import members as people
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def path_of(member: Member) -> str:
    return f"/settings/members/{member.public_id}/reactivate/"


@pytest.mark.parametrize(("language", "sentence"), [("en", "is active again"), ("fr", "a de nouveau accès")])
def test_back_on_a_free_seat(cast: Cast, logged_in: LogIn, language: str, sentence: str) -> None:
    people.deactivate(cast.member, cast.owner, now=NOON)
    answer = logged_in(cast.admin, language).post(path_of(cast.member), follow=True)
    assert sentence in words(answer.content.decode())
    assert logged_in(Member.objects.get(pk=cast.member.pk)).get("/").status_code == 200


def test_without_a_free_seat_the_price_of_one_is_shown_first(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess
) -> None:
    people.deactivate(cast.member, cast.owner, now=NOON)
    bought(sandbox, cast.owner, seats=3)
    answer = logged_in(cast.owner).post(path_of(cast.member))
    said = words(answer.content.decode())
    assert answer.status_code == 422
    assert "There is no free seat, so Member Person stays deactivated." in said
    assert "1 more user" in said
    assert "€126.44" in said, "29 of 30 days of 109.00 with VAT"
    assert 'action="/settings/members/seats/buy/"' in answer.content.decode()


def test_a_seat_that_is_about_to_end_is_kept_rather_than_bought(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, seats=4)
    people.deactivate(cast.member, cast.owner, licence="reduce", now=NOON)
    answer = logged_in(cast.owner).post(path_of(cast.member))
    assert "There are enough users until the renewal" in words(answer.content.decode())
    assert "seats/buy/" not in answer.content.decode()


@pytest.mark.parametrize("who", ["billing_admin", "member"])
def test_others_bring_nobody_back(cast: Cast, logged_in: LogIn, who: str) -> None:
    people.deactivate(cast.admin, cast.owner, now=NOON)
    assert logged_in(getattr(cast, who)).post(path_of(cast.admin)).status_code == 422
    cast.admin.refresh_from_db()
    assert cast.admin.deactivated_at == NOON
