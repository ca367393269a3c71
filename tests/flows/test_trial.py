"""Trying a paid plan without a card: once, told before its end, then read-only, and never a charge."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import Account, Member, User
from palier.apps.agenda.models import Due
from palier.apps.events.models import Event
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.access import access
from palier.apps.subscriptions.models import Trial
from palier.flows import agenda, trial
from palier.flows.conversations import beside
from palier.flows.facts import facts_of
from palier.flows.people import roles, signup
from palier.flows.people.buyers import NotABuyer
from palier.flows.trial import NoTrial, SubscribedBefore, TriedBefore
from palier.kit.refusals import Refusal
from tests import world
from tests.catalogue.toml import TEXT, edited
from tests.interfaces.portal.subscribed import ended
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import NOON, Cast

DAY = timedelta(days=1)
OFFER = edited("days = 0                        # 0: no trial", "days = 14                       # 0: no trial")


@pytest.fixture
def offered(cast: Cast) -> Cast:
    """A catalogue that gives fourteen days of Team."""
    world.publish(OFFER, now=NOON)
    return cast


def days_go_by(account: Account, days: int) -> None:
    """The clock works off what falls due."""
    while row := Due.objects.filter(account_id=account.id, due_at__lte=NOON + days * DAY).order_by("due_at").first():
        agenda.work_off(row.id, now=row.due_at)


def access_on(account: Account, day: int) -> str:
    now = NOON + day * DAY
    known = facts_of(account, now=now)
    return access(
        live_states=[held.subscription.state for held in known.held],
        had_before=known.had_before,
        trial_ends_at=known.trial.ends_at if known.trial else None,
        closed_at=None,
        now=now,
    )


def kinds() -> list[str]:
    return list(Mail.objects.order_by("id").values_list("kind", flat=True))


@pytest.mark.django_db
def test_a_trial_gives_the_plan_for_its_days_and_then_the_account_only_reads(offered: Cast) -> None:
    begun = trial.start(offered.account, offered.owner, now=NOON)
    assert (begun.plan, begun.ends_at) == ("team", NOON + 14 * DAY)
    assert [access_on(offered.account, day) for day in (0, 13, 14, 400)] == ["trial", "trial", "lapsed", "lapsed"]


@pytest.mark.django_db
def test_it_is_told_three_days_before_its_end_and_at_its_end_once_each(offered: Cast) -> None:
    trial.start(offered.account, offered.owner, now=NOON)
    days_go_by(offered.account, 10)
    assert kinds() == ["trial_started"]
    days_go_by(offered.account, 11)
    assert kinds() == ["trial_started", "trial_ends_soon"]
    days_go_by(offered.account, 20)
    assert kinds() == ["trial_started", "trial_ends_soon", "trial_ended"]
    soon = Mail.objects.get(kind="trial_ends_soon")
    assert "15 June 2026" in soon.subject
    assert "Nothing is charged" in soon.text
    assert soon.recipient == "owner@lumiere.example"
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_who_buys_meanwhile_hears_no_more_about_the_trial(offered: Cast, sandbox: SandboxProcess) -> None:
    trial.start(offered.account, offered.owner, now=NOON)
    world.bought(sandbox, offered.owner, now=NOON + DAY)
    for row in Due.objects.filter(kind__startswith="trial"):
        agenda.work_off(row.id, now=row.due_at)
    assert kinds() == ["trial_started", "receipt"]
    assert access_on(offered.account, 20) == "full"


@pytest.mark.django_db
def test_a_short_trial_is_told_once_at_its_beginning(cast: Cast) -> None:
    world.publish(edited("days = 0                        # 0: no trial", "days = 2 # 0: no trial"), now=NOON)
    trial.start(cast.account, cast.owner, now=NOON)
    days_go_by(cast.account, 1)
    assert kinds() == ["trial_ends_soon"]


@pytest.mark.django_db
def test_what_cannot_be_tried_is_refused_by_name_and_nothing_changes(offered: Cast, sandbox: SandboxProcess) -> None:
    def refused(member: Member, account: Account = offered.account) -> type[Refusal]:
        before = Trial.objects.count(), Due.objects.count(), Event.objects.count(), Mail.objects.count()
        with pytest.raises(Refusal) as said:
            trial.start(account, member, now=NOON)
        assert (Trial.objects.count(), Due.objects.count(), Event.objects.count(), Mail.objects.count()) == before
        return said.type

    for member in (offered.admin, offered.member, offered.stranger):
        assert refused(member) is NotABuyer
    world.bought(sandbox, offered.stranger)
    assert refused(offered.stranger, offered.stranger.account) is SubscribedBefore
    trial.start(offered.account, offered.owner, now=NOON)
    assert refused(offered.owner) is TriedBefore
    assert refused(offered.billing_admin) is TriedBefore
    world.publish(now=NOON)
    assert refused(offered.owner) is NoTrial


@pytest.mark.django_db
def test_a_plan_bought_and_ended_within_a_long_trial_leaves_nothing_of_it(cast: Cast, sandbox: SandboxProcess) -> None:
    long = TEXT.replace("days = 0                        # 0: no trial", "days = 90 # 0: no trial")
    world.publish(long.replace('plan = "team"                   # what', 'plan = "business" # what'), now=NOON)

    def tries(day: int) -> tuple[bool, str, bool]:
        now, account = NOON + day * DAY, world.fresh(cast.account)
        facts, seen = facts_of(account, now=now), beside.of(account, now=now).plan
        return facts.tries(now) is not None, seen.key if seen else "", roles.has_custom_roles(facts, now=now)

    world.without_billing_admin(cast)
    trial.start(cast.account, cast.owner, now=NOON)
    assert tries(0) == (True, "business", True)
    world.bought(sandbox, cast.owner, "team")
    assert tries(1) == (False, "team", False)
    ended(cast, now=NOON + 31 * DAY)
    assert access_on(cast.account, 31) == "lapsed"
    assert tries(31) == (False, "", False)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["OWNER@lumiere.example", "owner+again@lumiere.example"])
def test_the_same_address_tries_once_even_in_another_account(offered: Cast, address: str) -> None:
    trial.start(offered.account, offered.owner, now=NOON)
    User.objects.filter(pk=offered.owner.user_id).update(email="gone@lumiere.example")
    again = signup.open_account(world.person(address, "Odile"), company="Again", country="FR", language="en", now=NOON)
    with pytest.raises(TriedBefore):
        trial.start(again.account, again, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_pressed_many_times_at_once_it_begins_once(offered: Cast) -> None:
    answers = together([lambda: trial.start(offered.account, offered.owner, now=NOON)] * 6)
    assert [type(answer) for answer in answers].count(Trial) == 1
    assert {type(answer) for answer in answers} == {Trial, TriedBefore}
    assert Mail.objects.count() == 1
