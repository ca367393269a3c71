"""What a subscription will be at its next renewal, once the changes that wait have been applied; and what that costs.

The renewal itself, the screens and the letters all ask here, so that what was told is what is charged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from palier.apps.agenda.models import Due
from palier.apps.catalogue import Catalogue
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.engine.drafts import RenewalPreview, preview_of_renewal, renewal
from palier.engine.periods import Interval, Period
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Item, State
from palier.flows.facts import Facts, Held

RENEWAL: Final = "renewal"
NOTICE: Final = "notice"
RETRY: Final = "retry"
SUSPEND: Final = "suspend"
GIVE_UP: Final = "give_up"
DUNNING: Final = (RETRY, SUSPEND, GIVE_UP)
"""What falls due about an unpaid invoice."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next renewal of one subscription; ``items`` empty: it ends instead. Amounts in minor units."""

    held: Held
    items: tuple[Item, ...]
    preview: RenewalPreview | None

    @property
    def seats(self) -> int:
        """Seats from the renewal on; 0 where it ends."""
        return self.items[0].quantity if self.items else 0


def of(facts: Facts, held: Held) -> Upcoming:
    """What the next renewal of a subscription will be if nothing else changes."""
    state = now_of(held)
    items = items_at_renewal(state, held.waiting, facts.catalogue)
    if not items:
        return Upcoming(held, (), None)
    draft = renewal(state, items=items, tax=facts.tax, policy=facts.catalogue.policy)
    period = Period(state.period.end, draft.after.period.end)
    preview = RenewalPreview(state.period.end, period, draft.net_minor, draft.tax_minor, draft.total_minor)
    return Upcoming(held, items, preview)


def after(facts: Facts, state: State, waiting: Iterable[ScheduledChange]) -> RenewalPreview:
    """The renewal that will follow a state that a draft leads to, with the changes that go on waiting."""
    items = items_at_renewal(state, waiting, facts.catalogue)
    if not items or items == state.items:
        return preview_of_renewal(state, facts.tax, facts.catalogue.policy)
    draft = renewal(state, items=items, tax=facts.tax, policy=facts.catalogue.policy)
    return RenewalPreview(state.period.end, draft.after.period, draft.net_minor, draft.tax_minor, draft.total_minor)


def items_at_renewal(state: State, waiting: Iterable[ScheduledChange], catalogue: Catalogue) -> tuple[Item, ...]:
    """The items that a renewal charges; none where the subscription ends.

    What stays the same keeps the price at which it was sold; another plan or interval has today's.
    """
    due = applied_at_renewal(state, waiting)
    changes = {(change.kind, change.key if change.kind == "add_on" else ""): change for change in due}
    if ("cancel", "") in changes:
        return ()
    wish = changes.get(("interval", ""))
    interval = Interval(wish.key) if wish else state.interval
    plan = changes.get(("plan", ""))
    seats = changes.get(("seats", ""))
    price = _price(state, ItemKind.PLAN, plan.key if plan else state.plan.price.key, interval, catalogue)
    items = [Item(price, seats.quantity if seats else state.seats)]
    units = {item.price.key: item.quantity for item in state.add_ons}
    units |= {change.key: change.quantity for change in changes.values() if change.kind == "add_on"}
    for key, quantity in sorted(units.items()):
        if quantity:
            items.append(Item(_price(state, ItemKind.ADD_ON, key, interval, catalogue), quantity))
    return tuple(items)


def applied_at_renewal(state: State, waiting: Iterable[ScheduledChange]) -> tuple[ScheduledChange, ...]:
    """The waiting changes that the next renewal applies; one about both subscriptions may wait for a later one."""
    return tuple(change for change in waiting if change.effective_at <= state.period.end)


def dues(subscription: Subscription, state: State, catalogue: Catalogue, *, now: datetime) -> list[Due]:
    """What a new period lets fall due: its renewal, and for a year the notice before it."""
    rows = [_due(RENEWAL, subscription, state.period.end)]
    if notice_at := next_notice(state, catalogue, after=now):
        rows.append(_due(NOTICE, subscription, notice_at))
    return rows


def next_notice(state: State, catalogue: Catalogue, *, after: datetime) -> datetime | None:
    """When the customer of a year is told next about its renewal; None for a month, or when all is told."""
    if state.interval is not Interval.YEAR:
        return None
    days = (state.period.end - timedelta(days=number) for number in catalogue.renewals.notice_days)
    return next((at for at in days if at > after), None)


def _due(kind: str, subscription: Subscription, at: datetime) -> Due:
    return Due(kind=kind, subject=subscription.id, account_id=subscription.account_id, due_at=at)


def now_of(held: Held) -> State:
    """The subscription with the seats that it has now, billed or still collected."""
    state = held.current.state
    return replace(state, items=(replace(state.plan, quantity=held.seats), *state.add_ons))


def _price(state: State, kind: ItemKind, key: str, interval: Interval, catalogue: Catalogue) -> Price:
    """As it was sold where the subscription holds it on that interval, else today's."""
    for item in state.items:
        if (item.price.kind, item.price.key, item.price.interval) == (kind, key, interval):
            return item.price
    sold = catalogue.plan(key) if kind is ItemKind.PLAN else catalogue.add_on(key)
    return sold.price(interval, state.currency)
