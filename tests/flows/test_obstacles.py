"""What stands in the way of a lower plan: everything that exceeds it, in both languages, and nothing is deleted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue.models import CatalogueVersion
from palier.apps.entitlements import actions as entitlements
from palier.apps.entitlements.allowances import Sold
from palier.apps.orders.models import Quote
from palier.apps.subscriptions.models import ScheduledChange, Trial
from palier.flows import quote, schedule, usage
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.flows.obstacles import DowngradeBlocked, Obstacle, obstacles, still_blocked
from palier.flows.people import members
from tests import world
from tests.interfaces.portal.subscribed import ended
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

LATER = NOON + timedelta(days=3)


def those(account: Account, plan: str = "team", **wished: object) -> tuple[Obstacle, ...]:
    account = world.fresh(account)
    return obstacles(account, facts_of(account, now=LATER), plan, now=LATER, **wished)  # type: ignore[arg-type]


def uses(account: Account, **used: int) -> None:
    for key, number in used.items():
        entitlements.note(account, key, number, now=NOON)


@pytest.fixture
def account(cast: Cast, sandbox: SandboxProcess) -> Account:
    """On Business, five seats, with nobody in the way."""
    world.bought(sandbox, cast.owner, "business", "month", 5)
    world.without_billing_admin(cast)
    return world.fresh(cast.account)


def test_what_the_lower_plan_allows_is_no_obstacle(account: Account) -> None:
    uses(account, custom_fields=15, sequences=1, records=50_000, teams=0)
    assert those(account) == ()


@pytest.mark.parametrize(
    ("key", "used", "en", "fr"),
    [
        (
            "custom_fields",
            40,
            "You use 40 custom fields; Team allows 15: remove 25.",
            "Vous utilisez 40 champs personnalisés\u202f; Team en autorise 15\u202f: supprimez-en 25.",
        ),
        (
            "teams",
            1,
            "Custom teams: you use 1; Team includes none: remove 1.",
            "Équipes personnalisées\u202f: vous en utilisez 1\u202f; Team n’en comprend pas\u202f: supprimez-en 1.",
        ),
        (
            "records",
            51_000,
            "You use 51,000 records; Team allows 50,000: remove 1,000.",
            "Vous utilisez 51\u202f000 fiches\u202f; Team en autorise 50\u202f000\u202f: supprimez-en 1\u202f000.",
        ),
        (
            "sequences",
            2,
            "You use 2 e-mail sequences; Team allows 1: remove 1.",
            "Vous utilisez 2 séquences d’e-mails\u202f; Team en autorise 1\u202f: supprimez-en 1.",
        ),
    ],
)
def test_each_limit_says_what_to_remove(account: Account, key: str, used: int, en: str, fr: str) -> None:
    uses(account, **{key: used})
    (found,) = those(account)
    assert (found.key, found.text("en"), found.text("fr")) == (key, en, fr)


def test_records_count_with_the_seats_and_add_ons_that_remain(account: Account) -> None:
    uses(account, records=45_000)
    assert those(account) == ()
    assert [found.excess for found in those(account, seats=4)] == [5_000]
    assert those(account, seats=4, add_ons={"records": 1}) == ()


def test_seats_that_wait_to_be_reduced_no_longer_count(account: Account, cast: Cast) -> None:
    uses(account, records=45_000)
    Member.objects.filter(pk=cast.member.pk).update(deactivated_at=NOON)
    schedule.change(account, cast.owner, Choice("business", "month", 4), now=LATER)
    assert [found.excess for found in those(account)] == [5_000]


def test_more_seats_than_the_plan_has(account: Account) -> None:
    (found,) = those(account, seats=300)
    assert found.text("en") == "You will have 300 users; Team goes up to 250: reduce them by 50."
    assert found.text("fr") == "Vous aurez 300 utilisateurs\u202f; Team va jusqu’à 250\u202f: retirez-en 50."
    assert found.link == "/settings/members/"


def test_billing_admins_are_named_where_the_plan_has_no_such_role(account: Account, cast: Cast) -> None:
    Member.objects.filter(pk=cast.billing_admin.pk).update(role="billing_admin")
    accounts.invite(account, "next@lumiere.example", role="billing_admin", invited_by=cast.owner, now=NOON)
    (found,) = those(account)
    assert found.code == "role.billing_admin"
    assert found.text("en") == (
        "Team has no billing admins: give another role to Billing Admin Person and next@lumiere.example."
    )
    assert "n’a pas d’administrateurs de facturation" in found.text("fr")


def test_each_obstacle_links_to_the_products_own_page(account: Account, settings: Settings) -> None:
    settings.PALIER_HOST_LINKS = {"teams": "https://app.example/teams"}
    uses(account, teams=3, custom_fields=99)
    assert {found.key: found.link for found in those(account)} == {
        "custom_fields": "/settings/billing/usage/",
        "teams": "https://app.example/teams",
    }


def test_what_was_held_before_the_end_is_asked_about_when_a_lower_plan_is_bought(account: Account, cast: Cast) -> None:
    after = NOON + timedelta(days=31)
    Member.objects.filter(pk=cast.billing_admin.pk).update(role="billing_admin")
    uses(account, custom_fields=40)
    ended(cast, now=after)

    def bought(plan: str) -> Quote:
        return quote.make(world.fresh(account), cast.owner, Choice(plan, "month", 5), now=after)

    with pytest.raises(DowngradeBlocked) as refused:
        bought("team")
    for part in ("remove 25.", "Team has no billing admins: give another role to Billing Admin Person."):
        assert part in refused.value.text("en")
    assert bought("business").plan == "business", "what holds all of it is sold at once"
    members.change_role(cast.billing_admin, cast.owner, "member", now=after)
    usage.report(account, "custom_fields", 15, now=after)
    assert bought("team").plan == "team"


def test_what_a_trial_gave_is_asked_about_as_well(cast: Cast) -> None:
    world.without_billing_admin(cast)
    uses(cast.account, custom_fields=40)
    quote.make(cast.account, cast.owner, Choice("team", "month", 5), now=NOON)  # a free account comes from below
    Trial.objects.create(
        account=cast.account,
        plan="business",
        catalogue_version=CatalogueVersion.objects.latest("number"),
        started_at=NOON,
        ends_at=LATER,
    )
    for now in (NOON, LATER):
        with pytest.raises(DowngradeBlocked):
            quote.make(world.fresh(cast.account), cast.owner, Choice("team", "month", 5), now=now)


def test_a_higher_plan_has_no_obstacles(account: Account) -> None:
    uses(account, custom_fields=10**9)
    assert those(account, "enterprise") == those(account, "business") == ()


def test_a_lower_plan_that_is_exceeded_cannot_be_scheduled(account: Account, cast: Cast) -> None:
    uses(account, custom_fields=40, teams=2)
    with pytest.raises(DowngradeBlocked) as refused:
        schedule.change(account, cast.owner, Choice("team", "month", 5), now=LATER)
    for language, words in {"en": "remove 25.", "fr": "supprimez-en 25."}.items():
        assert words in refused.value.text(language)
    assert not ScheduledChange.objects.exists()
    uses(account, custom_fields=15, teams=0)
    assert schedule.change(account, cast.owner, Choice("team", "month", 5), now=LATER)


def test_one_statement_finds_them_for_one_account_and_for_a_nights_chunk(account: Account, cast: Cast) -> None:
    account = world.fresh(account)
    facts = facts_of(account, now=LATER)
    with CaptureQueriesContext(connection) as heard:
        obstacles(account, facts, "team", now=LATER)
    assert len(heard) == 1
    uses(account, custom_fields=16)
    wishes = {each.id: Sold(facts.catalogue, "team", 5, {}) for each in (account, cast.stranger.account)}
    with CaptureQueriesContext(connection) as heard:
        assert still_blocked({}, now=LATER) == {}
    assert len(heard) == 0
    with CaptureQueriesContext(connection) as heard:
        blocked = still_blocked(wishes, now=LATER)
    assert len(heard) == 1
    assert {account_id: [found.key for found in each] for account_id, each in blocked.items()} == {
        account.id: ["custom_fields"]
    }


def test_free_has_nothing_to_step_down_from(cast: Cast) -> None:
    uses(cast.account, custom_fields=99)
    assert those(cast.account) == ()
    assert quote.preview(cast.account, Choice("team", "month", 5), now=NOON).total_minor > 0
