"""From the JSON of `palier quote` to the engine's values: prices, policy, tax, the subscription, the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from palier.engine import drafts
from palier.engine.drafts import Draft
from palier.engine.money import Rounding
from palier.engine.periods import Interval, Period, period_at, period_containing
from palier.engine.policies import ChangeDay, DayCount, ProrationPolicy, RoundedPer, Unit
from palier.engine.prices import ItemKind, Price, price_of_period
from palier.engine.subscription import Current, Item, Paid, State
from palier.engine.taxes import Taxing, TaxRule
from palier.interfaces.cli.quote_reading import Node

LANGUAGES = ("en", "fr")
Titles = Mapping[str, Mapping[str, str]]  # language -> key -> name

_RATE_DECIMALS = 4  # of a percentage, so that parts per million are whole


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


def draft_of(root: Node, sold: PriceList) -> Draft:
    """The draft that the input asks for; Mistake where it cannot be read or computed."""
    policy = _policy(root.child("policy"), sold.policy)
    now = root.required("at").instant(policy.zone)
    tax = _tax(root.child("tax"))
    wanted = root.required("change")
    wanted.members()
    current_node = root.child("current")
    if current_node is None:
        return _new(wanted, sold, tax, policy, now)
    current = _current(current_node, sold, tax, policy, now)
    renew = wanted.child("renew")
    if renew is not None and renew.true():
        items = _wanted_items(wanted, sold, current.state)
        return wanted.computing(lambda: drafts.renewal(current, items=items, tax=tax, policy=policy, now=now))
    plan, *add_ons = _wanted_items(wanted, sold, current.state)
    place = root.required("at")
    return place.computing(
        lambda: drafts.change(
            current, plan=plan.price, seats=plan.quantity, add_ons=add_ons, tax=tax, policy=policy, now=now
        )
    )


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


def _new(wanted: Node, sold: PriceList, tax: Taxing, policy: ProrationPolicy, now: datetime) -> Draft:
    if wanted.child("renew") is not None:
        raise wanted.mistake("nothing_to_renew", "a free account has nothing to renew", "give `current`")
    wanted.required("plan")
    plan, *add_ons = _wanted_items(wanted, sold, None)
    return wanted.computing(
        lambda: drafts.new_subscription(
            plan=plan.price, seats=plan.quantity, add_ons=add_ons, tax=tax, policy=policy, now=now
        )
    )


def _wanted_items(wanted: Node, sold: PriceList, state: State | None) -> list[Item]:
    """The plan first, then the add-ons. What is already held keeps its price."""
    interval_node, plan_node, seats_node = (wanted.child(name) for name in ("interval", "plan", "seats"))
    held_interval = Interval.MONTH if state is None else state.interval
    interval = held_interval if interval_node is None else interval_node.choice(Interval)
    if plan_node is not None:
        plan = sold.price(plan_node, interval, ItemKind.PLAN)
    else:
        assert state is not None  # noqa: S101 - a free account has named its plan
        plan = _on_interval(state.plan.price, sold, wanted, interval)
    seats = (1 if state is None else state.seats) if seats_node is None else seats_node.whole(least=1)
    add_ons_node = wanted.child("add_ons")
    if add_ons_node is not None:
        add_ons = [
            Item(
                _held(state, sold.price(entry.members().required("key"), interval, ItemKind.ADD_ON)),
                entry.required("quantity").whole(least=1),
            )
            for entry in add_ons_node.entries()
        ]
    else:
        held = () if state is None else state.add_ons
        add_ons = [replace(item, price=_on_interval(item.price, sold, wanted, interval)) for item in held]
    return [Item(_held(state, plan), seats), *add_ons]


def _on_interval(held: Price, sold: PriceList, wanted: Node, interval: Interval) -> Price:
    if held.interval is interval:
        return held
    return sold.price(Node(held.key, wanted.path, wanted.key), interval, held.kind)


def _held(state: State | None, price: Price) -> Price:
    return price if state is None else state.held(price)


def _current(node: Node, sold: PriceList, tax: Taxing, policy: ProrationPolicy, now: datetime) -> Current:
    node.members()
    interval_node = node.child("interval")
    interval = Interval.MONTH if interval_node is None else interval_node.choice(Interval)
    items = tuple(_item(entry, sold, interval) for entry in node.required("items").entries())
    anchor_at, period = _time(node, interval, policy.zone, now)
    place = node.required("items")
    if not items:
        raise place.mistake("mixed_items", "a subscription has exactly one plan, not 0", "name the plan that is held")
    state = place.computing(lambda: State(interval, items[0].price.currency, anchor_at, period, items))
    invoiced = node.child("invoiced")
    if invoiced is None:
        paid = [_paid_in_full(item, period) for item in items]
    else:
        paid = [_paid(entry, number, state, sold, policy) for number, entry in enumerate(invoiced.entries(), 1)]
    return Current(state, tuple(paid))


def _time(node: Node, interval: Interval, zone: str, now: datetime) -> tuple[datetime, Period]:
    anchor_node, period_node = node.child("anchor_at"), node.child("period")
    anchor_at = None if anchor_node is None else anchor_node.instant(zone)
    if period_node is not None:
        start = period_node.members().required("start").instant(zone)
        anchor_at = anchor_at or start
        end_node = period_node.child("end")
        if end_node is not None:
            end = end_node.instant(zone)
            return anchor_at, period_node.computing(lambda: Period(start, end))
        containing = period_containing(anchor_at, interval, start, zone)
        return anchor_at, Period(start, containing.end)
    if anchor_at is None:
        raise node.mistake(
            "missing_key", "neither period nor anchor_at is given", "add current.period with start and end"
        )
    first = period_at(anchor_at, interval, 0, zone)
    return anchor_at, first if now < anchor_at else period_containing(anchor_at, interval, now, zone)


def _item(node: Node, sold: PriceList, interval: Interval) -> Item:
    listed = sold.price(node.members().required("key"), interval)
    return Item(_priced(node, listed, required=False), node.required("quantity").whole(least=1))


def _paid_in_full(item: Item, period: Period) -> Paid:
    price = item.price
    whole = price.unit_minor * item.quantity
    return Paid(price.key, price.kind, price.key, item.quantity, price.unit_minor, period, whole)


def _paid(node: Node, number: int, state: State, sold: PriceList, policy: ProrationPolicy) -> Paid:
    key_node = node.members().required("key")
    held = next((item.price for item in state.items if item.price.key == key_node.text()), None)
    price = held or sold.price(key_node, state.interval)
    line_node, quantity_node, ends_node, tax_node = (
        node.child(name) for name in ("line", "quantity", "ends_at", "tax")
    )
    amount_minor = node.one_amount("amount", state.currency)
    if amount_minor is None:
        raise node.mistake("missing_key", "neither amount nor amount_minor is given", 'add the net amount: "327.00"')
    period_node = node.child("period")
    rule = None if tax_node is None else _rule(tax_node)
    return node.computing(
        lambda: Paid(
            line=f"line-{number}" if line_node is None else line_node.text(),
            kind=price.kind,
            key=price.key,
            quantity=1 if quantity_node is None else quantity_node.whole(least=1),
            unit_minor=price.unit_minor,
            period=state.period if period_node is None else _period(period_node.members(), policy.zone),
            amount_minor=amount_minor,
            credited_minor=node.one_amount("credited", state.currency) or 0,
            ends_at=None if ends_node is None else ends_node.instant(policy.zone),
            tax=rule,
        )
    )


def _period(node: Node, zone: str) -> Period:
    start, end = node.required("start").instant(zone), node.required("end").instant(zone)
    return node.computing(lambda: Period(start, end))


def _listed(node: Node, default: Node | None, prices: Sequence[Price]) -> Price:
    kind_node, rank_node, currency_node = (node.child(name) for name in ("kind", "rank", "currency"))
    currency_node = currency_node or default or node.required("currency")
    kind = ItemKind.PLAN if kind_node is None else kind_node.choice(ItemKind)
    key = node.required("key").text()
    return _priced(
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


def _priced(node: Node, price: Price, *, required: bool) -> Price:
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


def _policy(node: Node | None, default: ProrationPolicy) -> ProrationPolicy:
    if node is None:
        return default
    node.members()
    unit, change_day, day_count, rounding, rounded_per, zone = (
        node.child(name) for name in ("unit", "change_day", "day_count", "rounding", "rounded_per", "zone")
    )
    return ProrationPolicy(
        unit=default.unit if unit is None else unit.choice(Unit),
        change_day=default.change_day if change_day is None else change_day.choice(ChangeDay),
        day_count=default.day_count if day_count is None else day_count.choice(DayCount),
        rounding=default.rounding if rounding is None else rounding.choice(Rounding),
        rounded_per=default.rounded_per if rounded_per is None else rounded_per.choice(RoundedPer),
        zone=default.zone if zone is None else zone.zone(),
    )


class _ByKey(dict[str, TaxRule]):
    """Rules of single items over a rule for all the others."""

    def __init__(self, rules: Mapping[str, TaxRule], otherwise: TaxRule) -> None:
        super().__init__(rules)
        self.otherwise = otherwise

    def __missing__(self, key: str) -> TaxRule:
        return self.otherwise


def _tax(node: Node | None) -> Taxing:
    if node is None:
        return TaxRule(0, "O", "")
    rule = _rule(node)
    by_item = node.child("by_item")
    if by_item is None:
        return rule
    if not isinstance(by_item.value, dict):
        raise by_item.mistake("not_an_object", "expected an object of rules by key")
    rules = {key: _rule(Node(value, f"{by_item.path}.{key}", "tax")) for key, value in by_item.value.items()}
    return _ByKey(rules, rule)


def _rule(node: Node) -> TaxRule:
    node = Node(node.value, node.path, "tax").members()
    rate, ppm, category, country, note = (
        node.child(name) for name in ("rate", "rate_ppm", "category", "country", "note")
    )
    if rate is not None and ppm is not None:
        raise node.mistake("said_twice", "both rate and rate_ppm are given", "keep one of them")
    rate_ppm = ppm.whole(least=0) if ppm is not None else 0 if rate is None else _percent(rate)
    return TaxRule(
        rate_ppm=rate_ppm,
        category=category.text() if category is not None else "S" if rate_ppm else "O",
        country="" if country is None else country.text(),
        note="" if note is None else note.text(),
    )


def _percent(node: Node) -> int:
    whole, _, part = node.value.partition(".") if isinstance(node.value, str) else ("", "", "")
    digits = whole + part.ljust(_RATE_DECIMALS, "0")
    if not (digits.isascii() and digits.isdigit() and whole and len(part) <= _RATE_DECIMALS):
        raise node.mistake(
            "malformed_rate", f"{node.value!r} is not a rate in percent", 'write a text such as "20" or "5.5"'
        )
    return int(digits)
