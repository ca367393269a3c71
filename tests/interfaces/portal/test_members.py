"""/settings/members/: the people, and inviting more of them, all or none."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Invitation, Member
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import schedule
from palier.flows.change import Choice
from palier.flows.people import invite
from palier.flows.people import members as people
from palier.kit import clock
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import MID_JUNE, changed, renewed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought, fresh

MEMBERS = "/settings/members/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def test_everyone_sees_the_people_and_some_may_invite(cast: Cast, logged_in: LogIn, insider: Member) -> None:
    said = words(logged_in(insider).get(MEMBERS).content.decode())
    assert "Odile Owner" in said
    assert "Stella Stranger" not in said
    assert ("Send the invitations" in said) is insider.may_invite
    assert ("Ask one of them." in said) is not insider.may_invite


def test_several_addresses_at_once(cast: Cast, logged_in: LogIn) -> None:
    typed = "one@lumiere.example, two@lumiere.example;three@lumiere.example\nONE@lumiere.example"
    answer = logged_in(cast.admin).post(MEMBERS, {"emails": typed}, follow=True)
    assert "3 invitations are on their way." in words(answer.content.decode())
    assert Invitation.objects.count() == Mail.objects.count() == 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter at least one e-mail address"),
        ("good@lumiere.example not-an-address", "“not-an-address” is not an e-mail address"),
        ("owner@lumiere.example", "already has a place or an invitation"),
        ("<script>@x", "is not an e-mail address"),
    ],
)
def test_a_refused_list_invites_nobody_and_stays(cast: Cast, logged_in: LogIn, typed: str, sentence: str) -> None:
    answer = logged_in(cast.owner).post(MEMBERS, {"emails": typed})
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert "<script>@x" not in answer.content.decode()
    assert not Invitation.objects.exists()


def test_no_more_invitations_than_free_users(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 5)
    answer = logged_in(cast.owner).post(MEMBERS, {"emails": "a@lumiere.example b@lumiere.example"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_free_users_are_counted_with_the_invitations(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 7)
    logged_in(cast.owner).post(MEMBERS, {"emails": "a@lumiere.example b@lumiere.example"})
    page = logged_in(cast.member).get(MEMBERS).content.decode()
    assert 'aria-label="7 bought: 4 used, 2 invited, 1 free"' in page
    assert "Bought 7 Used 4 Invited 2 Free 1" in words(page)


def test_a_list_that_is_too_long_is_refused_whole(cast: Cast, logged_in: LogIn) -> None:
    page = logged_in(cast.owner).get(MEMBERS).content.decode()
    assert 'maxlength="20000"' in page
    answer = logged_in(cast.owner, language="fr").post(MEMBERS, {"emails": "a@lumiere.example " * 1200})
    assert answer.status_code == 422
    assert "La liste dépasse 20000 caractères. Personne n’a été invité" in words(answer.content.decode())
    assert not Invitation.objects.exists()


def waiting(cast: Cast) -> Invitation:
    (found,) = invite.people(cast.account, cast.owner, ["new@lumiere.example"], now=clock.now())
    return found


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "The invitation for new@lumiere.example is withdrawn."), ("fr", "L’invitation pour new@")],
)
def test_an_invitation_that_waits_can_be_withdrawn_from_the_list(
    cast: Cast, logged_in: LogIn, at_noon: None, language: str, sentence: str
) -> None:
    waiting(cast)
    client = logged_in(cast.admin, language)
    page = client.get(MEMBERS).content.decode()
    assert {"en": "invited on 1 Jun 2026, until 15 Jun 2026", "fr": "valable jusqu’au 15 juin 2026"}[language] in page
    form = re.search(r'action="(/settings/members/invitations/ivt_\w+/withdraw/)"', page)
    assert form
    assert sentence in words(client.post(form[1], follow=True).content.decode())
    assert "new@lumiere.example" not in words(client.get(MEMBERS).content.decode())


def test_withdrawing_what_no_longer_waits_says_so(cast: Cast, logged_in: LogIn) -> None:
    found = waiting(cast)
    for sentence in ("is withdrawn.", "no longer waits: it was accepted or withdrawn, or has expired."):
        answer = logged_in(cast.owner).post(f"{MEMBERS}invitations/{found.public_id}/withdraw/", follow=True)
        assert sentence in words(answer.content.decode())


def test_who_may_not_invite_withdraws_nothing(cast: Cast, logged_in: LogIn) -> None:
    found = waiting(cast)
    for member in (cast.member, cast.billing_admin):
        assert "withdraw/" not in logged_in(member).get(MEMBERS).content.decode()
        answer = logged_in(member).post(f"{MEMBERS}invitations/{found.public_id}/withdraw/", follow=True)
        assert "Only the owner or an admin can withdraw an invitation." in words(answer.content.decode())
    assert logged_in(cast.stranger).post(f"{MEMBERS}invitations/{found.public_id}/withdraw/").status_code == 404
    assert Invitation.objects.open_at(clock.now()).exists()


def test_the_page_asks_as_much_for_fifty_invitations_as_for_one(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 60)
    client, asked = logged_in(cast.owner), []
    for number in (1, 49):
        emails = [f"guest{number}.{index}@lumiere.example" for index in range(number)]
        invite.people(cast.account, cast.owner, emails, now=NOON)
        with CaptureQueriesContext(connection) as heard:
            assert client.get(MEMBERS).status_code == 200
        asked.append(len(heard))
    assert asked[0] == asked[1] <= 8


def test_who_may_not_invite_is_refused(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.member).post(MEMBERS, {"emails": "a@lumiere.example"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_nobody_logged_in_is_sent_to_log_in(cast: Cast, client: Client) -> None:
    assert client.get(MEMBERS).status_code == 302


# Roles, and those who left


def test_people_are_invited_with_a_role(cast: Cast, logged_in: LogIn) -> None:
    client = logged_in(cast.admin, "fr")
    page = client.get(MEMBERS).content.decode()
    assert '<option value="restricted_member">Membre restreint</option>' in page
    assert 'value="billing_admin"' not in page
    client.post(MEMBERS, {"emails": "new@lumiere.example", "role": "admin"})
    assert Invitation.objects.get().role == "admin"
    answer = client.post(MEMBERS, {"emails": "other@lumiere.example", "role": "owner"})
    assert answer.status_code == 422
    assert "Ce rôle n’existe pas ou ne peut pas être donné." in words(answer.content.decode())


def test_those_who_left_stand_apart_and_those_who_are_gone_do_not(cast: Cast, logged_in: LogIn) -> None:
    people.deactivate(cast.member, cast.owner, now=NOON)
    people.remove(cast.billing_admin, cast.owner, now=NOON)
    said = words(logged_in(cast.admin).get(MEMBERS).content.decode())
    assert "Deactivated Member Person member@lumiere.example Reactivate Remove" in said
    assert "Billing Admin Person" not in said
    assert "Reactivate" not in words(logged_in(cast.admin, "fr").get(MEMBERS).content.decode())


# Seats


@pytest.mark.parametrize(("language", "sentence"), [("en", "2 more users"), ("fr", "2 utilisateurs de plus")])
def test_without_a_free_seat_the_price_of_those_missing_is_shown_first(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess, language: str, sentence: str
) -> None:
    bought(sandbox, cast.owner, "team", "month", 5)
    client = logged_in(cast.owner, language)
    answer = client.post(MEMBERS, {"emails": "a@x.example b@x.example c@x.example"})
    said = words(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in said
    for total in {"en": ("€252.88", "€915.60"), "fr": ("252,88 €", "915,60 €")}[language]:
        assert total in said, "29 of 30 days of two users with VAT, and seven at the renewal"
    assert 'action="/settings/members/seats/buy/"' in answer.content.decode()
    assert "a@x.example b@x.example" in client.get(MEMBERS).content.decode(), "kept while the seats are bought"


def test_no_seat_is_offered_for_who_is_here_nor_two_for_one_address(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 4)
    client = logged_in(cast.owner)
    here = client.post(MEMBERS, {"emails": "member@lumiere.example, Member@Lumiere.example"})
    assert "member@lumiere.example already has a place" in words(here.content.decode())
    assert "seats/buy/" not in here.content.decode()
    twice = words(client.post(MEMBERS, {"emails": "new@x.example, New@X.example"}).content.decode())
    assert "Addresses entered: 1." in twice
    assert "1 more user " in twice


def test_an_admin_is_shown_the_price_and_asks_for_the_seat(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 4)
    page = logged_in(cast.admin).post(MEMBERS, {"emails": "a@x.example"}).content.decode()
    assert "seats/buy/" not in page
    assert 'href="#m-ask"' in page
    assert '<details class="fold" open>' in page


@pytest.mark.parametrize(
    ("who", "invites", "reduces"), [("owner", 1, 1), ("admin", 1, 0), ("billing_admin", 0, 1), ("member", 0, 0)]
)
@pytest.mark.parametrize("path", [MEMBERS, "/settings/billing/"])
def test_the_banner_about_unused_seats_offers_the_two_ways_out(
    cast: Cast,
    logged_in: LogIn,
    at_noon: None,
    sandbox: SandboxProcess,
    path: str,
    who: str,
    invites: int,
    reduces: int,
) -> None:
    bought(sandbox, cast.owner, "team", "month", 7)
    page = logged_in(getattr(cast, who)).get(path).content.decode()
    banner = page.partition("unused-seats")[2].partition("</section>")[0]
    assert (banner != "") == bool(invites or reduces)
    assert banner.count('href="/settings/members/#m-invite"') == invites
    assert banner.count('action="/settings/members/seats/reduce/"') == reduces
    if banner:
        assert "3 users are paid for and not used" in words(banner)
        assert "on 1 July 2026" in words(banner)
    if reduces:
        assert "Reduce to 4 users" in words(banner)


def test_no_banner_where_no_way_out_is_open(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer users are scheduled, everything ends, or an invoice must be paid first."""
    bought(sandbox, cast.owner, "team", "month", 7)
    monkeypatch.setattr(clock, "now", lambda: MID_JUNE)
    client = logged_in(cast.owner)

    def told() -> list[bool]:
        return ["unused-seats" in client.get(path).content.decode() for path in (MEMBERS, "/settings/billing/")]

    def withdraw() -> None:
        (change,) = ScheduledChange.objects.filter(state="waiting")
        client.post(f"/settings/billing/changes/{change.public_id}/withdraw/")

    client.post(f"{MEMBERS}seats/reduce/")
    assert told() == [False, False]
    withdraw()
    assert told() == [True, True]
    schedule.cancel(fresh(cast.account), cast.owner, now=MID_JUNE)
    assert told() == [False, False]
    withdraw()
    cast.account.payment_methods.all().update(is_default=False)
    later = NOON + timedelta(days=31)
    renewed(cast, now=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert told() == [False, False]


def test_where_the_month_ends_the_year_is_reduced_on_its_own_date(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "year", 7)
    changed(cast, Choice("team", "month", 1, 7), now=NOON)
    schedule.cancel(fresh(cast.account), cast.owner, interval="month", now=NOON)
    client = logged_in(cast.owner)
    for path in (MEMBERS, "/settings/billing/"):
        banner = client.get(path).content.decode().partition("unused-seats")[2].partition("</section>")[0]
        assert "on 1 June 2027" in words(banner)
    said = words(client.get(f"{MEMBERS}{cast.member.public_id}/deactivate/").content.decode())
    assert "one user fewer from 1 June 2027 on" in said
    said = words(client.post(f"{MEMBERS}seats/reduce/", follow=True).content.decode())
    assert "The unused users end at the renewal" in said
