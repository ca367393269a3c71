"""The twin of docs/algorithms/proration.md: every row of its tables, read from the document and computed."""

import re
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from palier.engine import drafts
from palier.engine.money import Rounding, parse_amount, round_minor
from palier.engine.periods import Interval, Period, local_date, period_at
from palier.engine.prices import ItemKind
from palier.engine.proration import cut_at, remaining
from palier.engine.subscription import Current, Item, Paid
from palier.engine.taxes import tax_on
from tests.engine.facts import BUSINESS, PARIS, POLICY, TEAM, VAT, Life, amounts, at, days, policy, price, subscription

DOCUMENT = Path(__file__).parents[2] / "docs/algorithms/proration.md"
ITEM = re.compile(r"(\d+) (\w+)( yearly)? at ([\d.]+)")
Row = dict[str, str]


def tables() -> list[tuple[str, list[Row]]]:
    """(columns joined, rows) of every table of the document."""
    found: list[tuple[str, list[Row]]] = []
    header: list[str] = []
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            header = []
        elif not header:
            header = cells
            found.append((" ".join(header), []))
        elif set(cells[0]) != {"-"}:
            found[-1][1].append(dict(zip(header, cells, strict=True)))
    return found


def minor(text: str) -> int:
    return parse_amount(text, "EUR")


def listed(text: str) -> list[int]:
    return [minor(part) for part in text.split(", ")]


def items(text: str) -> tuple[Item, ...]:
    return tuple(
        Item(price(key.lower(), Interval.YEAR if yearly else Interval.MONTH, minor(amount)), int(count))
        for count, key, yearly, amount in ITEM.findall(text)
    )


def period(text: str) -> Period:
    start, end = text.split(" to ")
    return days(start, end)


def rules(text: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in text.split(", ")) if text else {}


def wanted(current: Current, text: str, now: datetime) -> drafts.Draft:
    plan, *add_ons = items(text)
    return drafts.change(
        current, plan=plan.price, seats=plan.quantity, add_ons=add_ons, tax=VAT, policy=POLICY, now=now
    )


def check_change(row: Row) -> None:
    current = subscription(*items(row["Held"]), period=period(row["Paid period"]))
    draft = wanted(current, row["Wanted"], at(row["On"]))
    assert amounts(draft) == listed(row["Lines"])
    assert draft.net_minor == minor(row["Net now"])
    assert draft.renewal.net_minor == minor(row["Net at renewal"])


def check_count(row: Row) -> None:
    values = policy(**rules(row["Policy"]))
    paid = period(row["Paid period"])
    interval = Interval.YEAR if (paid.end - paid.start).days > 31 else Interval.MONTH
    share = remaining(paid, cut_at(at(row["Change"]), values), interval, values, whole=True)
    assert (share.left, share.units) == (int(row["Left"]), int(row["Of"]))


def check_rounding(row: Row) -> None:
    for rounding in Rounding:
        assert round_minor(Fraction(row["Exact"]), rounding) == int(row[rounding.value])


def check_rounded_per(row: Row) -> None:
    current = subscription(Item(price("team", monthly_minor=800), 1), period=days("2026-06-01", "2026-07-01"))
    values = policy(**rules(row["Policy"]))
    draft = drafts.seat_increase(current, seats=4, tax=VAT, policy=values, now=at("2026-06-10"))
    assert draft.net_minor == minor(row["Amount"])


def check_cap(row: Row) -> None:
    invoiced, credited = minor(row["Invoiced"]), minor(row["Credited before"])
    paid = Paid("line", ItemKind.PLAN, "team", 3, 10900, period(row["For"]), invoiced, credited)
    current = subscription(Item(TEAM, 3), period=days("2026-06-01", "2026-07-01"), paid=(paid,))
    draft = drafts.plan_change(current, plan=BUSINESS, tax=VAT, policy=POLICY, now=at(row["Change"]))
    assert -sum(line.amount_minor for line in draft.lines if line.credits) == minor(row["Given back"])


def check_periods(row: Row) -> None:
    anchor = at(f"{row['Anchor']} 00:00")
    for index, start in enumerate(row["Starts"].split(", ")):
        assert local_date(period_at(anchor, Interval(row["Interval"]), index, PARIS).start, PARIS).isoformat() == start


def check_tax(row: Row) -> None:
    rate_ppm = int(Fraction(row["Rate"].removesuffix(" %")) * 10_000)
    assert tax_on(minor(row["Base"]), rate_ppm) == minor(row["Tax"])


CHECKS: dict[str, Callable[[Row], None]] = {
    "Held Paid period On Wanted Lines Net now Net at renewal": check_change,
    "Paid period Change Policy Left Of": check_count,
    "Exact half_up half_even down": check_rounding,
    "Policy Amount": check_rounded_per,
    "Invoiced For Credited before Change Given back": check_cap,
    "Anchor Interval Starts": check_periods,
    "Base Rate Tax": check_tax,
}
LIFE = "On Wanted Lines Net now"


@pytest.mark.parametrize(
    ("columns", "row"), [(columns, row) for columns, rows in tables() if columns != LIFE for row in rows]
)
def test_row(columns: str, row: Row) -> None:
    CHECKS[columns](row)


def test_the_life() -> None:
    first, *others = next(rows for columns, rows in tables() if columns == LIFE)
    (plan,) = items(first["Wanted"])
    opened = drafts.new_subscription(plan=plan.price, seats=plan.quantity, tax=VAT, policy=POLICY, now=at(first["On"]))
    assert amounts(opened) == listed(first["Lines"])
    life = Life(opened)
    for row in others:
        if row["On"] == "renewal":
            draft = life.renew()
        else:
            (item,) = items(row["Wanted"])
            draft = life.change(item.price, item.quantity, at(row["On"]))
        assert amounts(draft) == listed(row["Lines"]), row
        assert draft.net_minor == minor(row["Net now"]), row


def test_every_table_of_the_document_is_run() -> None:
    columns = [columns for columns, _ in tables()]
    assert sorted(columns) == sorted([*CHECKS, LIFE])
