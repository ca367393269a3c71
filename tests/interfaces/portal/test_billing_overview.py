"""GET /settings/billing/: plan, seats, renewal, card, last invoices, spending; for a free account the first step."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue.models import CatalogueVersion
from palier.apps.invoices.models import Invoice
from palier.apps.subscriptions.models import Subscription, Trial
from palier.flows.people import invite
from palier.kit import clock
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


@pytest.mark.parametrize(
    ("language", "trying", "over"),
    [
        ("en", "You are trying Business until 15 June 2026", "Your trial has ended"),
        ("fr", "Vous essayez Business jusqu’au 15 juin 2026", "Votre essai a pris fin"),
    ],
)
def test_a_trial_says_what_is_tried_and_until_when_and_leads_out(
    cast: Cast, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch, language: str, trying: str, over: str
) -> None:
    Trial.objects.create(
        account=cast.account,
        plan="business",
        catalogue_version=CatalogueVersion.objects.latest("number"),
        started_at=NOON,
        ends_at=NOON + timedelta(days=14),
    )

    def seen(who: Member, day: int) -> tuple[str, set[str]]:
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=day))
        html = logged_in(who, language).get(OVERVIEW).content.decode().partition('<section class="empty"')[2]
        html = html.partition("</section>")[0]
        return words(html), set(re.findall(r'href="(.+?)"', html))

    plans, export, close = "/settings/billing/plans/", "/settings/billing/export/", "/settings/close/"
    said, links = seen(cast.owner, 13)
    assert trying in said
    assert links == {plans, export}
    said, links = seen(cast.owner, 14)
    assert over in said
    assert links == {plans, export, close}
    assert seen(cast.billing_admin, 14)[1] == {plans, export}
    assert seen(cast.member, 14)[1] == {plans}


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


@pytest.mark.parametrize(
    ("language", "waits", "day"),
    [
        ("en", "once the open invoice is paid", "on 1 July"),
        ("fr", "une fois la facture ouverte réglée", "le 1er juillet"),
    ],
)
def test_a_renewal_that_waits_for_an_open_invoice_names_no_day_that_is_past(
    cast: Cast,
    sandbox: SandboxProcess,
    logged_in: LogIn,
    monkeypatch: pytest.MonkeyPatch,
    *,
    language: str,
    waits: str,
    day: str,
) -> None:
    bought(sandbox, cast.owner)
    Subscription.objects.update(state="past_due")
    Invoice.objects.update(state="open")
    for later, waiting in ((20, False), (33, True)):
        monkeypatch.setattr(clock, "now", lambda later=later: NOON + timedelta(days=later))
        html = logged_in(cast.owner, language).get(OVERVIEW).content.decode()
        said = words(html.partition('aria-labelledby="o-renewal"')[2].partition("</section>")[0])
        assert (waits in said, day in said) == (waiting, not waiting)
