"""What an account may do now: everything, everything for a while, or only read."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from palier.apps.subscriptions.models import SubscriptionState


class Access(StrEnum):
    """``free``, ``trial`` and ``full`` may write; so may ``grace``, while an invoice is unpaid. ``suspended`` (grace is
    over), ``lapsed`` (the subscription or the trial has ended) and ``closed`` only read and export."""

    FREE = "free"
    TRIAL = "trial"
    FULL = "full"
    GRACE = "grace"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    CLOSED = "closed"

    @property
    def read_only(self) -> bool:
        return self in (Access.SUSPENDED, Access.LAPSED, Access.CLOSED)


def access(
    *,
    live_states: Collection[str],
    had_before: bool,
    trial_ends_at: datetime | None,
    closed_at: datetime | None,
    now: datetime,
) -> Access:
    """The access of an account, from the states of its live subscriptions and what it had before.

    Of two subscriptions the worse one decides: they are one plan of one customer.
    """
    if closed_at is not None:
        return Access.CLOSED
    if SubscriptionState.SUSPENDED in live_states:
        return Access.SUSPENDED
    if SubscriptionState.PAST_DUE in live_states:
        return Access.GRACE
    if live_states:
        return Access.FULL
    if had_before:
        return Access.LAPSED
    if trial_ends_at is not None:
        return Access.TRIAL if now < trial_ends_at else Access.LAPSED
    return Access.FREE
