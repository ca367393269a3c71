"""The reference and the program in the same words: a wish, a refusal, and what is held."""

from collections.abc import Callable

from palier.flows import upcoming
from palier.flows.change import Choice
from palier.flows.facts import Facts, Held
from palier.kit.refusals import Refusal
from tests.model import reference
from tests.model.calendar_days import midnight
from tests.model.reference import No, Wish


def assert_agree(facts: Facts, model: reference.Account) -> None:
    """Every subscription is what the reference expects: plan, seats, add-ons, period, what waits, the next renewal."""
    assert {held.interval.value: seen(facts, held) for held in facts.held} == {
        interval: expected(model, each) for interval, each in model.held.items()
    }
    assert facts.unpaid == model.unpaid
    assert facts.active_members == model.people


def seen(facts: Facts, held: Held) -> tuple[object, ...]:
    """What the program says of a subscription; the next renewal as ``flows.upcoming`` says."""
    state, preview = held.current.state, upcoming.of(facts, held).preview
    return (
        held.subscription.state,
        state.plan.price.key,
        held.seats,
        state.seats,
        sum(item.quantity for item in state.add_ons),
        (state.period.start, state.period.end),
        {change.kind: change.effective_at for change in held.waiting},
        preview and preview.total_minor,
    )


def expected(model: reference.Account, each: reference.Contract) -> tuple[object, ...]:
    """The same from the reference."""
    names = {"units": "add_on"}
    return (
        each.state,
        each.plan,
        each.seats,
        each.paid,
        each.units,
        (midnight(each.start), midnight(each.end)),
        {names.get(kind, kind): midnight(day) for kind, (_value, day) in each.waiting.items()},
        model.renewal_of(each),
    )


def answer[T](action: Callable[[], T]) -> tuple[str, T | None]:
    """The code of a refusal, or what was done."""
    try:
        return "", action()
    except (Refusal, No) as refusal:
        return refusal.code, None


def choice(wish: Wish) -> Choice:
    """A wish as the program takes it."""
    add_ons = None if wish.units is None else (("records", wish.units),)
    return Choice(wish.plan, wish.interval, wish.seats, wish.other, add_ons)
