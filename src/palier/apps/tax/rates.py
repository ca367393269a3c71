"""The standard rates of VAT by day, from ``vat_rates.csv``.

TEDB is the European Commission's "Taxes in Europe" database; CGI the French tax code, whose article 296 sets the rate
of Guadeloupe, Martinique and Réunion. ``valid_to`` is the last day of a rate; empty while it is in force.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("vat_rates.csv")


class RateUnknown(LookupError):
    """No rate for this country on this day: the table must be completed before anything is sold there."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in parts per million (200000 is 20 %) and its days, both included; ``valid_to`` None: still in force."""

    country: str
    rate_ppm: int
    valid_from: date
    valid_to: date | None
    source: str

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@lru_cache(maxsize=1)
def table() -> Mapping[str, Sequence[Rate]]:
    """Every rate by country, oldest first."""
    rates: dict[str, list[Rate]] = defaultdict(list)
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rates[row["country"]].append(
                Rate(
                    country=row["country"],
                    rate_ppm=int(row["rate_ppm"]),
                    valid_from=date.fromisoformat(row["valid_from"]),
                    valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                    source=row["source"],
                )
            )
    return dict(rates)


def rate_ppm(country: str, on: date) -> int:
    """The standard rate of a country on a day, in parts per million; RateUnknown if the table does not say."""
    for rate in table().get(country, ()):
        if rate.holds(on):
            return rate.rate_ppm
    raise RateUnknown(f"no rate of VAT for {country} on {on}")
