"""Several people of one account buy, and people come and go while a price is held."""

import pytest

from palier.apps.accounts.models import Role
from palier.apps.gateways import gateway
from palier.apps.orders.models import Order
from palier.flows import card, order, quote
from palier.flows.change import Choice, compute
from palier.flows.facts import facts_of
from palier.flows.order_refusals import CardMissing, OrderOfAnother, PaymentInProgress, SubscriptionMoved
from palier.flows.people import signup
from palier.flows.quote_refusals import DowngradeWaits, PlanUnknown, SeatsAboveMaximum, SeatsBelowMembers
from tests import unpaid, world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, NOON, Cast


@pytest.fixture
def cast(cast_of_its_own: Cast) -> Cast:
    """Whose card was typed is what these tests ask."""
    return cast_of_its_own


def test_the_evidence_is_of_the_person_who_pays(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    world.collected(world.placed(sandbox, kept, DECLINED))
    fields = gateway().card_fields_url(
        order.card_reference(kept, cast.billing_admin), locale="en", parent_origin="http://127.0.0.1:8000"
    )
    sandbox.type_card(fields, world.GOOD)
    with pytest.raises(OrderOfAnother):
        order.place(kept, member=cast.billing_admin, card="new", evidence=world.evidence(), now=NOON)
    fresh = quote.renew(kept, member=cast.billing_admin, now=NOON)
    placed = order.place(fresh, member=cast.billing_admin, card="new", evidence=world.evidence(), now=NOON)
    world.collected(placed)
    assert Order.objects.get(state="settled").member == cast.billing_admin
    assert_balanced(sandbox)


def test_a_card_typed_by_one_person_is_never_charged_for_another(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    world.type_card(sandbox, kept)
    with pytest.raises(CardMissing):
        order.place(kept, member=cast.billing_admin, card="new", evidence=world.evidence(), now=NOON)


def test_the_second_of_two_tabs_hears_what_became_of_the_first(cast: Cast, sandbox: SandboxProcess) -> None:
    """One card was typed for both prices: once it is used, the other tab's card is not *incomplete*."""
    first, second = (world.quoted(cast.owner, plan) for plan in ("team", "business"))
    placed = world.placed(sandbox, first)

    def pressed_in_the_second() -> Order:
        return order.place(second, member=cast.owner, card="new", evidence=world.evidence(), now=NOON)

    with pytest.raises(PaymentInProgress):
        pressed_in_the_second()
    world.collected(placed)
    with pytest.raises(SubscriptionMoved):
        pressed_in_the_second()
    assert list(Order.objects.all()) == [placed]
    assert_balanced(sandbox)


def test_people_who_join_while_the_price_is_held_are_counted(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner, seats=4)
    signup.join(cast.account, world.person("late@lumiere.example", "Late Joiner"), Role.MEMBER, now=NOON)
    with pytest.raises(SeatsBelowMembers):
        world.placed(sandbox, kept)
    assert not Order.objects.exists()


def test_which_plan_is_above_which_is_todays_catalogue(cast: Cast, sandbox: SandboxProcess) -> None:
    """Renumbered ranks, in the same order, turn no step down into a step up."""
    world.bought(sandbox, cast.owner, "business", "month", 5)
    text = (world.ROOT / "catalogue.toml").read_text()
    for old, new in (("rank = 30", "rank = 25"), ("rank = 20", "rank = 22"), ("rank = 10", "rank = 21")):
        assert old in text
        text = text.replace(old, new)
    world.publish(text)
    with pytest.raises(DowngradeWaits):
        quote.make(world.fresh(cast.account), cast.owner, Choice("team", "month", 9), now=NOON)


def test_a_plan_is_not_offered_beyond_its_size(cast: Cast) -> None:
    facts = facts_of(cast.account, now=NOON)
    most = facts.catalogue.plan("team").seats_max
    draft = compute(facts, Choice("team", "month", most), now=NOON)
    wanted = Choice("team", "month", most + 1)
    assert isinstance(quote.objection(facts, wanted, draft.direction, draft.total_minor), SeatsAboveMaximum)


def test_a_retired_plan_is_still_its_holders(cast: Cast, sandbox: SandboxProcess) -> None:
    """No longer sold to others; whoever holds it buys more users on it."""
    world.bought(sandbox, cast.owner, "team", "month", 5)
    text = (world.ROOT / "catalogue.toml").read_text()
    world.publish(text.replace("[plans.team]\n", "[plans.team]\nretired = true\n"))
    assert quote.make(world.fresh(cast.account), cast.owner, Choice("team", "month", 6), now=NOON).seats == 6
    with pytest.raises(PlanUnknown):
        quote.make(cast.stranger.account, cast.stranger, Choice("team", "month", 5), now=NOON)


def test_a_card_that_one_buyer_has_typed_is_put_on_file_by_no_other(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    unpaid.typed_on_file(sandbox, cast.owner, "5555 5555 5555 4444")
    with pytest.raises(CardMissing):
        card.replace(cast.account, cast.billing_admin, now=NOON)
    assert card.replace(cast.account, cast.owner, now=NOON).last4 == "4444"
