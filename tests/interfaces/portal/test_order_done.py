"""GET /orders/<ord>/ once it is paid: what to do with the seats."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Account
from palier.flows.people import invite
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def test_who_may_invite_is_offered_to_and_who_may_not_sees_the_members(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess
) -> None:
    done = f"/orders/{bought(sandbox, cast.owner, seats=6).public_id}/"
    owner, billing_admin = (
        words(logged_in(buyer).get(done).content.decode()) for buyer in (cast.owner, cast.billing_admin)
    )
    assert "2 of your seats are free. Invite people" in owner
    assert "2 of your seats are free. Members" in billing_admin
    assert "Invite people" not in billing_admin


def test_free_seats_are_those_of_today_not_those_of_the_order(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess
) -> None:
    first = f"/orders/{bought(sandbox, cast.owner, seats=6).public_id}/"
    bought(sandbox, cast.owner, seats=9)
    invite.people(Account.objects.get(pk=cast.account.pk), cast.owner, ["new@lumiere.example"], now=NOON)
    assert "4 of your seats are free." in words(logged_in(cast.owner).get(first).content.decode())


def test_a_full_account_is_offered_more_seats(cast: Cast, logged_in: LogIn, sandbox: SandboxProcess) -> None:
    done = f"/orders/{bought(sandbox, cast.owner, seats=4).public_id}/"
    assert "Every seat is taken." in words(logged_in(cast.owner).get(done).content.decode())
