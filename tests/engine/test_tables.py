"""The price table of a page: every plan and number of users, as the drafts would compute them."""

import pytest

from palier.engine import drafts
from palier.engine.periods import Interval
from palier.engine.policies import Direction
from palier.engine.proration import ChangeOutsidePeriod
from palier.engine.subscription import Item, MixedItems, Paid
from palier.engine.tables import price_table
from palier.engine.taxes import TaxRule
from tests.engine.facts import (
    BUSINESS,
    PLANS,
    POLICY,
    RECORDS,
    REVERSE,
    TEAM,
    TEAM_YEAR,
    VAT,
    at,
    days,
    policy,
    price,
    subscription,
)

JUNE = days("2026-06-01", "2026-07-01")


class TestTheTable:
    def test_of_a_free_account_shows_full_periods(self) -> None:
        rows = price_table(PLANS, seats=range(1, 201), tax=VAT, policy=POLICY, now=at("2026-11-23"))
        assert [(row.plan, row.interval) for row in rows] == [(plan.key, plan.interval) for plan in PLANS]
        assert rows[0].net_minor[:3] == (10900, 21800, 32700)
        assert rows[0].total_minor == rows[0].renewal_total_minor
        assert rows[3].total_minor[7] == 1_555_200  # Business, annual, 8 seats
        assert set(rows[0].directions) == {Direction.NEW}

    def test_of_a_subscription_differs_and_shows_the_price_that_it_holds(self) -> None:
        grandfathered = price("team", monthly_minor=8900)
        current = subscription(Item(grandfathered, 3), period=JUNE)
        rows = price_table(PLANS, seats=range(1, 6), current=current, tax=VAT, policy=POLICY, now=at("2026-06-20"))
        assert rows[0].price == grandfathered
        assert rows[0].net_minor == (-5933, -2967, 0, 2967, 5933)
        assert rows[0].renewal_net_minor[3] == 4 * 8900
        assert rows[0].directions == (Direction.DOWN, Direction.DOWN, Direction.SAME, Direction.UP, Direction.UP)
        assert rows[2].net_minor[2] == 15900 - 8900
        assert rows[1].net_minor[2] == 3 * 9500 * 12 - 8900

    def test_keeps_the_tax_of_a_credit_apart(self) -> None:
        paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, tax=VAT)
        current = subscription(Item(TEAM, 3), period=JUNE, paid=(paid,))
        (row,) = price_table(
            [BUSINESS], seats=range(3, 4), current=current, tax=REVERSE, policy=POLICY, now=at("2026-06-20")
        )
        assert (row.net_minor, row.tax_minor) == ((5000,), (-2180,))

    @pytest.mark.parametrize("interval", Interval)
    @pytest.mark.parametrize("count", ["actual", "30"])
    def test_is_what_the_drafts_compute_for_each_number(self, interval: Interval, count: str) -> None:
        rules = policy(day_count=count)
        reduced = TaxRule(55_000, "S", "FR")
        tax = {plan.key: VAT for plan in PLANS} | {"records": reduced}
        short = days("2026-01-31", "2026-02-28")  # 28 days, or 27 where each month has 30: a whole month all the same
        current = subscription(Item(TEAM, 3), Item(RECORDS, 2), period=short)
        more = [Item(price("records", interval), 2)]
        now = at("2026-02-10")
        rows = price_table(
            [plan for plan in PLANS if plan.interval is interval],
            seats=range(2, 6),
            current=current,
            add_ons={interval: more},
            tax=tax,
            policy=rules,
            now=now,
        )
        for row in rows:
            assert row.first_seats == 2
            for number, seats in enumerate(range(2, 6)):
                draft = drafts.change(
                    current, plan=row.price, seats=seats, add_ons=more, tax=tax, policy=rules, now=now
                )
                assert (row.net_minor[number], row.tax_minor[number]) == (draft.net_minor, draft.tax_minor)
                assert row.renewal_net_minor[number] == draft.renewal.net_minor
                assert row.renewal_total_minor[number] == draft.renewal.total_minor

    def test_refuses_what_the_drafts_refuse(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 1), period=JUNE)
        with pytest.raises(ChangeOutsidePeriod):
            price_table(PLANS, seats=range(1, 3), current=current, tax=VAT, policy=POLICY, now=at("2026-07-01"))
        with pytest.raises(MixedItems):
            price_table([TEAM_YEAR], seats=range(1, 3), current=current, tax=VAT, policy=POLICY, now=at("2026-06-20"))
