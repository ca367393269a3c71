"""Between a stored subscription and the engine's state: read one, write the other."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import BillingPeriod, Subscription, SubscriptionItem
from palier.engine.periods import Interval, Period
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Item, State
from palier.kit import writes


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


def start(account: Account, state: State, *, catalogue_version_id: int, now: datetime) -> Subscription:
    """Create the subscription that a draft describes, with its first billed period."""
    subscription = Subscription(
        account=account,
        interval=state.interval,
        currency=state.currency,
        anchor_at=state.anchor_at,
        period_start=state.period.start,
        period_end=state.period.end,
        catalogue_version_id=catalogue_version_id,
        started_at=now,
    )
    writes.insert(
        subscription, *_items(subscription, state), BillingPeriod(subscription=subscription, period=_range(state))
    )
    return subscription


def move(subscription: Subscription, state: State, *, catalogue_version_id: int) -> Subscription:
    """Bring a subscription to the state that a draft describes; a new period ends the one that ran."""
    if (state.period.start, state.period.end) != (subscription.period_start, subscription.period_end):
        _cut(subscription, state.period.start)
        writes.insert(BillingPeriod(subscription=subscription, period=_range(state)))
    Subscription.objects.filter(pk=subscription.pk).update(
        interval=state.interval,
        anchor_at=state.anchor_at,
        period_start=state.period.start,
        period_end=state.period.end,
        catalogue_version_id=catalogue_version_id,
        version=F("version") + 1,
    )
    subscription.items.all().delete()
    writes.insert(*_items(subscription, state))
    return subscription


def _cut(subscription: Subscription, at: datetime) -> None:
    """The running period ends where the next begins; one that would become empty (bought today) goes."""
    running = subscription.periods.filter(period__endswith__gt=at)
    running.filter(period__startswith__gte=at).delete()
    for billed in running:
        billed.period = (billed.period.lower, at)
        billed.save(update_fields=["period"])


def _items(subscription: Subscription, state: State) -> list[SubscriptionItem]:
    return [
        SubscriptionItem(
            subscription=subscription,
            kind=item.price.kind,
            key=item.price.key,
            rank=item.price.rank,
            quantity=item.quantity,
            monthly_minor=item.price.monthly_minor,
        )
        for item in state.items
    ]


def _range(state: State) -> tuple[datetime, datetime]:
    return state.period.start, state.period.end
