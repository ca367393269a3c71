"""The grants of an account from what it was sold: each subscription counts by the catalogue of its own version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from palier.apps.catalogue import Catalogue
from palier.engine.grants import Extra, Grant, Per, Share, granted


@dataclass(frozen=True, slots=True)
class Sold:
    """Seats of a plan, and units of add-ons by key, as sold from ``catalogue``."""

    catalogue: Catalogue
    plan: str
    seats: int
    add_ons: Mapping[str, int]


def of_sold(today: Catalogue, sold: Sequence[Sold]) -> tuple[Grant, ...]:
    """What the subscriptions of an account grant together, in the order of the catalogue.

    A limit that the catalogue learned after the sale counts as the plan has it today.
    """
    kinds = {key: Per(limit.per) for key, limit in today.limits.items()}
    for each in sold:
        kinds |= {key: Per(limit.per) for key, limit in each.catalogue.limits.items()}
    shares = [Share(each.seats, _allowances(today, each)) for each in sold]
    return granted(kinds, shares, _extras(sold))


def _allowances(today: Catalogue, sold: Sold) -> Mapping[str, int | None]:
    then, now = sold.catalogue.plan(sold.plan), today.plan(sold.plan)
    return {**now.limits, **{key: then.limits.get(key, 0) for key in sold.catalogue.limits}}


def _extras(sold: Sequence[Sold]) -> list[Extra]:
    """Units of the same add-on on both subscriptions are one term."""
    units: dict[tuple[str, str, int], int] = {}
    for each in sold:
        for key, number in each.add_ons.items():
            add_on = each.catalogue.add_on(key)
            name = (add_on.key, add_on.limit, add_on.adds)
            units[name] = units.get(name, 0) + number
    return [Extra(key, limit, adds, number) for (key, limit, adds), number in units.items()]
