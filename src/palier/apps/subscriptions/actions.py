from datetime import datetime

from django.db.models import F

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import BillingPeriod, Subscription, SubscriptionItem
from palier.engine.subscription import State
from palier.kit import writes


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
