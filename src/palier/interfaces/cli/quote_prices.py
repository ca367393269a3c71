"""Prices of `palier quote`: the list that the input brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from palier.engine.periods import Interval
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price, price_of_period
from palier.interfaces.cli.quote_reading import Node

LANGUAGES = ("en", "fr")
Titles = Mapping[str, Mapping[str, str]]  # language -> key -> name


@dataclass(frozen=True, slots=True)
class PriceList:
    """What can be bought: prices in one currency, names, and the seller's policy where a catalogue gives it."""

    prices: tuple[Price, ...]
    titles: Titles
    policy: ProrationPolicy = field(default_factory=ProrationPolicy)

    def price(self, node: Node, interval: Interval, kind: ItemKind | None = None) -> Price:
        """The price that a key names on an interval, or the mistake of naming one that is not there."""
        key = node.text()
        found = [price for price in self.prices if price.key == key and kind in (None, price.kind)]
        for price in found:
            if price.interval is interval:
                return price
        if found:
            raise node.mistake(
                "no_price_for_interval",
                f"{key!r} has no price by the {interval.value}",
                "add one, or change the interval",
            )
        known = sorted({price.key for price in self.prices if kind in (None, price.kind)})
        raise node.mistake("unknown_key_of_price", f"nothing is sold as {key!r}", f"what is sold: {', '.join(known)}")


def listed_prices(root: Node) -> PriceList:
    """The price list of the input's own `prices`."""
    default = root.child("currency")
    prices: list[Price] = []
    titles: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for node in root.required("prices").entries():
        price = _listed(node.members(), default, prices)
        if any((price.key, price.interval) == (other.key, other.interval) for other in prices):
            raise node.mistake(
                "price_twice", f"{price.key!r} by the {price.interval.value} is listed twice", "keep one"
            )
        prices.append(price)
        _entitle(node.child("title"), price.key, titles)
    return PriceList(tuple(prices), titles)


def _listed(node: Node, default: Node | None, prices: Sequence[Price]) -> Price:
    kind_node, rank_node, currency_node = (node.child(name) for name in ("kind", "rank", "currency"))
    currency_node = currency_node or default or node.required("currency")
    kind = ItemKind.PLAN if kind_node is None else kind_node.choice(ItemKind)
    key = node.required("key").text()
    return priced(
        node,
        Price(
            key=key,
            kind=kind,
            rank=rank_node.whole(least=0) if rank_node is not None else _next_rank(key, kind, prices),
            interval=node.required("interval").choice(Interval),
            currency=currency_node.currency(),
            monthly_minor=0,
        ),
        required=True,
    )


def _next_rank(key: str, kind: ItemKind, prices: Sequence[Price]) -> int:
    """Plans rank in the order of their first mention; add-ons have none."""
    if kind is ItemKind.ADD_ON:
        return 0
    same = [price.rank for price in prices if price.key == key]
    return same[0] if same else max((price.rank for price in prices), default=0) + 1


def priced(node: Node, price: Price, *, required: bool) -> Price:
    """The price with the amount that the input gives, by the month or for a full period; as it is where it may be."""
    monthly, full = (node.one_amount(name, price.currency) for name in ("monthly", "full"))
    if monthly is not None and full is not None:
        raise node.mistake("said_twice", "both a monthly and a full price are given", "keep one of them")
    if monthly is not None:
        return replace(price, monthly_minor=monthly, full_minor=None)
    if full is not None:
        return price_of_period(
            key=price.key,
            kind=price.kind,
            rank=price.rank,
            interval=price.interval,
            currency=price.currency,
            unit_minor=full,
        )
    if required:
        raise node.mistake(
            "missing_key", f"{price.key!r} has no price", 'add monthly: "109.00", or full for a whole period'
        )
    return price


def _entitle(node: Node | None, key: str, titles: Mapping[str, dict[str, str]]) -> None:
    for language in LANGUAGES:
        if node is None:
            titles[language].setdefault(key, key)
        elif isinstance(node.value, str):
            titles[language][key] = node.text()
        else:
            said = node.members(also=LANGUAGES).child(language)
            titles[language][key] = key if said is None else said.text()
