"""GET /settings/billing/: plan, seats, renewal, card, last invoices, spending; for a free account the first step."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Account
from palier.flows import invite
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought

OVERVIEW = "/settings/billing/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def test_a_free_account_is_offered_the_plans(cast: Cast, logged_in: LogIn) -> None:
    said = words(logged_in(cast.owner).get(OVERVIEW).content.decode())
    assert "Your account is free" in said
    assert "See the plans" in said


@pytest.fixture
def paying(cast: Cast, at_noon: None, sandbox: SandboxProcess) -> None:
    """Team for seven, four of them here and one invited."""
    bought(sandbox, cast.owner, "team", "month", 7)
    invite.people(Account.objects.get(pk=cast.account.pk), cast.owner, ["new@lumiere.example"], now=NOON)


@pytest.mark.parametrize("buyer", ["owner", "billing_admin"])
def test_a_paid_account_sees_everything_at_a_glance(cast: Cast, logged_in: LogIn, paying: None, buyer: str) -> None:
    html = logged_in(getattr(cast, buyer)).get(OVERVIEW).content.decode()
    said = words(html)
    assert "Billed monthly · €109.00 per user per month" in said
    assert "€915.60 on 1 July 2026, VAT included" in said
    assert "Bought 7 Used 4 Invited 1 Free 2" in said
    assert "Visa •••• 4242" in said
    assert "F2026-000001 1 Jun 2026 €915.60" in said
    assert "Spending in 2026 €915.60" in said
    assert '<title id="spending-title">Spending in 2026: €915.60</title>' in html
    assert '<desc id="spending-desc">Jun €915.60</desc>' in html


@pytest.mark.parametrize("other", ["admin", "member"])
def test_who_may_not_buy_sees_plan_users_and_the_day_of_renewal_but_no_money(
    cast: Cast, logged_in: LogIn, paying: None, other: str
) -> None:
    html = logged_in(getattr(cast, other)).get(OVERVIEW).content.decode()
    said = words(html)
    assert "Billed monthly · €109.00 per user per month" in said
    assert "Next renewal 1 July 2026 Users" in said
    assert "Bought 7 Used 4 Invited 1 Free 2" in said
    for secret in ("915.60", "4242", "F2026", "Spending", "Last invoices", "Expires"):
        assert secret not in html


def test_another_account_sees_nothing_of_it(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner)
    said = words(logged_in(cast.stranger).get(OVERVIEW).content.decode())
    assert "F2026" not in said
    assert "4242" not in said


def test_nobody_logged_in_is_sent_to_log_in(cast: Cast, client: Client) -> None:
    assert client.get(OVERVIEW)["Location"] == "/accounts/login/?next=/settings/billing/"
