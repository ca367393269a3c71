"""What each change costs, in the words of the specification."""

import pytest

from palier.engine import drafts
from palier.engine.drafts import Change
from palier.engine.periods import Interval
from palier.engine.policies import Direction
from palier.engine.prices import Price, price_of_period
from palier.engine.subscription import Item, MixedItems, Paid, QuantityOutOfRange
from tests.engine.facts import (
    BUSINESS,
    BUSINESS_YEAR,
    ENTERPRISE,
    PLANS,
    POLICY,
    RECORDS,
    TEAM,
    TEAM_YEAR,
    VAT,
    amounts,
    at,
    change,
    days,
    policy,
    price,
    subscription,
)

JUNE = days("2026-06-01", "2026-07-01")


class TestTheWorkedValues:
    def test_three_add_ons_bought_on_the_20th_of_a_30_day_month(self) -> None:
        current = subscription(Item(TEAM, 1), period=JUNE)
        draft = drafts.change(
            current, plan=TEAM, seats=1, add_ons=[Item(RECORDS, 3)], tax=VAT, policy=POLICY, now=at("2026-06-20")
        )
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

    def test_keeps_the_seats_unless_told(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 2), period=JUNE)
        for seats, expected in ((None, 3), (1, 1), (8, 8)):
            draft = drafts.plan_change(
                current, plan=BUSINESS, seats=seats, tax=VAT, policy=POLICY, now=at("2026-06-20")
            )
            assert draft == change(current, BUSINESS, expected, "2026-06-20")

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

    def test_keeps_the_seats_unless_told(self) -> None:
        current = subscription(Item(TEAM, 3), period=JUNE)
        for seats, expected in ((None, 3), (1, 1), (8, 8)):
            draft = drafts.interval_switch(
                current, plan=TEAM_YEAR, seats=seats, tax=VAT, policy=POLICY, now=at("2026-06-20")
            )
            assert draft == change(current, TEAM_YEAR, expected, "2026-06-20")

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

    def test_a_first_add_on_is_up_and_the_last_one_given_back_is_down(self) -> None:
        without = subscription(Item(TEAM, 3), period=JUNE)
        held = subscription(Item(TEAM, 3), Item(RECORDS, 1), period=JUNE)
        assert change(without, TEAM, 3, "2026-06-20", add_ons=[Item(RECORDS, 1)]).direction is Direction.UP
        assert change(held, TEAM, 3, "2026-06-20", add_ons=()).direction is Direction.DOWN

    def test_a_higher_plan_by_the_month_is_up_even_from_a_year(self) -> None:
        year = days("2026-01-01", "2027-01-01")
        draft = change(subscription(Item(TEAM_YEAR, 1), period=year), ENTERPRISE, 1, "2026-06-20")
        assert draft.direction is Direction.UP

    def test_add_ons_decide_when_the_seats_stay(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 2), period=JUNE)
        assert change(current, TEAM, 3, "2026-06-20", add_ons=(Item(RECORDS, 3),)).direction is Direction.UP
        assert change(current, TEAM, 3, "2026-06-20", add_ons=(Item(RECORDS, 1),)).direction is Direction.DOWN
        assert change(current, TEAM, 3, "2026-06-20", add_ons=()).direction is Direction.DOWN


def test_every_plan_can_be_bought() -> None:
    for plan in PLANS:
        draft = drafts.new_subscription(plan=plan, seats=1, tax=VAT, policy=POLICY, now=at("2026-06-01"))
        assert draft.net_minor == plan.unit_minor
