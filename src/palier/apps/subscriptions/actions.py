from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from palier.apps.accounts.models import Account, Member
from palier.apps.subscriptions.models import (
    BillingPeriod,
    ScheduledChange,
    SeatEntry,
    Subscription,
    SubscriptionItem,
    SubscriptionState,
)
from palier.engine.subscription import State
from palier.kit import writes


def start(
    account: Account, state: State, *, catalogue_version_id: int, member: Member | None, now: datetime
) -> Subscription:
    """Create the subscription that a draft describes, with its first billed period and its seat journal."""
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
    note_seats(subscription, state.seats, state.seats, "bought", member=member, now=now)
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


def end(subscription: Subscription, reason: str, *, at: datetime) -> None:
    """End a subscription at an instant, for ever; what it was billed for after that instant is cut off."""
    _cut(subscription, at)
    subscription.state, subscription.ended_at, subscription.end_reason = SubscriptionState.ENDED, at, reason
    Subscription.objects.filter(pk=subscription.pk).update(
        state=SubscriptionState.ENDED, ended_at=at, end_reason=reason, version=F("version") + 1
    )
    subscription.scheduled.filter(state="waiting", kind="cancel").update(state="applied", ended_at=at)
    subscription.scheduled.filter(state="waiting").update(state="withdrawn", ended_at=at)


def turn(subscription_ids: Iterable[int], state: SubscriptionState) -> dict[str, dict[str, str]]:
    """Make live subscriptions active, past due or suspended. Returns the states ``before`` and ``after`` of those that
    turn, by their public ids."""
    others = Subscription.objects.alive().filter(pk__in=list(subscription_ids)).exclude(state=state)
    before = {each.public_id: each.state for each in others.only("state")}
    if before:
        others.update(state=state)
    return {"before": before, "after": dict.fromkeys(before, state.value)} if before else {}


def set_seats(subscription: Subscription, seats: int) -> None:
    """Give a subscription another number of seats at once, without a new period."""
    subscription.items.filter(kind="plan").update(quantity=seats)
    Subscription.objects.filter(pk=subscription.pk).update(version=F("version") + 1)


def note_seats(
    subscription: Subscription, seats_now: int, at_renewal: int, cause: str, *, member: Member | None, now: datetime
) -> None:
    """Add a line to the seat journal."""
    writes.insert(
        SeatEntry(
            subscription=subscription,
            seats_now=seats_now,
            seats_at_renewal=at_renewal,
            cause=cause,
            member=member,
            at=now,
        )
    )


def schedule(
    subscription: Subscription,
    kind: str,
    *,
    key: str = "",
    quantity: int = 0,
    member: Member | None,
    effective_at: datetime | None = None,
    now: datetime,
) -> ScheduledChange:
    """Let a step down wait for the end of the paid period, in the place of one of the same kind that waits.

    ``effective_at``, where given, is later than that end: the change waits for the first renewal from there on.
    """
    waiting = subscription.scheduled.filter(state="waiting", kind=kind)
    if kind == "add_on":
        waiting = waiting.filter(key=key)
    waiting.update(state="withdrawn", ended_at=now)
    _renews_otherwise([subscription.pk])
    return ScheduledChange.objects.create(
        subscription=subscription,
        kind=kind,
        key=key,
        quantity=quantity,
        member=member,
        scheduled_at=now,
        effective_at=effective_at or subscription.period_end,
    )


def postpone(subscription: Subscription, effective_at: datetime) -> None:
    """The paid period now ends later: what waits for its end waits until then."""
    subscription.scheduled.filter(state="waiting", effective_at__lt=effective_at).update(effective_at=effective_at)


def withdraw(change_ids: Iterable[int], *, now: datetime) -> int:
    """Take back changes that wait; returns how many did."""
    waiting = ScheduledChange.objects.filter(pk__in=list(change_ids), state="waiting")
    _renews_otherwise(waiting.values_list("subscription", flat=True))
    return waiting.update(state="withdrawn", ended_at=now)


def put_off(account: Account, kind: str, *, until: datetime) -> None:
    """Let changes of a kind wait for a later end, on every subscription of an account."""
    ScheduledChange.objects.filter(subscription__account=account, kind=kind, state="waiting").update(effective_at=until)


def apply(change_ids: Iterable[int], *, now: datetime) -> None:
    """Changes that waited have taken effect."""
    ScheduledChange.objects.filter(pk__in=list(change_ids)).update(state="applied", ended_at=now)


def _renews_otherwise(subscription_ids: Iterable[int]) -> None:
    """What was promised of the next renewal before is out of date."""
    Subscription.objects.filter(pk__in=subscription_ids).update(version=F("version") + 1)


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
