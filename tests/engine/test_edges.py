"""Edges of the period, several changes in one period, taxes, renewals, and facts that cannot be."""

from dataclasses import replace

import pytest

from palier.engine import drafts
from palier.engine.drafts import Change
from palier.engine.periods import Interval, Period, in_utc
from palier.engine.policies import Direction
from palier.engine.proration import ChangeOutsidePeriod, units_of
from palier.engine.subscription import ImpossiblePaid, Item, MixedItems, Paid, State
from palier.engine.taxes import TaxAmount, TaxRateOutOfRange, TaxRule
from tests.engine.facts import (
    BUSINESS,
    ENTERPRISE,
    POLICY,
    RECORDS,
    REVERSE,
    TEAM,
    TEAM_YEAR,
    VAT,
    Life,
    amounts,
    at,
    change,
    days,
    policy,
    price,
    subscription,
)

JUNE = days("2026-06-01", "2026-07-01")


class TestEdgesOfThePeriod:
    @pytest.mark.parametrize("now", ["2026-05-31 23:59", "2026-07-01 00:00", "2026-07-15"])
    def test_a_change_outside_the_paid_period_is_refused_by_name(self, now: str) -> None:
        with pytest.raises(ChangeOutsidePeriod) as refusal:
            change(subscription(Item(TEAM, 3), period=JUNE), BUSINESS, 3, now)
        assert refusal.value.code == "change_outside_period"

    @pytest.mark.parametrize(("used_or_left", "credit", "charge"), [("used", -10537, 15370), ("left", -10900, 15900)])
    def test_at_its_first_instant(self, used_or_left: str, credit: int, charge: int) -> None:
        rules = policy(change_day=used_or_left)
        draft = change(subscription(Item(TEAM, 1), period=JUNE), BUSINESS, 1, "2026-06-01 00:00", rules=rules)
        assert amounts(draft) == [credit, charge]

    def test_on_its_last_day_nothing_is_left_when_the_day_counts_as_used(self) -> None:
        draft = change(subscription(Item(TEAM, 1), period=JUNE), BUSINESS, 1, "2026-06-30 23:59")
        assert amounts(draft) == [0]
        assert draft.total_minor == 0
        assert draft.renewal.net_minor == 15900

    def test_on_its_last_day_one_day_is_left_when_the_day_counts_as_left(self) -> None:
        draft = change(
            subscription(Item(TEAM, 1), period=JUNE), BUSINESS, 1, "2026-06-30", rules=policy(change_day="left")
        )
        assert amounts(draft) == [-363, 530]

    def test_at_its_last_second_one_second_is_left(self) -> None:
        draft = change(
            subscription(Item(price("team", monthly_minor=2592000 * 100), 1), period=JUNE),
            price("business", monthly_minor=2592000 * 200),
            1,
            "2026-06-30 23:59:59",
            rules=policy(unit="second"),
        )
        assert amounts(draft) == [-100, 200]

    def test_the_time_of_day_changes_nothing_by_the_day(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        morning, night = (change(current, BUSINESS, 3, f"2026-06-20 {clock}") for clock in ("00:00", "23:59:59"))
        assert amounts(morning) == amounts(night)
        assert morning.after == night.after


class TestASecondChange:
    def test_on_the_same_day_gives_back_what_the_first_one_charged(self) -> None:
        life = Life(drafts.new_subscription(plan=TEAM, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-01")))
        first = life.change(BUSINESS, 3, at("2026-06-20 09:00"))
        second = life.change(TEAM, 3, at("2026-06-20 17:00"))
        assert amounts(first) == [-10900, 15900]
        assert amounts(second) == [-15900, 10900]
        third = life.change(BUSINESS, 3, at("2026-06-20 18:00"))
        assert amounts(third) == [-10900, 15900]

    def test_does_not_credit_twice_when_the_facts_do_not_say_what_was_ended(self) -> None:
        paid = (
            Paid("1", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=10900),
            Paid("2", TEAM.kind, "business", 3, 15900, days("2026-06-21", "2026-07-01"), 15900),
        )
        current = subscription(Item(BUSINESS, 3), period=JUNE, paid=paid)
        assert amounts(change(current, ENTERPRISE, 3, "2026-06-20")) == [-15900, 25900]

    def test_days_later_takes_the_rest_of_the_rest(self) -> None:
        life = Life(drafts.new_subscription(plan=TEAM, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-01")))
        life.change(BUSINESS, 3, at("2026-06-20"))
        assert amounts(life.change(ENTERPRISE, 3, at("2026-06-25"))) == [-7950, 12950]

    def test_seats_twice_then_a_plan(self) -> None:
        life = Life(drafts.new_subscription(plan=TEAM, seats=1, tax=VAT, policy=POLICY, now=at("2026-06-01")))
        assert amounts(life.change(TEAM, 2, at("2026-06-10"))) == [7267]
        assert amounts(life.change(TEAM, 3, at("2026-06-20"))) == [3633]
        assert amounts(life.change(BUSINESS, 3, at("2026-06-25"))) == [-1817, -1817, -1817, 7950]

    def test_in_the_next_period_starts_from_the_renewal(self) -> None:
        life = Life(drafts.new_subscription(plan=TEAM, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-01")))
        life.change(BUSINESS, 3, at("2026-06-20"))
        assert amounts(life.renew()) == [47700]
        assert amounts(life.change(ENTERPRISE, 3, at("2026-07-21"))) == [-15387, 25065]


class TestTaxes:
    def test_of_a_credit_stay_those_it_was_invoiced_with(self) -> None:
        paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, tax=VAT)
        draft = change(subscription(Item(TEAM, 3), period=JUNE, paid=(paid,)), BUSINESS, 3, "2026-06-20", tax=REVERSE)
        assert draft.taxes == (TaxAmount(VAT, -10900, -2180), TaxAmount(REVERSE, 15900, 0))
        assert draft.total_minor == 5000 - 2180

    def test_are_taken_once_on_the_net_total_of_a_rate(self) -> None:
        rate = TaxRule(190_000, "S", "DE")
        current = subscription(
            Item(price("team", monthly_minor=10), 1), Item(price("records", monthly_minor=13), 1), period=JUNE
        )
        draft = change(
            current,
            current.state.plan.price,
            2,
            "2026-06-15",
            tax=rate,
            add_ons=(Item(price("records", monthly_minor=13), 2),),
        )
        assert amounts(draft) == [5, 7]
        assert draft.tax_minor == 2  # 12 x 19 % = 2.28; each line alone would give 1 and 1, each rounded up

    def test_may_differ_by_item(self) -> None:
        reduced = TaxRule(55_000, "S", "FR")
        draft = drafts.new_subscription(
            plan=TEAM,
            seats=1,
            add_ons=[Item(RECORDS, 1)],
            tax={"team": VAT, "records": reduced},
            policy=POLICY,
            now=at("2026-06-01"),
        )
        assert [(part.base_minor, part.tax_minor) for part in draft.taxes] == [(10900, 2180), (2500, 138)]
        assert draft.renewal.tax_minor == 2318

    def test_of_a_negative_total_are_negative(self) -> None:
        draft = change(subscription(Item(BUSINESS, 1), period=JUNE), TEAM, 1, "2026-06-15")
        assert (draft.net_minor, draft.tax_minor) == (-2500, -500)


class TestAMonthOfThirtyDays:
    """Day count "30": a full period is 30 days, however short; a part of one is measured by its own length."""

    RULES = policy(day_count="30")
    SHORT = days("2026-01-31", "2026-02-28")

    def test_a_full_charge_is_for_thirty_of_thirty(self) -> None:
        draft = drafts.new_subscription(plan=TEAM, seats=1, tax=VAT, policy=self.RULES, now=at("2026-01-31"))
        assert draft.after.period == self.SHORT
        assert (draft.lines[0].left, draft.lines[0].units) == (30, 30)

    def test_a_length_is_counted_as_one_at_the_least(self) -> None:
        a_day, nothing = days("2026-02-10", "2026-02-11"), Period(at("2026-02-10"), at("2026-02-10"))
        assert units_of(a_day, Interval.MONTH, self.RULES, whole=False) == 1
        assert units_of(nothing, Interval.MONTH, self.RULES, whole=False) == 1

    def test_a_credit_counts_in_what_was_paid_for(self) -> None:
        current = subscription(
            Item(TEAM, 3),
            period=self.SHORT,
            paid=(
                Paid("base", TEAM.kind, "team", 2, 10900, self.SHORT, 21800),
                Paid("added", TEAM.kind, "team", 1, 10900, days("2026-02-06", "2026-02-28"), 7993),
            ),
        )
        draft = change(current, BUSINESS, 3, "2026-02-10", rules=self.RULES)
        assert [line.fraction for line in draft.lines] == [(17, 30), (17, 22), (17, 30)]


class TestRenewal:
    def test_is_the_next_full_period_at_the_prices_held(self) -> None:
        draft = drafts.renewal(subscription(Item(TEAM, 3), period=JUNE), tax=VAT, policy=POLICY)
        assert amounts(draft) == [32700]
        assert draft.after.period == days("2026-07-01", "2026-08-01")
        assert draft.computed_at == JUNE.end
        assert draft.change is Change.RENEWAL

    def test_needs_the_state_alone_and_may_be_computed_at_another_time(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        late = at("2026-07-04 09:30")
        draft = drafts.renewal(current.state, tax=VAT, policy=POLICY, now=late)
        assert draft == replace(drafts.renewal(current, tax=VAT, policy=POLICY), computed_at=in_utc(late))

    def test_follows_the_anchor_through_short_months(self) -> None:
        anchor = at("2026-01-31 00:00")
        current = subscription(Item(TEAM, 1), period=days("2026-02-28", "2026-03-31"), anchor=anchor)
        draft = drafts.renewal(current, tax=VAT, policy=POLICY)
        assert draft.after.period == days("2026-03-31", "2026-04-30")

    def test_with_scheduled_items(self) -> None:
        current = subscription(Item(BUSINESS, 5), period=JUNE)
        draft = drafts.renewal(current, items=[Item(TEAM, 2)], tax=VAT, policy=POLICY)
        assert amounts(draft) == [21800]
        assert draft.direction is Direction.DOWN
        assert draft.renewal.net_minor == 21800

    def test_may_move_a_year_to_months_without_moving_the_anchor(self) -> None:
        anchor = at("2024-02-29 00:00")
        current = subscription(Item(TEAM_YEAR, 1), period=days("2026-02-28", "2027-02-28"), anchor=anchor)
        draft = drafts.renewal(current, items=[Item(TEAM, 1)], tax=VAT, policy=POLICY)
        assert draft.after.period == days("2027-02-28", "2027-03-29")


class TestFactsThatCannotBe:
    def test_two_plans(self) -> None:
        with pytest.raises(MixedItems):
            subscription(Item(TEAM, 1), Item(BUSINESS, 1), period=JUNE)

    def test_two_currencies(self) -> None:
        with pytest.raises(MixedItems):
            subscription(Item(TEAM, 1), Item(price("records", currency="USD"), 1), period=JUNE)

    def test_a_plan_in_another_currency(self) -> None:
        with pytest.raises(MixedItems):
            change(subscription(Item(TEAM, 1), period=JUNE), price("business", currency="USD"), 1, "2026-06-20")

    def test_more_credited_than_invoiced(self) -> None:
        with pytest.raises(ImpossiblePaid):
            Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=32701)

    def test_a_rate_below_zero(self) -> None:
        with pytest.raises(TaxRateOutOfRange):
            TaxRule(-1, "S", "FR")

    def test_items_that_do_not_match_their_subscription(self) -> None:
        with pytest.raises(MixedItems):
            State(Interval.YEAR, "EUR", JUNE.start, JUNE, (Item(TEAM, 1),))
