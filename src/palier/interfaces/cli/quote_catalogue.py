"""Prices of `palier quote` from a catalogue: the path of one, or the content of one."""

from functools import lru_cache
from pathlib import Path

from palier.apps.catalogue import parse
from palier.apps.catalogue.mistakes import CatalogueMalformed
from palier.apps.catalogue.values import AddOn, Catalogue, Plan
from palier.engine.periods import Interval
from palier.interfaces.cli.quote_prices import LANGUAGES, PriceList
from palier.interfaces.cli.quote_reading import Mistake, Node


def catalogue_prices(node: Node, currency: str, folder: Path) -> PriceList:
    """Everything that a catalogue sells or sold in a currency, with its names and its policy of proration."""
    try:
        catalogue = _catalogue(node, folder)
    except CatalogueMalformed as refusal:
        raise _first(node, refusal) from None
    items: list[Plan | AddOn] = [*(plan for plan in catalogue.plans if not plan.free), *catalogue.add_ons]
    prices = [
        item.price(interval, currency) for item in items for interval in Interval if (currency, interval) in item.prices
    ]
    if not prices:
        known = ", ".join(catalogue.currencies)
        raise Mistake("no_price_in_currency", "$.currency", f"nothing is sold in {currency}", f"sold in: {known}")
    titles = {language: {item.key: item.name(language) for item in items} for language in LANGUAGES}
    return PriceList(tuple(prices), titles, catalogue.policy)


def _catalogue(node: Node, folder: Path) -> Catalogue:
    if isinstance(node.value, dict):
        return parse.stored(node.value, 0)
    return _read(folder / node.text())


@lru_cache(maxsize=8)
def _read(path: Path) -> Catalogue:
    """A file is read once for all lines of a batch."""
    return parse.file(path).catalogue


def _first(node: Node, refusal: CatalogueMalformed) -> Mistake:
    """The first of its mistakes; `palier catalogue check` tells them all."""
    mistake, count = refusal.mistakes[0], len(refusal.mistakes)
    place = f"line {mistake.line}: " if mistake.line else ""
    more = f" (and {count - 1} more: see `palier catalogue check`)" if count > 1 else ""
    return node.mistake("catalogue_malformed", f"{place}{mistake}{more}", mistake.remedy)
