"""A session is one person's, from log-in to its end, with the rights of this moment. See also ``test_every_url``."""

from django.core import signing
from django.test import override_settings

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Role
from palier.interfaces.portal import known_browsers
from tests.interfaces.conftest import ClientOf
from tests.world import NOON, PASSWORD, Cast

LOGIN = "/accounts/login/"
PLANS = "/settings/billing/plans/"
DETAILS = "/settings/billing/details/"
CHOSEN_BY_A_THIEF = "a" * 32


def typed(email: str) -> dict[str, str]:
    return {"login": email, "password": PASSWORD}


def test_a_session_that_somebody_else_began_is_not_the_one_after_log_in(client_of: ClientOf, cast: Cast) -> None:
    client, thief = client_of(None), client_of(None)
    client.cookies["sessionid"] = CHOSEN_BY_A_THIEF
    client.get(LOGIN)
    before = client.cookies["sessionid"].value
    assert client.post(LOGIN, typed(cast.owner.user.email)).status_code == 302
    after = client.cookies["sessionid"].value
    assert after not in (CHOSEN_BY_A_THIEF, before)
    for known in (CHOSEN_BY_A_THIEF, before):
        thief.cookies["sessionid"] = known
        assert thief.get(PLANS).status_code == 302, "whoever knew the session before is not in"


def test_after_log_out_the_session_is_nobodys(client_of: ClientOf, cast: Cast) -> None:
    client, copy = client_of(cast.owner), client_of(None)
    copy.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copy.get(PLANS).status_code == 200
    client.post("/accounts/logout/")
    assert copy.get(PLANS).status_code == 302


def test_another_password_ends_the_sessions_elsewhere(client_of: ClientOf, cast: Cast) -> None:
    here, elsewhere = client_of(None), client_of(None)
    for browser in (here, elsewhere):
        browser.post(LOGIN, typed(cast.owner.user.email))
    new = {"oldpassword": PASSWORD, "password1": "quite-another-one-7", "password2": "quite-another-one-7"}
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert elsewhere.get(PLANS).status_code == 302


def test_whoever_is_deactivated_is_out_at_their_next_request(client_of: ClientOf, cast: Cast) -> None:
    client = client_of(cast.member)
    assert client.get("/").status_code == 200
    accounts.deactivate(cast.member, now=NOON)
    assert client.get("/").status_code == 302


def test_a_role_that_was_taken_away_opens_nothing_at_the_next_request(client_of: ClientOf, cast: Cast) -> None:
    client = client_of(cast.billing_admin)
    assert client.get(DETAILS).status_code == 200
    accounts.give_role(cast.billing_admin, Role.MEMBER)
    assert client.get(DETAILS).status_code == 403


def test_no_script_reads_the_cookie_and_no_other_site_sends_it(client_of: ClientOf, cast: Cast) -> None:
    client = client_of(None)
    with override_settings(SESSION_COOKIE_SECURE=True):
        client.post(LOGIN, typed(cast.owner.user.email))
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"], session["secure"]) == (True, "Lax", True)
    known = client.cookies["palier_known"]
    assert (known["httponly"], known["samesite"], known["secure"]) == (True, "Lax", True)
    said = signing.loads(known.value, salt=known_browsers.SALT)
    assert cast.owner.user.email not in str(said), "whoever finds the browser does not learn whose it was"
