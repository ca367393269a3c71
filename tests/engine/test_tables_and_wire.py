"""The price table of a page, drafts as JSON, what settling leaves behind, and the refusals of each."""

import json
from dataclasses import replace

import pytest

from palier.engine import drafts, wire
from palier.engine.explain import Code, UnknownStep, recompute, steps, steps_from_json
from palier.engine.periods import Interval
from palier.engine.policies import Direction
from palier.engine.postings import Posting, invoice_entries, payment_entries
from palier.engine.prices import NegativePrice, Price
from palier.engine.proration import ChangeOutsidePeriod
from palier.engine.subscription import Item, MixedItems, Paid, State
from palier.engine.tables import price_table
from palier.engine.taxes import TaxRateOutOfRange, TaxRule
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
from tests.engine.settlement import settled

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

    def test_refuses_what_the_drafts_refuse(self) -> None:
        current = subscription(Item(TEAM, 3), Item(RECORDS, 1), period=JUNE)
        with pytest.raises(ChangeOutsidePeriod):
            price_table(PLANS, seats=range(1, 3), current=current, tax=VAT, policy=POLICY, now=at("2026-07-01"))
        with pytest.raises(MixedItems):
            price_table([TEAM_YEAR], seats=range(1, 3), current=current, tax=VAT, policy=POLICY, now=at("2026-06-20"))


class TestTheWire:
    DRAFT = drafts.change(
        subscription(Item(TEAM, 3), period=JUNE), plan=BUSINESS, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-20")
    )

    def test_holds_whole_numbers_and_texts_only(self) -> None:
        def check(value: object) -> None:
            if isinstance(value, dict):
                assert all(isinstance(key, str) for key in value)
                value = list(value.values())
            if isinstance(value, list):
                for entry in value:
                    check(entry)
            else:
                assert value is None or type(value) in (int, str)

        check(wire.draft_to_json(self.DRAFT))

    def test_comes_back_through_real_json(self) -> None:
        assert wire.draft_from_json(json.loads(wire.canonical_bytes(self.DRAFT))) == self.DRAFT

    def test_the_digest_changes_with_every_figure(self) -> None:
        seen = {wire.digest(self.DRAFT)}
        for other in (
            replace(self.DRAFT, total_minor=1),
            replace(self.DRAFT, computed_at=at("2026-06-20 12:01")),
            replace(self.DRAFT, lines=self.DRAFT.lines[:1]),
            replace(self.DRAFT, policy=policy(rounding="down")),
        ):
            seen.add(wire.digest(other))
        assert len(seen) == 5

    @pytest.mark.parametrize(
        "broken",
        [
            {},
            {"net_minor": 1.0},
            {"net_minor": "5000"},
            {"net_minor": True},
            {"change": "gift"},
            {"computed_at": "2026-06-20T10:00:00"},
            {"lines": [{}]},
            {"lines": None},
            {"after": []},
        ],
    )
    def test_what_it_did_not_write_is_refused_by_name(self, broken: dict[str, object]) -> None:
        data = {**wire.draft_to_json(self.DRAFT), **broken} if broken else {}
        with pytest.raises(wire.UnreadableWire):
            wire.draft_from_json(data)


class TestSettling:
    def test_a_credit_ends_the_line_it_takes_from(self) -> None:
        before = subscription(Item(TEAM, 3), period=JUNE)
        after = settled(before, TestTheWire.DRAFT, ["credit", "charge"])
        assert after.state == TestTheWire.DRAFT.after
        old, new = after.paid
        assert (old.credited_minor, old.ends_at) == (10900, at("2026-06-21 00:00"))
        assert (new.line, new.key, new.amount_minor) == ("charge", "business", 15900)

    def test_needs_an_id_for_each_line(self) -> None:
        with pytest.raises(ValueError, match="shorter"):
            settled(subscription(Item(TEAM, 3), period=JUNE), TestTheWire.DRAFT, ["one"])

    def test_books_sum_to_zero(self) -> None:
        assert invoice_entries(net_minor=5000, tax_minor=1000) == (
            Posting("receivable", 6000),
            Posting("revenue", -5000),
            Posting("tax", -1000),
        )
        assert invoice_entries(net_minor=5000, tax_minor=0) == (Posting("receivable", 5000), Posting("revenue", -5000))
        assert payment_entries(amount_minor=6000) == (Posting("cash", 6000), Posting("receivable", -6000))
        assert invoice_entries(net_minor=0, tax_minor=0) == payment_entries(amount_minor=0) == ()


class TestExplaining:
    def codes(self, **values: str) -> list[list[Code]]:
        paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=30000)
        current = subscription(Item(TEAM, 3), period=JUNE, paid=(paid,))
        draft = drafts.plan_change(current, plan=BUSINESS, tax=VAT, policy=policy(**values), now=at("2026-06-20"))
        for line in draft.lines:
            assert recompute(steps(line, draft)) == line.amount_minor
        return [[step.code for step in steps(line, draft)] for line in draft.lines]

    def test_goes_from_the_price_or_the_invoice_to_the_result(self) -> None:
        assert self.codes() == [
            [Code.CREDIT, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.CAP, Code.RESULT],
            [Code.PRICE, Code.SEATS, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.RESULT],
        ]

    def test_multiplies_last_where_one_seat_is_rounded(self) -> None:
        assert self.codes(rounded_per="unit") == [
            [Code.CREDIT, Code.EACH, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.SEATS, Code.CAP, Code.RESULT],
            [Code.PRICE, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.SEATS, Code.RESULT],
        ]

    @pytest.mark.parametrize("data", [[{}], [{"code": "luck", "params": {}}], [5]])
    def test_does_not_read_what_it_does_not_know(self, data: list[dict[str, object]]) -> None:
        with pytest.raises(UnknownStep):
            steps_from_json(data)


class TestValuesThatCannotBe:
    def test_a_price_below_zero(self) -> None:
        with pytest.raises(NegativePrice):
            Price("team", TEAM.kind, 1, Interval.MONTH, "EUR", -1)
        with pytest.raises(NegativePrice):
            Price("team", TEAM.kind, 1, Interval.MONTH, "EUR", 1, full_minor=-1)

    def test_a_rate_below_zero(self) -> None:
        with pytest.raises(TaxRateOutOfRange):
            TaxRule(-1, "S", "FR")

    def test_items_that_do_not_match_their_subscription(self) -> None:
        with pytest.raises(MixedItems):
            State(Interval.YEAR, "EUR", JUNE.start, JUNE, (Item(TEAM, 1),))
