"""Every value of the policy, against counts that other systems publish or that a calendar settles."""

import pytest

from palier.engine import drafts
from palier.engine.periods import Interval, Period
from palier.engine.proration import cut_at, remaining
from palier.engine.subscription import Item, Paid
from tests.engine.facts import RECORDS, TEAM, VAT, amounts, at, days, policy, price, subscription


def left(period: Period, now: str, interval: Interval = Interval.MONTH, **values: str) -> tuple[int, int]:
    rules = policy(**values)
    share = remaining(period, cut_at(at(now), rules), interval, rules, whole=True)
    return share.left, share.units


def one_more(monthly_minor: int, period: Period, now: str, *, quantity: int = 1, **values: str) -> int:
    """What `quantity` more seats cost at `now`."""
    current = subscription(Item(price("team", monthly_minor=monthly_minor), 1), period=period)
    draft = drafts.seat_increase(current, seats=1 + quantity, tax=VAT, policy=policy(**values), now=at(now))
    return draft.net_minor


class TestDays:
    JUNE = days("2026-06-01", "2026-07-01")

    @pytest.mark.parametrize(
        ("now", "used", "as_left"), [("2026-06-01", 29, 30), ("2026-06-20", 10, 11), ("2026-06-30", 0, 1)]
    )
    def test_the_day_of_the_change_counts_as_used_or_as_left(self, now: str, used: int, as_left: int) -> None:
        assert left(self.JUNE, now, change_day="used") == (used, 30)
        assert left(self.JUNE, now, change_day="left") == (as_left, 30)

    def test_a_day_of_23_or_25_hours_is_a_day(self) -> None:
        assert left(days("2026-03-01", "2026-04-01"), "2026-03-29") == (2, 31)
        assert left(days("2026-10-01", "2026-11-01"), "2026-10-25") == (6, 31)

    def test_february_of_a_leap_year_has_29(self) -> None:
        assert left(days("2028-02-01", "2028-03-01"), "2028-02-20") == (9, 29)
        assert left(days("2026-02-01", "2026-03-01"), "2026-02-20") == (8, 28)

    def test_a_year_counts_its_days(self) -> None:
        assert left(days("2026-01-01", "2027-01-01"), "2026-01-31", Interval.YEAR) == (334, 365)
        assert left(days("2028-01-01", "2029-01-01"), "2028-01-31", Interval.YEAR) == (335, 366)

    def test_the_day_is_the_sellers(self) -> None:
        rules = policy(zone="America/New_York")
        june = days("2026-06-01", "2026-07-01", "America/New_York")
        late_in_paris = at("2026-06-20 03:00")  # still the 19th in New York
        assert remaining(june, cut_at(late_in_paris, rules), Interval.MONTH, rules, whole=True).left == 11


class TestSeconds:
    def test_are_real_seconds_through_clock_changes(self) -> None:
        march = days("2026-03-01", "2026-04-01")
        assert left(march, "2026-03-01 00:00", unit="second") == (31 * 86400 - 3600, 31 * 86400 - 3600)
        assert left(march, "2026-03-30 00:00", unit="second") == (2 * 86400, 31 * 86400 - 3600)

    def test_a_part_of_a_second_is_not_counted(self) -> None:
        june = days("2026-06-01", "2026-07-01")
        assert left(june, "2026-06-30 23:59:58.999", unit="second") == (2, 30 * 86400)

    def test_the_day_of_the_change_has_no_meaning(self) -> None:
        june = days("2026-06-01", "2026-07-01")
        used, as_left = (left(june, "2026-06-20 06:00", unit="second", change_day=day) for day in ("used", "left"))
        assert used == as_left == (10 * 86400 + 64800, 30 * 86400)

    def test_half_of_a_period_is_half_of_the_price(self) -> None:
        assert one_more(1000, days("2026-06-01", "2026-07-01"), "2026-06-16 00:00", unit="second") == 500


class TestThirtyDays:
    """A month counts 30 days whatever its length; within a month, days are days (as Kill Bill's fixed days)."""

    @pytest.mark.parametrize(
        ("start", "end", "now", "count"),
        [
            ("2023-05-15", "2023-06-15", "2023-05-23", 22),
            ("2023-06-15", "2023-07-15", "2023-06-23", 22),
            ("2023-02-15", "2023-03-15", "2023-02-23", 22),
            ("2024-02-15", "2024-03-15", "2024-02-23", 22),
            ("2023-04-23", "2023-05-23", "2023-05-15", 8),
            ("2024-01-23", "2024-02-23", "2024-02-15", 8),
            ("2026-05-01", "2026-06-01", "2026-05-20", 11),
            ("2026-02-01", "2026-03-01", "2026-02-20", 11),
            ("2026-05-01", "2026-06-01", "2026-05-31", 0),
            ("2026-02-01", "2026-03-01", "2026-02-28", 3),
        ],
    )
    def test_days_left_of_30(self, start: str, end: str, now: str, count: int) -> None:
        assert left(days(start, end), now, change_day="left", day_count="30") == (count, 30)

    @pytest.mark.parametrize(
        "period", [("2026-01-31", "2026-02-28"), ("2026-02-28", "2026-03-31"), ("2026-07-01", "2026-08-01")]
    )
    def test_never_more_than_the_whole_and_at_the_first_instant_all_of_it(self, period: tuple[str, str]) -> None:
        first = f"{period[0]} 00:00"
        assert left(days(*period), first, change_day="left", day_count="30") == (30, 30)
        assert left(days(*period), first, change_day="used", day_count="30")[0] <= 30

    def test_a_year_counts_360(self) -> None:
        year = days("2026-01-01", "2027-01-01")
        assert left(year, "2026-07-01", Interval.YEAR, change_day="left", day_count="30") == (180, 360)
        assert left(year, "2026-01-31", Interval.YEAR, change_day="used", day_count="30") == (330, 360)

    def test_a_part_paid_for_is_measured_by_itself(self) -> None:
        rules = {"day_count": "30", "change_day": "left"}
        july = days("2026-07-01", "2026-08-01")
        added = Paid("added", TEAM.kind, "team", 1, 10900, days("2026-07-21", "2026-08-01"), 3633)
        current = subscription(Item(TEAM, 1), period=july, paid=(added,))
        draft = drafts.plan_change(
            current, plan=price("business"), tax=VAT, policy=policy(**rules), now=at("2026-07-21")
        )
        assert amounts(draft)[0] == -3633  # 10 of 10, not 10 of 30

    def test_by_the_second_a_month_is_30_days_of_seconds(self) -> None:
        may = days("2026-05-01", "2026-06-01")
        assert left(may, "2026-05-17 00:00", unit="second", day_count="30") == (15 * 86400, 30 * 86400)
        assert left(may, "2026-05-01 12:00", unit="second", day_count="30") == (30 * 86400, 30 * 86400)


class TestRounding:
    JUNE = days("2026-06-01", "2026-07-01")

    @pytest.mark.parametrize(("rounding", "amount"), [("half_up", 13), ("half_even", 12), ("down", 12)])
    def test_of_a_tie(self, rounding: str, amount: int) -> None:
        assert one_more(25, self.JUNE, "2026-06-15", rounding=rounding) == amount  # 12.5

    @pytest.mark.parametrize(("rounding", "amount"), [("half_up", 5), ("half_even", 5), ("down", 4)])
    def test_of_more_than_half(self, rounding: str, amount: int) -> None:
        assert one_more(7, self.JUNE, "2026-06-10", rounding=rounding) == amount  # 4.67

    @pytest.mark.parametrize(("per", "amount"), [("line", 1600), ("unit", 1599)])
    def test_once_a_line_or_once_a_unit(self, per: str, amount: int) -> None:
        assert one_more(800, self.JUNE, "2026-06-10", quantity=3, rounded_per=per) == amount  # 533.33 each

    def test_of_a_credit_by_the_unit(self) -> None:
        paid = Paid("base", TEAM.kind, "team", 3, 800, self.JUNE, 2400)
        current = subscription(Item(price("team", monthly_minor=800), 3), period=self.JUNE, paid=(paid,))
        rules = policy(rounded_per="unit")
        draft = drafts.plan_change(
            current, plan=price("business", monthly_minor=900), tax=VAT, policy=rules, now=at("2026-06-10")
        )
        assert amounts(draft) == [-1599, 1800]

    def test_of_a_credit_by_the_unit_never_exceeds_the_invoice(self) -> None:
        paid = Paid("base", TEAM.kind, "team", 3, 1, self.JUNE, 2)  # two thirds of a cent each
        current = subscription(Item(price("team", monthly_minor=1), 3), period=self.JUNE, paid=(paid,))
        rules = policy(rounded_per="unit", change_day="left")
        draft = drafts.plan_change(current, plan=price("business"), tax=VAT, policy=rules, now=at("2026-06-01"))
        assert amounts(draft)[0] == -2


class TestCurrencies:
    JUNE = days("2026-06-01", "2026-07-01")

    def test_without_decimals_round_to_the_whole_unit(self) -> None:
        current = subscription(Item(price("team", monthly_minor=1000, currency="JPY"), 1), period=self.JUNE)
        draft = drafts.seat_increase(current, seats=2, tax=VAT, policy=policy(), now=at("2026-06-20"))
        assert (draft.net_minor, draft.tax_minor) == (333, 67)

    def test_with_three_decimals_round_to_the_thousandth(self) -> None:
        current = subscription(Item(price("team", monthly_minor=35_500, currency="KWD"), 1), period=self.JUNE)
        draft = drafts.seat_increase(current, seats=2, tax=VAT, policy=policy(), now=at("2026-06-20"))
        assert draft.net_minor == 11_833


def test_a_full_period_is_never_rounded() -> None:
    for value in ("line", "unit"):
        draft = drafts.new_subscription(
            plan=TEAM,
            seats=7,
            add_ons=[Item(RECORDS, 3)],
            tax=VAT,
            policy=policy(rounded_per=value),
            now=at("2026-06-20"),
        )
        assert amounts(draft) == [7 * 10900, 7500]
