"""The host product reports what is used and asks what may be: one number, one statement, one letter for a crossing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Account
from palier.apps.agenda.models import Due
from palier.apps.entitlements.models import Usage
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.access import Access
from palier.apps.subscriptions.models import Subscription, Trial
from palier.flows import quote, renew, seats, usage
from palier.flows.change import Choice
from palier.kit.refusals import Refusal
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

LATER = NOON + timedelta(days=10)
CATALOGUE = (world.ROOT / "catalogue.toml").read_text()


@pytest.fixture
def account(cast: Cast, sandbox: SandboxProcess) -> Account:
    """On Team, four seats by the month: 40,000 records, 15 custom fields, no teams."""
    world.bought(sandbox, cast.owner, "team", "month", 4)
    return world.fresh(cast.account)


def letters() -> list[Mail]:
    return list(Mail.objects.filter(kind__in=["limit_near", "limit_reached"]).order_by("id"))


# Reports


def test_the_last_report_holds_and_repeating_it_changes_nothing(account: Account) -> None:
    for number in (120, 7, 7):
        usage.report(account, "custom_fields", number, now=LATER)
    assert Usage.objects.get(account=account).used == 7


@pytest.mark.parametrize(
    ("key", "used", "code"),
    [
        ("custom_field", 1, "usage.key_unknown"),
        ("", 1, "usage.key_unknown"),
        ("records\0", 1, "usage.key_unknown"),
        ("x" * 500, 1, "usage.key_unknown"),
        ("records", -1, "usage.negative"),
        ("records", -(10**30), "usage.negative"),
        ("records", 10**12 + 1, "usage.too_large"),
        ("records", 10**30, "usage.too_large"),
        ("records", 1.5, "usage.not_a_number"),
        ("records", "12", "usage.not_a_number"),
        ("records", True, "usage.not_a_number"),
        ("records", None, "usage.not_a_number"),
    ],
)
def test_nonsense_is_refused_by_name_and_changes_nothing(cast: Cast, key: str, used: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        usage.report(cast.account, key, used, now=NOON)
    assert refused.value.code == code
    assert refused.value.text("en") != refused.value.text("fr")
    assert not Usage.objects.exists()


# May they?


@pytest.mark.parametrize(
    ("key", "used", "more", "allowed", "limit", "left", "reason"),
    [
        ("records", 39_999, 1, True, 40_000, 1, ""),
        ("records", 39_999, 2, False, 40_000, 1, "limit_reached"),
        ("records", 50_000, 0, False, 40_000, 0, "limit_reached"),
        ("custom_fields", 0, 15, True, 15, 15, ""),
        ("sequences", 1, 1, False, 1, 0, "limit_reached"),
        ("teams", 0, 1, False, 0, 0, "not_included"),
        ("teams", 0, 0, True, 0, 0, ""),
    ],
)
def test_the_answer(
    account: Account, key: str, used: int, more: int, allowed: bool, limit: int, left: int, reason: str
) -> None:
    usage.report(account, key, used, now=LATER)
    answer = usage.may(account, key, more, now=LATER)
    assert (answer.allowed, answer.limit, answer.used, answer.left) == (allowed, limit, used, left)
    assert (answer.reason, answer.access) == (reason, Access.FULL)
    assert (answer.remedy is None) == allowed


def test_one_statement_answers(account: Account) -> None:
    usage.report(account, "records", 41_000, now=LATER)
    with CaptureQueriesContext(connection) as heard:
        assert not usage.may(account, "records", now=LATER).allowed
    assert len(heard) == 1


def test_free_has_one_seats_allowance(cast: Cast) -> None:
    assert usage.may(cast.account, "records", 500, now=NOON).allowed
    answer = usage.may(cast.account, "records", 501, now=NOON)
    assert (answer.limit, answer.access) == (500, Access.FREE)
    assert answer.remedy is not None
    assert (answer.remedy.kind, answer.remedy.key) == ("plan", "team")


def test_what_was_sold_keeps_its_allowance_when_the_catalogue_moves_on(account: Account) -> None:
    world.publish(CATALOGUE.replace("records = 10_000, custom_fields = 15", "records = 1_000, custom_fields = 2"))
    assert usage.may(account, "records", now=LATER).limit == 40_000
    assert usage.may(account, "custom_fields", now=LATER).limit == 15


def test_a_limit_that_the_catalogue_learned_later_counts_as_the_plan_has_it_today(account: Account) -> None:
    limit = '[limits.exports]\nper = "account"\nnames = { en = "exports", fr = "exports de données" }\n\n[limits.roles]'
    text = CATALOGUE.replace("[limits.roles]", limit).replace("teams = 0,", "teams = 0, exports = 3,")
    world.publish(text.replace('teams = "unlimited",', 'teams = "unlimited", exports = 9,'))
    assert usage.may(account, "exports", 3, now=LATER).limit == 3


def test_mixed_billing_is_one_pool(account: Account, cast: Cast, sandbox: SandboxProcess) -> None:
    kept = quote.make(account, cast.owner, Choice("team", "month", 4, 3), now=LATER)
    world.collected(world.placed(sandbox, kept, now=LATER), now=LATER)
    assert Subscription.objects.alive().count() == 2
    assert usage.may(account, "records", now=LATER).limit == 70_000
    assert usage.may(account, "custom_fields", now=LATER).limit == 15


def test_a_trial_gives_its_plan_for_the_people_there_and_then_only_reads(cast: Cast) -> None:
    Trial.objects.create(
        account=cast.account,
        plan="business",
        catalogue_version_id=1,
        started_at=NOON,
        ends_at=NOON + timedelta(days=14),
    )
    answer = usage.may(cast.account, "records", now=LATER)
    assert (answer.limit, answer.access, answer.allowed) == (4 * 25_000, Access.TRIAL, True)
    over = usage.may(cast.account, "records", now=NOON + timedelta(days=14))
    assert (over.access, over.allowed, over.reason) == (Access.LAPSED, False, "read_only")


def test_who_only_reads_creates_nothing_and_keeps_what_exists(account: Account) -> None:
    usage.report(account, "records", 12, now=LATER)
    Subscription.objects.update(state="suspended")
    answer = usage.may(account, "records", now=LATER)
    assert (answer.allowed, answer.reason, answer.used, answer.limit) == (False, "read_only", 12, 40_000)


# What solves it


@pytest.mark.parametrize(
    ("key", "used", "more", "kind", "what", "units"),
    [
        ("records", 40_000, 1, "add_on", "records", 1),
        ("records", 40_000, 25_000, "add_on", "records", 3),
        # 6 units are 150.00 a month; Business, 50.00 x 4 = 200.00 more, would hold as many.
        ("records", 40_000, 60_000, "add_on", "records", 6),
        ("records", 40_000, 2_000_000, "plan", "enterprise", 0),
        ("custom_fields", 15, 1, "plan", "business", 0),
        ("custom_fields", 15, 500, "plan", "enterprise", 0),
        ("teams", 0, 1, "plan", "business", 0),
    ],
)
def test_the_add_on_where_it_is_cheaper_else_the_lowest_plan(
    account: Account, key: str, used: int, more: int, kind: str, what: str, units: int
) -> None:
    usage.report(account, key, used, now=LATER)
    found = usage.may(account, key, more, now=LATER).remedy
    assert found is not None
    assert (found.kind, found.key, found.units) == (kind, what, units)


# Warnings


def test_each_threshold_is_told_once_on_the_way_up_to_those_who_buy(account: Account, cast: Cast) -> None:
    cast.billing_admin.user.language = "fr"
    cast.billing_admin.user.save()
    for used, told in ((31_999, 0), (32_000, 2), (33_000, 2), (39_999, 2), (40_000, 4), (44_000, 4), (100, 4)):
        usage.report(account, "records", used, now=LATER)
        assert len(letters()) == told, used
    assert {mail.recipient for mail in letters()} == {cast.owner.user.email, cast.billing_admin.user.email}
    assert [mail.kind for mail in letters()] == ["limit_near"] * 2 + ["limit_reached"] * 2
    english, french = letters()[:2]
    assert english.subject == "Limit soon reached: records (32,000 of 40,000)"
    assert french.subject == "Limite bientôt atteinte\u202f: fiches (32\u202f000 sur 40\u202f000)"


def test_a_report_past_both_thresholds_tells_the_higher_one(account: Account) -> None:
    usage.report(account, "custom_fields", 15, now=LATER)
    assert {mail.kind for mail in letters()} == {"limit_reached"}


def test_the_next_crossing_is_told_again_but_not_twice_a_day(account: Account) -> None:
    for hours in range(3):
        for used in (10, 13):
            usage.report(account, "custom_fields", used, now=LATER + timedelta(hours=hours))
    assert len(letters()) == 2
    usage.report(account, "custom_fields", 10, now=LATER + timedelta(days=1))
    usage.report(account, "custom_fields", 13, now=LATER + timedelta(days=1))
    assert len(letters()) == 4


def test_a_limit_that_has_sunk_is_told_at_the_next_report_of_the_same_number(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    """Six users become four at the renewal: 33,000 records are 55 percent before it and 83 after."""
    world.bought(sandbox, cast.owner, "team", "month", 6)
    usage.report(world.fresh(cast.account), "records", 33_000, now=LATER)
    seats.reduce(world.fresh(cast.account), cast.owner, 4, interval="month", now=LATER)
    assert letters() == []
    (row,) = Due.objects.filter(kind="renewal")
    renew.due(row, now=row.due_at)
    for hours in (1, 30):
        usage.report(world.fresh(cast.account), "records", 33_000, now=row.due_at + timedelta(hours=hours))
    assert [mail.kind for mail in letters()] == ["limit_near"] * 2


def test_the_letter_names_the_exact_price_of_what_solves_it(account: Account) -> None:
    usage.report(account, "records", 33_000, now=LATER)
    add_ons = (("records", 1),)
    draft = quote.preview(account, Choice("team", "month", 4, add_ons=add_ons), now=LATER)
    text = letters()[0].text
    # 19 of June's 30 days are left: 25.00 x 19/30 = 15.83 and 20 % VAT.
    assert draft.total_minor == 1900
    assert "10,000 more records" in text
    assert "€19.00" in text
    # 4 x 109.00 + 25.00 and 20 % VAT.
    assert "€553.20 on 1 July 2026" in text
    assert "http://127.0.0.1:8000/settings/billing/usage/" in text


def test_nothing_is_sold_where_nothing_helps_or_nothing_may_be_bought(account: Account) -> None:
    Subscription.objects.update(state="suspended")
    usage.report(account, "custom_fields", 15, now=LATER)
    assert letters() == []


def test_what_is_not_included_is_no_limit_to_approach(account: Account) -> None:
    usage.report(account, "teams", 3, now=LATER)
    assert letters() == []
