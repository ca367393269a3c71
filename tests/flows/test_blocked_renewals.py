"""A lower plan that is exceeded again on its day: the plan held is renewed, the change waits on, those who buy know."""

from datetime import datetime

import pytest

from palier.apps.accounts.models import Account, Member
from palier.apps.entitlements import actions as entitlements
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import quote, renew, schedule
from palier.flows.change import Choice
from tests import world
from tests.books import assert_balanced
from tests.flows.test_renewals import JULY, renewed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


@pytest.fixture
def account(cast: Cast, sandbox: SandboxProcess) -> Account:
    """On Business, five seats; Team waits for the first of July."""
    world.bought(sandbox, cast.owner, "business", "month", 5)
    world.without_billing_admin(cast)
    schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "month", 5), now=NOON)
    return world.fresh(cast.account)


def plan_held() -> str:
    return Subscription.objects.get().items.get(kind="plan").key


def test_the_plan_held_is_renewed_and_the_change_waits_for_the_next_end(
    account: Account, cast: Cast, sandbox: SandboxProcess
) -> None:
    entitlements.note(account, "custom_fields", 40, now=JULY)
    renewed(now=JULY)
    assert plan_held() == "business"
    assert Invoice.objects.latest("id").net_minor == 5 * 15900
    change = ScheduledChange.objects.get()
    assert (change.state, change.effective_at) == ("waiting", Subscription.objects.get().period_end)
    letter = Mail.objects.get(kind="downgrade_blocked")
    assert letter.recipient == cast.owner.user.email
    assert "You use 40 custom fields; Team allows 15: remove 25." in letter.text
    assert "renewed until 31 July 2026" in letter.text
    assert_balanced(sandbox)


def test_once_it_fits_the_next_renewal_applies_it(account: Account, sandbox: SandboxProcess) -> None:
    entitlements.note(account, "custom_fields", 40, now=JULY)
    renewed(now=JULY)
    entitlements.note(account, "custom_fields", 15, now=JULY)
    august: datetime = Subscription.objects.get().period_end
    renewed(now=august)
    assert plan_held() == "team"
    assert ScheduledChange.objects.get().state == "applied"
    assert Invoice.objects.latest("id").net_minor == 5 * 10900
    assert_balanced(sandbox)


@pytest.mark.parametrize("first", ["month", "year"])
def test_where_month_and_year_end_together_both_wait_for_the_next_end_of_the_year(
    cast: Cast, sandbox: SandboxProcess, first: str
) -> None:
    world.without_billing_admin(cast)
    world.bought(sandbox, cast.owner, "business", first, 5)
    mixed = quote.make(world.fresh(cast.account), cast.owner, Choice("business", "year", 5, other_seats=2), now=NOON)
    world.collected(world.placed(sandbox, mixed))
    schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 5, other_seats=2), now=NOON)
    entitlements.note(cast.account, "custom_fields", 40, now=NOON)
    monthly = cast.account.subscriptions.get(interval="month")
    for _ in range(12):
        monthly.refresh_from_db()
        renewed(now=monthly.period_end)
    renewed(now=monthly.period_end)
    ends = cast.account.subscriptions.get(interval="year").period_end
    assert f"{ends:%Y-%m-%d}" == "2028-05-31"
    assert set(ScheduledChange.objects.values_list("state", "effective_at")) == {("waiting", ends)}
    assert "renewed until 31 May 2028" in Mail.objects.get(kind="downgrade_blocked").text


def test_renewing_again_tells_nobody_twice(account: Account) -> None:
    entitlements.note(account, "teams", 1, now=JULY)
    renewed(now=JULY)
    renew.these([Subscription.objects.get().id], now=JULY)
    assert Mail.objects.filter(kind="downgrade_blocked").count() == 1
    assert Invoice.objects.count() == 2


def test_the_seats_that_the_renewal_leaves_are_counted(account: Account, cast: Cast) -> None:
    entitlements.note(account, "records", 45_000, now=JULY)
    Member.objects.filter(pk=cast.member.pk).update(deactivated_at=NOON)
    schedule.change(account, cast.owner, Choice("business", "month", 4), now=NOON)
    renewed(now=JULY)
    assert plan_held() == "business", "four seats of Team hold 40,000"
    assert Invoice.objects.latest("id").net_minor == 4 * 15900
