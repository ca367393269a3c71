"""The plain sums of a billed period notice a cent, a hole, and what is charged twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from palier.engine.drafts import change, new_subscription
from palier.engine.lines import Line
from palier.engine.subscription import Current
from tests.engine.facts import BUSINESS, POLICY, TEAM, VAT, at
from tests.engine.settlement import settled
from tests.model.as_stored import items_of
from tests.model.time_held import TimeHeld

OPENED = new_subscription(plan=TEAM, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-01"))
HELD: Current = settled(None, OPENED, ["line-1"])
RISEN = change(HELD, plan=BUSINESS, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-12"))
CREDIT, CHARGE = RISEN.lines


def june(lines: Sequence[Line]) -> TimeHeld:
    """Team for twelve days and Business from the 13th on, with these lines for the change."""
    book = TimeHeld(date(2026, 6, 1), date(2026, 7, 1))
    book.change(date(2026, 6, 1), items_of(OPENED.after), OPENED.lines)
    book.change(date(2026, 6, 13), items_of(RISEN.after), lines)
    return book


def test_a_change_that_is_charged_as_held_passes() -> None:
    june(RISEN.lines).check()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([CREDIT, replace(CHARGE, amount_minor=CHARGE.amount_minor + 2)], "charged for"),
        ([CREDIT], "charged for"),
        ([CREDIT, replace(CHARGE, period=HELD.state.period)], "charged at"),
        ([CREDIT, CHARGE, replace(CHARGE, amount_minor=0)], "charged at"),
        ([CREDIT, replace(CHARGE, quantity=2)], "charged at"),
    ],
    ids=["two cents too much", "nothing for the new plan", "from the first day", "twice", "for a seat less"],
)
def test_what_is_charged_otherwise_is_noticed(lines: Sequence[Line], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        june(lines).check()
