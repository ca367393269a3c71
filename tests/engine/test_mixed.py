"""Two subscriptions of one account in one draft: each over its own period, one sum, taxes rounded once."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.engine import drafts, wire
from palier.engine.drafts import Beside, Draft
from palier.engine.mixed import combined, with_ending
from palier.engine.periods import Interval
from palier.engine.proration import ChangeOutsidePeriod
from palier.engine.subscription import Current, Item
from palier.engine.taxes import TaxRule, taxes
from tests.engine.facts import (
    BUSINESS,
    BUSINESS_YEAR,
    POLICY,
    REVERSE,
    TEAM,
    TEAM_YEAR,
    VAT,
    amounts,
    at,
    change,
    days,
    subscription,
)

JUNE = days("2026-06-01", "2026-07-01")
THE_YEAR = days("2026-03-01", "2027-03-01")


def monthly(seats: int) -> Current:
    return subscription(Item(TEAM, seats), period=JUNE)


def annual(seats: int) -> Current:
    return subscription(Item(TEAM_YEAR, seats), period=THE_YEAR)


def both_to_business(month: int, year: int, now: str, tax: TaxRule = VAT) -> Draft:
    return combined(
        change(monthly(month), BUSINESS, month, now, tax=tax), change(annual(year), BUSINESS_YEAR, year, now, tax=tax)
    )


def test_a_plan_change_prorates_each_over_its_own_period() -> None:
    draft = both_to_business(4, 2, "2026-06-15")
    # 15 of 30 days for the month, 258 of 365 for the year
    assert amounts(draft) == [-21800, 31800, -161162, 229019]
    assert draft.net_minor == sum(amounts(draft)) == 77857
    assert (draft.tax_minor, draft.total_minor) == (15571, 77857 + 15571)
    assert draft.beside is not None
    assert draft.beside.state is not None
    assert draft.beside.renewal == drafts.preview_of_renewal(draft.beside.state, VAT, POLICY)
    assert (draft.after.plan.price.key, draft.beside.state.plan.price.key) == ("business", "business")
    assert (draft.after.period, draft.beside.state.period) == (JUNE, THE_YEAR)


def test_seats_that_move_are_credited_on_one_and_charged_on_the_other() -> None:
    fewer = change(monthly(6), TEAM, 4, "2026-06-15")
    opened = drafts.new_subscription(plan=TEAM_YEAR, seats=2, tax=VAT, policy=POLICY, now=at("2026-06-15"))
    draft = combined(opened, fewer)
    assert amounts(draft) == [228000, -32700, 21800]
    assert draft.after.interval is Interval.YEAR
    assert draft.beside is not None
    assert draft.beside.interval is Interval.MONTH


def test_the_end_of_the_other_credits_all_its_unused_time() -> None:
    draft = with_ending(
        change(annual(2), TEAM_YEAR, 6, "2026-06-15"), monthly(4), tax=VAT, policy=POLICY, now=at("2026-06-15")
    )
    assert amounts(draft)[0] == -21800
    assert draft.beside is not None
    assert draft.beside == Beside(Interval.MONTH, None, None)
    assert wire.draft_from_json(wire.draft_to_json(draft)) == draft


def test_a_period_that_is_over_has_nothing_to_credit() -> None:
    with pytest.raises(ChangeOutsidePeriod):
        with_ending(
            change(annual(2), TEAM_YEAR, 6, "2026-07-02"), monthly(4), tax=VAT, policy=POLICY, now=at("2026-07-02")
        )


@given(
    month=st.integers(1, 300),
    year=st.integers(1, 300),
    day=st.integers(1, 30),
    rate=st.sampled_from([0, 55_000, 81_000, 200_000, 255_000]),
)
def test_taxes_are_rounded_once_over_both_and_the_wire_keeps_everything(
    month: int, year: int, day: int, rate: int
) -> None:
    tax = TaxRule(rate, "S" if rate else "Z", "FR")
    draft = both_to_business(month, year, f"2026-06-{day:02d}", tax)
    assert draft.taxes == taxes((line.tax, line.amount_minor) for line in draft.lines)
    assert draft.total_minor == draft.net_minor + sum(part.tax_minor for part in draft.taxes)
    assert wire.draft_from_json(wire.draft_to_json(draft)) == draft
    assert Counter(line.interval for line in draft.lines)[Interval.YEAR] == 2


def test_each_keeps_its_own_rule_of_tax() -> None:
    draft = combined(
        change(monthly(1), BUSINESS, 1, "2026-06-15", tax=VAT),
        change(annual(1), BUSINESS_YEAR, 1, "2026-06-15", tax=REVERSE),
    )
    assert {part.rule for part in draft.taxes} == {VAT, REVERSE}


def test_without_a_second_subscription_the_wire_says_nothing_of_one() -> None:
    alone = change(monthly(4), BUSINESS, 4, "2026-06-15")
    assert "beside" not in wire.draft_to_json(alone)
    assert wire.digest(alone) == wire.digest(replace(alone, beside=None))
