"""From the JSON of `palier quote` to the engine's values: the subscription, the change, and the draft of it."""

from dataclasses import replace
from datetime import datetime

from palier.engine import drafts
from palier.engine.drafts import Draft
from palier.engine.periods import Interval, Period, period_at, period_containing
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Current, Item, Paid, State
from palier.engine.taxes import Taxing
from palier.interfaces.cli.quote_prices import PriceList, priced
from palier.interfaces.cli.quote_reading import Node
from palier.interfaces.cli.quote_terms import policy_of, rule_of, tax_of


def draft_of(root: Node, sold: PriceList) -> Draft:
    """The draft that the input asks for; Mistake where it cannot be read or computed."""
    policy = policy_of(root.child("policy"), sold.policy)
    now = root.required("at").instant(policy.zone)
    tax = tax_of(root.child("tax"))
    wanted = root.required("change")
    wanted.members()
    current_node = root.child("current")
    if current_node is None:
        return _new(wanted, sold, tax, policy, now)
    current = _current(current_node, sold, policy, now)
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


def _current(node: Node, sold: PriceList, policy: ProrationPolicy, now: datetime) -> Current:
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
    return Item(priced(node, listed, required=False), node.required("quantity").whole(least=1))


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
    rule = None if tax_node is None else rule_of(tax_node)
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
