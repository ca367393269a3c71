"""Of an account's export: what is subscribed and was billed, what waits, and what was told of the renewals."""

import json

from palier.apps.accounts.models import Account
from palier.apps.notices.models import RenewalPromise
from palier.apps.subscriptions.models import (
    BillingPeriod,
    ScheduledChange,
    SeatBasket,
    SeatEntry,
    SubscriptionItem,
    Trial,
)
from palier.flows.exports.export_cells import Row, figure, instant


def trial(account: Account) -> list[Row]:
    """The plan that was tried without a card, if any."""
    return [
        {
            "id": trial.public_id,
            "plan": trial.plan,
            "started_at": instant(trial.started_at),
            "ends_at": instant(trial.ends_at),
        }
        for trial in Trial.objects.filter(account=account)
    ]


def subscriptions(account: Account) -> list[Row]:
    """Each subscription, a row for its plan and for each add-on."""
    items = SubscriptionItem.objects.filter(subscription__account=account).select_related("subscription")
    return [
        {
            "id": item.subscription.public_id,
            "state": item.subscription.state,
            "interval": item.subscription.interval,
            "item": item.kind,
            "key": item.key,
            "quantity": item.quantity,
            "price_per_month": figure(item.monthly_minor, item.subscription.currency),
            "currency": item.subscription.currency,
            "started_at": instant(item.subscription.started_at),
            "period_start": instant(item.subscription.period_start),
            "period_end": instant(item.subscription.period_end),
            "ended_at": instant(item.subscription.ended_at),
            "end_reason": item.subscription.end_reason,
        }
        for item in items.order_by("subscription_id", "-kind", "key")
    ]


def scheduled_changes(account: Account) -> list[Row]:
    """Steps down that wait or waited for the end of a period."""
    changes = ScheduledChange.objects.filter(subscription__account=account).select_related("subscription", "member")
    return [
        {
            "id": change.public_id,
            "subscription": change.subscription.public_id,
            "kind": change.kind,
            "key": change.key,
            "quantity": change.quantity,
            "state": change.state,
            "member": change.member.public_id if change.member else None,
            "scheduled_at": instant(change.scheduled_at),
            "effective_at": instant(change.effective_at),
            "ended_at": instant(change.ended_at),
        }
        for change in changes.order_by("id")
    ]


def seat_journal(account: Account) -> list[Row]:
    """How many users were bought, and from when on."""
    entries = SeatEntry.objects.filter(subscription__account=account).select_related("subscription", "member")
    return [
        {
            "at": instant(entry.at),
            "subscription": entry.subscription.public_id,
            "interval": entry.subscription.interval,
            "cause": entry.cause,
            "member": entry.member.public_id if entry.member else None,
            "seats_now": entry.seats_now,
            "seats_at_renewal": entry.seats_at_renewal,
        }
        for entry in entries.order_by("id")
    ]


def billed_periods(account: Account) -> list[Row]:
    """What was billed of each subscription, half-open."""
    billed = BillingPeriod.objects.filter(subscription__account=account).select_related("subscription")
    return [
        {
            "subscription": row.subscription.public_id,
            "interval": row.subscription.interval,
            "from": instant(row.period.lower),
            "until": instant(row.period.upper),
        }
        for row in billed.order_by("id")
    ]


def seat_baskets(account: Account) -> list[Row]:
    """Users added within a day, that were, or will be, one invoice."""
    baskets = SeatBasket.objects.filter(subscription__account=account).select_related("subscription")
    return [
        {
            "id": basket.public_id,
            "subscription": basket.subscription.public_id,
            "paid_seats": basket.paid_seats,
            "opened_at": instant(basket.opened_at),
            "closes_at": instant(basket.closes_at),
            "closed_at": instant(basket.closed_at),
        }
        for basket in baskets.order_by("id")
    ]


def renewal_promises(account: Account) -> list[Row]:
    """What letters said that a renewal would cost, before and with tax, and for what."""
    promises = RenewalPromise.objects.filter(subscription__account=account).select_related("subscription")
    return [
        {
            "id": promise.public_id,
            "subscription": promise.subscription.public_id,
            "period_end": instant(promise.period_end),
            "interval": promise.interval,
            "net": figure(promise.net_minor, promise.currency),
            "total": figure(promise.total_minor, promise.currency),
            "currency": promise.currency,
            "items": json.dumps(promise.items, ensure_ascii=False, sort_keys=True),
            "accepted_net": _accepted(promise),
            "told_at": instant(promise.told_at),
        }
        for promise in promises.order_by("id")
    ]


def _accepted(promise: RenewalPromise) -> str | None:
    return None if promise.accepted_minor is None else figure(promise.accepted_minor, promise.currency)
