"""POST ``/settings/members/seats/reduce/``: no more users than people from the renewal on."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.subscriptions.models import ScheduledChange
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


REDUCE = "/settings/members/seats/reduce/"


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Nothing is due today"), ("fr", "Rien n’est dû aujourd’hui")]
)
def test_unused_users_end_at_the_renewal(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, language: str, sentence: str
) -> None:
    bought(sandbox, cast.owner, seats=7)
    answer = logged_in(cast.billing_admin, language).post(REDUCE, follow=True)
    said = words(answer.content.decode())
    assert sentence in said
    assert {"en": "3 users end at the renewal.", "fr": "3 utilisateurs prennent fin au renouvellement."}[
        language
    ] in said
    assert ScheduledChange.objects.get().quantity == 4
    assert cast.account.invoices.count() == 1


def test_where_none_is_unused_nothing_changes(cast: Cast, logged_in: LogIn, sandbox: SandboxProcess) -> None:
    bought(sandbox, cast.owner, seats=4)
    answer = logged_in(cast.owner, "fr").post(REDUCE, follow=True)
    assert "Chaque place qui se renouvelle est utilisée" in words(answer.content.decode())
    assert not ScheduledChange.objects.exists()
