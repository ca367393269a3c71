"""A stored subscription as the engine sees it."""

from collections.abc import Iterable

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import Subscription, SubscriptionItem
from palier.engine.periods import Interval, Period
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Item, State


def of_account(account: Account) -> Subscription | None:
    """The active subscription with its items loaded, or None on the free plan."""
    return account.subscriptions.filter(state="active").prefetch_related("items").first()


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
