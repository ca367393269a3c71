"""A stored subscription as the engine sees it."""

from collections.abc import Iterable

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import Subscription, SubscriptionItem
from palier.engine.periods import Interval, Period
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Item, State


def of_account(account: Account) -> list[Subscription]:
    """The live subscriptions with their items loaded, the monthly one first; none on the free plan."""
    return list(account.subscriptions.alive().prefetch_related("items").order_by("interval"))


def told(interval: str, items: Iterable[tuple[str, str, int]]) -> str:
    """What a subscription holds, for the journal of facts: ``team month 5, records 2``. Items are kind, key, units."""
    plan, *add_ons = sorted(items, key=lambda item: (item[0] != ItemKind.PLAN, item[1]))
    return ", ".join([f"{plan[1]} {interval} {plan[2]}", *(f"{key} {units}" for _, key, units in add_ons)])


def told_of(state: State, *, seats: int | None = None) -> str:
    """The same of the engine's view; ``seats`` where they are others."""
    units = state.seats if seats is None else seats
    rest = [(item.price.kind.value, item.price.key, item.quantity) for item in state.add_ons]
    return told(state.interval.value, [(ItemKind.PLAN.value, state.plan.price.key, units), *rest])


def state_of(subscription: Subscription, items: Iterable[SubscriptionItem] | None = None) -> State:
    """The engine's view of a subscription, at the prices at which it was sold; ``items`` where they were read."""
    interval = Interval(subscription.interval)
    held = subscription.items.all() if items is None else items
    ordered = sorted(held, key=lambda item: (item.kind != ItemKind.PLAN, item.key))
    return State(
        interval=interval,
        currency=subscription.currency,
        anchor_at=subscription.anchor_at,
        period=Period(subscription.period_start, subscription.period_end),
        items=tuple(
            Item(
                Price(
                    key=item.key,
                    kind=ItemKind(item.kind),
                    rank=item.rank,
                    interval=interval,
                    currency=subscription.currency,
                    monthly_minor=item.monthly_minor,
                ),
                item.quantity,
            )
            for item in ordered
        ),
    )
