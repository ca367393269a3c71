"""The billed period of one subscription in plain fractions: from which day it held what, and what was invoiced."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction

from palier.engine.lines import Line, LineKind
from tests.model.calendar_days import midnight

Items = Mapping[tuple[str, str], tuple[int, int]]
"""By kind and key: the price of a unit for the whole period, in minor units, and how many."""


class TimeHeld:
    """A period [start, end) of whole days in Paris."""

    def __init__(self, start: date, end: date) -> None:
        self.start, self.end = start, end
        self._parts: list[tuple[date, Items]] = []
        self._lines: list[Line] = []

    def change(self, since: date, items: Items, lines: Iterable[Line]) -> None:
        """From a day on it holds something else, nothing where it ends; these lines were invoiced for that."""
        self._parts.append((min(max(since, self.start), self.end), items))
        self._lines += lines

    def check(self) -> None:
        """No cent was made or lost but by rounding, and each instant is charged for exactly what is held then."""
        in_part = sum(line.left != line.units for line in self._lines)
        charged = sum(line.amount_minor for line in self._lines)
        assert abs(charged - self._worth()) <= Fraction(in_part, 2), f"{charged} charged for {self._worth()}"
        for instant in self._edges():
            billed, held = self._billed_at(instant), self._held_at(instant)
            assert billed == held, f"{billed} charged at {instant}, {held} held"

    def _worth(self) -> Fraction:
        worth = Fraction(0)
        for place, (since, items) in enumerate(self._parts):
            until = self._parts[place + 1][0] if place + 1 < len(self._parts) else self.end
            full = sum(unit_minor * quantity for unit_minor, quantity in items.values())
            worth += Fraction(full * (until - since).days, (self.end - self.start).days)
        return worth

    def _edges(self) -> Iterable[datetime]:
        """Where what is charged or held may change; the end is the next period's."""
        start, end = midnight(self.start), midnight(self.end)
        edges = {midnight(since) for since, _items in self._parts}
        edges |= {edge for line in self._lines for edge in (line.period.start, line.period.end)}
        assert all(start <= edge <= end for edge in edges), f"{sorted(edges)} are not all within {start} and {end}"
        return edges - {end}

    def _billed_at(self, instant: datetime) -> dict[tuple[str, str], int]:
        units: dict[tuple[str, str], int] = {}
        for line in self._lines:
            if instant in line.period:
                unit = (line.item_kind.value, line.key)
                units[unit] = units.get(unit, 0) + (line.quantity if line.kind is LineKind.CHARGE else -line.quantity)
        return {unit: quantity for unit, quantity in units.items() if quantity}

    def _held_at(self, instant: datetime) -> dict[tuple[str, str], int]:
        (*_, held) = (items for since, items in self._parts if midnight(since) <= instant)
        return {unit: quantity for unit, (_price, quantity) in held.items()}
