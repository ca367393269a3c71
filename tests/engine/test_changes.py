"""What each change costs, in the words of the specification."""

from collections.abc import Sequence

import pytest

from palier.engine import drafts
from palier.engine.drafts import Change, Draft
from palier.engine.periods import Interval
from palier.engine.policies import Direction, ProrationPolicy
from palier.engine.prices import Price, price_of_period
from palier.engine.proration import ChangeOutsidePeriod
from palier.engine.subscription import Current, ImpossiblePaid, Item, MixedItems, Paid, QuantityOutOfRange
from palier.engine.taxes import TaxAmount, Taxing, TaxRule
from tests.engine.facts import (
    BUSINESS,
    BUSINESS_YEAR,
    ENTERPRISE,
    PLANS,
    POLICY,
    RECORDS,
    REVERSE,
    TEAM,
    TEAM_YEAR,
    VAT,
    Life,
    amounts,
    at,
    days,
    policy,
    price,
    subscription,
)

JUNE = days("2026-06-01", "2026-07-01")


def change(
    current: Current,
    plan: Price,
    seats: int,
    now: str,
    *,
    tax: Taxing = VAT,
    rules: ProrationPolicy = POLICY,
    add_ons: Sequence[Item] | None = None,
) -> Draft:
    return drafts.change(current, plan=plan, seats=seats, add_ons=add_ons, tax=tax, policy=rules, now=at(now))


class TestTheWorkedValues:
    def test_three_add_ons_bought_on_the_20th_of_a_30_day_month(self) -> None:
        current = subscription(Item(TEAM, 1), period=JUNE)
        draft = drafts.add_on_increase(current, add_on=Item(RECORDS, 3), tax=VAT, policy=POLICY, now=at("2026-06-20"))
        assert amounts(draft) == [2500]
        assert draft.renewal.net_minor == 10900 + 7500
        assert draft.change is Change.ADD_ON
        assert draft.direction is Direction.UP

    def test_eight_a_month_with_20_of_30_days_left(self) -> None:
        current = subscription(Item(price("team", monthly_minor=800), 1), period=JUNE)
        draft = drafts.seat_increase(current, seats=2, tax=VAT, policy=POLICY, now=at("2026-06-10"))
        assert amounts(draft) == [533]

    def test_ten_to_twenty_half_way(self) -> None:
        current = subscription(Item(price("team", monthly_minor=1000), 1), period=JUNE)
        draft = change(current, price("business", monthly_minor=2000), 1, "2026-06-15")
        assert amounts(draft) == [-500, 1000]

    def test_three_seats_from_team_to_business_with_ten_days_left(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        draft = change(current, BUSINESS, 3, "2026-06-20")
        assert amounts(draft) == [-10900, 15900]
        assert (draft.net_minor, draft.tax_minor, draft.total_minor) == (5000, 1000, 6000)
        assert (draft.renewal.net_minor, draft.renewal.total_minor) == (47700, 57240)
        assert draft.renewal.at == JUNE.end


class TestANewSubscription:
    def test_starts_at_midnight_in_the_sellers_zone_and_costs_a_full_period(self) -> None:
        draft = drafts.new_subscription(plan=TEAM, seats=5, tax=VAT, policy=POLICY, now=at("2026-11-23 14:32"))
        assert draft.after.period == days("2026-11-23", "2026-12-23")
        assert amounts(draft) == [54500]
        assert draft.total_minor == 65400
        assert draft.renewal.total_minor == 65400
        assert draft.direction is Direction.NEW

    def test_annual_is_twelve_months_at_the_lower_rate(self) -> None:
        draft = drafts.new_subscription(plan=BUSINESS_YEAR, seats=8, tax=VAT, policy=POLICY, now=at("2026-11-22"))
        assert draft.net_minor == 8 * 135_00 * 12
        assert draft.renewal.at == at("2027-11-22 00:00")

    def test_by_the_second_it_starts_at_the_whole_second(self) -> None:
        now = at("2026-11-23 14:32:07.900")
        draft = drafts.new_subscription(plan=TEAM, seats=1, tax=VAT, policy=policy(unit="second"), now=now)
        assert draft.after.period.start == at("2026-11-23 14:32:07")
        assert draft.after.period.end == at("2026-12-23 14:32:07")

    def test_add_ons_come_with_it(self) -> None:
        draft = drafts.new_subscription(
            plan=TEAM, seats=2, add_ons=[Item(RECORDS, 3)], tax=VAT, policy=POLICY, now=at("2026-06-01")
        )
        assert amounts(draft) == [21800, 7500]

    def test_a_price_of_a_year_need_not_be_a_multiple_of_twelve(self) -> None:
        yearly = price_of_period(
            key="team", kind=TEAM.kind, rank=1, interval=Interval.YEAR, currency="EUR", unit_minor=10000
        )
        draft = drafts.new_subscription(plan=yearly, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-01"))
        assert draft.net_minor == 30000


class TestAPlanChange:
    def test_does_not_move_the_period(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        draft = change(current, BUSINESS, 3, "2026-06-12")
        assert draft.after.period == JUNE
        assert draft.after.plan == Item(BUSINESS, 3)

    def test_may_come_with_another_number_of_seats(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        assert amounts(change(current, BUSINESS, 5, "2026-06-20")) == [-10900, 26500]

    def test_down_is_computed_and_named_as_such(self) -> None:
        current = subscription(Item(BUSINESS, 3), period=JUNE)
        draft = change(current, TEAM, 3, "2026-06-20")
        assert draft.direction is Direction.DOWN
        assert draft.net_minor == -5000
        assert draft.total_minor == -6000

    def test_credits_every_line_that_still_covers_time(self) -> None:
        current = subscription(
            Item(TEAM, 5),
            period=JUNE,
            paid=(
                Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700),
                Paid("added", TEAM.kind, "team", 2, 10900, days("2026-06-11", "2026-07-01"), 14533),
            ),
        )
        draft = change(current, BUSINESS, 5, "2026-06-20")
        assert amounts(draft) == [-10900, -7267, 26500]  # 14533 x 10/20 = 7266.5
        assert [line.credits for line in draft.lines] == ["base", "added", None]
        assert draft.lines[1].fraction == (10, 20)

    def test_credits_what_was_invoiced_not_what_the_catalogue_says(self) -> None:
        grandfathered = subscription(Item(price("team", monthly_minor=8900), 3), period=JUNE)
        assert amounts(change(grandfathered, BUSINESS, 3, "2026-06-20")) == [-8900, 15900]
        dearer = subscription(Item(price("team", monthly_minor=12900), 3), period=JUNE)
        assert amounts(change(dearer, BUSINESS, 3, "2026-06-20")) == [-12900, 15900]

    def test_never_credits_more_than_is_left_of_the_line(self) -> None:
        paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=30000)
        current = subscription(Item(TEAM, 3), period=JUNE, paid=(paid,))
        assert amounts(change(current, BUSINESS, 3, "2026-06-20")) == [-2700, 15900]

    def test_credits_nothing_where_nothing_was_invoiced(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE, paid=())
        assert amounts(change(current, BUSINESS, 3, "2026-06-20")) == [15900]

    def test_leaves_add_ons_alone(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 2), period=JUNE)
        draft = change(current, BUSINESS, 3, "2026-06-20")
        assert amounts(draft) == [-10900, 15900]
        assert draft.renewal.net_minor == 47700 + 5000

    def test_to_the_same_plan_at_another_price_exchanges_the_seats(self) -> None:
        current = subscription(Item(price("team", monthly_minor=8900), 3), period=JUNE)
        assert amounts(change(current, TEAM, 3, "2026-06-20")) == [-8900, 10900]

    def test_keeps_the_interval(self) -> None:
        with pytest.raises(MixedItems):
            drafts.plan_change(
                subscription(Item(TEAM, 3), period=JUNE),
                plan=BUSINESS_YEAR,
                tax=VAT,
                policy=POLICY,
                now=at("2026-06-20"),
            )


class TestMoreSeats:
    def test_only_the_new_ones_are_charged_for_the_days_left(self) -> None:
        draft = change(subscription(Item(TEAM, 3), period=JUNE), TEAM, 5, "2026-06-20")
        assert amounts(draft) == [7267]  # 2 x 109.00 x 10/30 = 72.666...
        assert draft.lines[0].quantity == 2
        assert draft.lines[0].period == days("2026-06-21", "2026-07-01")
        assert draft.change is Change.SEAT_INCREASE
        assert draft.after.seats == 5

    def test_at_the_price_that_was_sold(self) -> None:
        sold = price("team", monthly_minor=8900)
        current = subscription(Item(sold, 3), period=JUNE)
        assert current.state.held(TEAM) == sold
        draft = change(current, current.state.held(TEAM), 4, "2026-06-15")
        assert amounts(draft) == [4450]

    def test_fewer_are_computed_as_a_step_down(self) -> None:
        draft = change(subscription(Item(TEAM, 3), period=JUNE), TEAM, 2, "2026-06-20")
        assert draft.direction is Direction.DOWN
        assert draft.change is Change.SEAT_DECREASE
        assert amounts(draft) == [-10900, 7267]

    def test_the_same_again_is_nothing(self) -> None:
        draft = change(subscription(Item(TEAM, 3), period=JUNE), TEAM, 3, "2026-06-20")
        assert (draft.lines, draft.total_minor) == ((), 0)
        assert draft.direction is Direction.SAME
        assert draft.change is Change.UNCHANGED

    @pytest.mark.parametrize("seats", [0, -1])
    def test_less_than_one_seat_is_refused(self, seats: int) -> None:
        with pytest.raises(QuantityOutOfRange):
            change(subscription(Item(TEAM, 3), period=JUNE), TEAM, seats, "2026-06-20")

    def test_a_number_of_seats_has_no_limit_of_its_own(self) -> None:
        current = subscription(Item(TEAM, 1), period=JUNE)
        draft = change(current, TEAM, 10**30 + 1, "2026-06-20")
        assert draft.net_minor == (10**30 * 10900 * 10 * 2 + 30) // 60


class TestMonthlyToAnnual:
    def test_credits_the_unused_days_and_opens_a_year_today(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        draft = change(current, TEAM_YEAR, 3, "2026-06-20")
        assert amounts(draft) == [-10900, 3 * 9500 * 12]
        assert draft.after.period == days("2026-06-20", "2027-06-20")
        assert draft.after.anchor_at == at("2026-06-20 00:00")
        assert draft.renewal.at == at("2027-06-20 00:00")
        assert draft.change is Change.INTERVAL_SWITCH
        assert draft.direction is Direction.UP

    def test_by_the_second_the_year_opens_this_second(self) -> None:
        period = days("2026-06-01", "2026-07-01")
        draft = change(
            subscription(Item(TEAM, 1), period=period), TEAM_YEAR, 1, "2026-06-16 00:00", rules=policy(unit="second")
        )
        assert amounts(draft) == [-5450, 114000]
        assert draft.after.period.start == at("2026-06-16 00:00")

    def test_may_change_the_plan_as_well(self) -> None:
        draft = change(subscription(Item(TEAM, 3), period=JUNE), BUSINESS_YEAR, 4, "2026-06-20")
        assert amounts(draft) == [-10900, 4 * 13500 * 12]

    def test_takes_the_add_ons_along_at_prices_of_the_new_interval(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 2), period=JUNE)
        with pytest.raises(MixedItems):
            change(current, TEAM_YEAR, 3, "2026-06-20")
        records_year = Item(price("records", Interval.YEAR), 2)
        draft = change(current, TEAM_YEAR, 3, "2026-06-20", add_ons=(records_year,))
        assert amounts(draft) == [-10900, -1667, 342000, 2 * 2200 * 12]

    def test_annual_to_monthly_is_a_step_down_even_to_a_dearer_month(self) -> None:
        year = days("2026-01-01", "2027-01-01")
        draft = change(subscription(Item(TEAM_YEAR, 1), period=year), TEAM, 1, "2026-06-20")
        assert draft.direction is Direction.DOWN
        assert amounts(draft) == [-60592, 10900]  # 1140.00 x 194/365 = 605.918...


class TestDirection:
    @pytest.mark.parametrize(
        ("plan", "seats", "way"),
        [
            (BUSINESS, 1, Direction.UP),
            (BUSINESS_YEAR, 1, Direction.UP),
            (TEAM_YEAR, 2, Direction.UP),
            (TEAM, 4, Direction.UP),
            (TEAM, 3, Direction.SAME),
            (TEAM, 2, Direction.DOWN),
        ],
    )
    def test_rank_then_interval_then_seats(self, plan: Price, seats: int, way: Direction) -> None:
        assert change(subscription(Item(TEAM, 3), period=JUNE), plan, seats, "2026-06-20").direction is way

    def test_a_higher_plan_by_the_month_is_up_even_from_a_year(self) -> None:
        year = days("2026-01-01", "2027-01-01")
        draft = change(subscription(Item(TEAM_YEAR, 1), period=year), ENTERPRISE, 1, "2026-06-20")
        assert draft.direction is Direction.UP

    def test_add_ons_decide_when_the_seats_stay(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 2), period=JUNE)
        assert change(current, TEAM, 3, "2026-06-20", add_ons=(Item(RECORDS, 3),)).direction is Direction.UP
        assert change(current, TEAM, 3, "2026-06-20", add_ons=(Item(RECORDS, 1),)).direction is Direction.DOWN
        assert change(current, TEAM, 3, "2026-06-20", add_ons=()).direction is Direction.DOWN


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


class TestRenewal:
    def test_is_the_next_full_period_at_the_prices_held(self) -> None:
        draft = drafts.renewal(subscription(Item(TEAM, 3), period=JUNE), tax=VAT, policy=POLICY)
        assert amounts(draft) == [32700]
        assert draft.after.period == days("2026-07-01", "2026-08-01")
        assert draft.computed_at == JUNE.end

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


def test_every_plan_can_be_bought() -> None:
    for plan in PLANS:
        draft = drafts.new_subscription(plan=plan, seats=1, tax=VAT, policy=POLICY, now=at("2026-06-01"))
        assert draft.net_minor == plan.unit_minor
