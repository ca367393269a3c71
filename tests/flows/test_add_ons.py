"""Add-ons: prorated at once, aligned on the renewal date, removed at renewal; kept when users change interval."""

from datetime import timedelta

import pytest

from palier.apps.agenda.models import Due
from palier.flows import quote, renew, schedule
from palier.flows.change import Choice, units_held
from palier.flows.facts import facts_of
from palier.flows.quote_refusals import AddOnUnitsOutOfRange, AddOnUnknown, FewerAddOnsWait
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.interfaces.portal.subscribed import changed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
TWENTIETH = NOON + timedelta(days=19)
JULY = NOON + timedelta(days=30)


def with_add_ons(units: int, *, seats: int = 5) -> Choice:
    return Choice("team", "month", seats, add_ons=(("records", units),))


def test_three_on_the_20th_cost_25_now_and_75_on_the_1st(cast: Cast, sandbox: SandboxProcess) -> None:
    """The worked example of the mission: the day of the change counts as used, so ten days of thirty are left."""
    world.bought(sandbox, cast.owner, seats=5)
    settled = changed(cast, with_add_ons(3), now=TWENTIETH)
    assert settled.invoice is not None
    (line,) = settled.invoice.lines.all()
    assert (line.quantity, line.amount_minor) == (3, 2500)
    renew.due(Due.objects.get(account_id=cast.account.id, kind="renewal"), now=JULY)
    renewal = cast.account.invoices.latest("issued_at", "id")
    amounts = {(line.item_kind, line.quantity): line.amount_minor for line in renewal.lines.all()}
    assert amounts == {("plan", 5): 54500, ("add_on", 3): 7500}
    assert_balanced()


def test_fewer_cost_nothing_and_begin_at_the_renewal(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    changed(cast, with_add_ons(3), now=TWENTIETH)
    account = world.fresh(cast.account)
    with pytest.raises(FewerAddOnsWait):
        quote.make(account, cast.owner, with_add_ons(1), now=TWENTIETH)
    (waiting,) = schedule.change(account, cast.owner, with_add_ons(1), now=TWENTIETH)
    assert (waiting.kind, waiting.key, waiting.quantity) == ("add_on", "records", 1)
    assert units_held(facts_of(account, now=TWENTIETH)) == {"records": 3}
    renew.due(Due.objects.get(account_id=account.id, kind="renewal"), now=JULY)
    assert units_held(facts_of(account, now=JULY)) == {"records": 1}


@pytest.mark.parametrize(
    ("add_ons", "refusal"),
    [
        ((("gold", 1),), AddOnUnknown),
        ((("records", -1),), AddOnUnitsOutOfRange),
        ((("records", 10**6),), AddOnUnitsOutOfRange),
    ],
)
def test_what_is_not_sold_is_refused(
    cast: Cast, sandbox: SandboxProcess, add_ons: tuple[tuple[str, int], ...], refusal: type[Refusal]
) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    choice = Choice("team", "month", 5, add_ons=add_ons)
    for act in (quote.make, schedule.change):
        with pytest.raises(refusal):
            act(world.fresh(cast.account), cast.owner, choice, now=TWENTIETH)


def test_add_ons_go_with_the_users_who_move_to_the_year(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    changed(cast, with_add_ons(3), now=TWENTIETH)
    changed(cast, Choice("team", "month", 3, 2), now=TWENTIETH)
    assert units_held(facts_of(world.fresh(cast.account), now=TWENTIETH)) == {"records": 3}
    changed(cast, Choice("team", "year", 5), now=TWENTIETH + timedelta(days=1))
    facts = facts_of(world.fresh(cast.account), now=TWENTIETH + timedelta(days=1))
    assert [(held.interval, held.seats) for held in facts.held] == [("year", 5)]
    assert units_held(facts) == {"records": 3}
    assert_balanced(sandbox)
