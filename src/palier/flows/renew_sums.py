"""The sums of renewals in bulk: the engine's own draft, remembered by everything that it depends on.

Nothing here computes money. A night renews thousands of subscriptions, and most are alike: the same items at the same
prices, the same period, the same tax. ``engine.drafts.renewal`` is asked once for each such kind, and what it said is
kept ready to be written: ``Sum``. Two subscriptions of one kind may differ in their anchor, on which no line depends
once the period is known. ``tests/flows/test_renewals_equal.py`` compares whole nights with the row-by-row drafts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from palier.apps.invoices.actions import taxes_of
from palier.apps.subscriptions.models import ScheduledChange
from palier.engine import wire
from palier.engine.drafts import Draft, renewal
from palier.engine.lines import Line
from palier.engine.periods import Interval, Period, period_containing
from palier.engine.policies import ProrationPolicy
from palier.engine.postings import Posting, invoice_entries
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Item, State
from palier.engine.taxes import TaxRule
from palier.flows import upcoming
from palier.flows.renew_facts import Chunk, Held, StoredItem
from palier.kit.copies import text

MOST: Final = 50_000
"""So many kinds of renewals are remembered by a process."""


@dataclass(frozen=True, slots=True)
class LineText:
    """A line of an invoice as COPY reads it, apart from whose it is and its title."""

    key: str
    before: str  # kind, item_kind, key
    after: str  # quantity ... tax, credits, detail


@dataclass(frozen=True, slots=True)
class Sum:
    """What a renewal writes, whosever it is; texts are ready for COPY. Amounts in minor units."""

    draft: Draft
    end: datetime
    total_minor: int
    amounts: str  # currency, net, tax, total
    taxes: str
    lines: tuple[LineText, ...]
    postings: tuple[Posting, ...]
    period: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """One subscription's renewal: what it was, what it will hold, and the sum."""

    held: Held
    stored: tuple[StoredItem, ...]
    items: tuple[StoredItem, ...]
    applied: tuple[ScheduledChange, ...]
    sum: Sum
    titles: tuple[str, ...]

    @property
    def seats_before(self) -> int:
        return self.stored[0].quantity

    @property
    def seats(self) -> int:
        return self.items[0].quantity


def of(chunk: Chunk, held: Held) -> Renewal | None:
    """The renewal of one subscription; None where it ends instead. Raises what the engine or the catalogue refuses."""
    catalogue = chunk.catalogue
    stored = chunk.items[held.id]
    plan = stored[0]
    rank = catalogue.plan(plan.key).rank  # which plan is above which is today's catalogue's to say
    items = stored if plan.rank == rank else (plan._replace(rank=rank), *stored[1:])
    interval = Interval(held.interval)
    applied: tuple[ScheduledChange, ...] = ()
    if waiting := chunk.waiting.get(held.id):
        state = _state(held, interval, items)
        wanted = upcoming.items_at_renewal(state, waiting, catalogue)
        if not wanted:
            return None
        applied = upcoming.applied_at_renewal(state, waiting)
        interval, items = wanted[0].price.interval, tuple(_stored(item) for item in wanted)
    its_sum = _sum(held, interval, items, chunk.tax_of(held), catalogue.policy)
    titles = tuple(chunk.title(line.key, held.language) for line in its_sum.lines)
    return Renewal(held, stored, items, applied, its_sum, titles)


def _sum(held: Held, interval: Interval, items: tuple[StoredItem, ...], tax: TaxRule, policy: ProrationPolicy) -> Sum:
    known = _known(policy)
    end = _end(held.anchor_at, interval, held.period_end, policy.zone)
    kind = (interval.value, held.currency, held.period_end, end, items, tax)
    found = known.get(kind)
    if found is None:
        if len(known) >= MOST:
            known.clear()
        state = _state(held, interval, items)
        found = known[kind] = _told(renewal(state, tax=tax, policy=policy))
    return found


@lru_cache(maxsize=8)
def _known(policy: ProrationPolicy) -> dict[tuple[object, ...], Sum]:
    return {}


@lru_cache(maxsize=MOST)
def _end(anchor_at: datetime, interval: Interval, at: datetime, zone: str) -> datetime:
    return period_containing(anchor_at, interval, at, zone).end


def _state(held: Held, interval: Interval, items: Sequence[StoredItem]) -> State:
    period = Period(held.period_start, held.period_end)
    wanted = tuple(_item(item, interval, held.currency) for item in items)
    return State(interval, held.currency, held.anchor_at, period, wanted)


def _item(item: StoredItem, interval: Interval, currency: str) -> Item:
    price = Price(item.key, ItemKind(item.kind), item.rank, interval, currency, item.monthly_minor)
    return Item(price, item.quantity)


def _stored(item: Item) -> StoredItem:
    price = item.price
    return StoredItem(price.kind.value, price.key, price.rank, item.quantity, price.monthly_minor)


def _told(draft: Draft) -> Sum:
    period = draft.after.period
    return Sum(
        draft=draft,
        end=period.end,
        total_minor=draft.total_minor,
        amounts=f"{draft.currency}\t{draft.net_minor}\t{draft.tax_minor}\t{draft.total_minor}",
        taxes=text(json.dumps(taxes_of(draft))),
        lines=tuple(_line(line) for line in draft.lines),
        postings=invoice_entries(net_minor=draft.net_minor, tax_minor=draft.tax_minor),
        period=f'["{period.start.isoformat()}","{period.end.isoformat()}")',
    )


def _line(line: Line) -> LineText:
    tax, detail = json.dumps(wire.tax_rule_to_json(line.tax)), json.dumps(wire.line_to_json(line))
    return LineText(
        key=line.key,
        before=f"{line.kind}\t{line.item_kind}\t{text(line.key)}",
        after=(
            f"{line.quantity}\t{line.unit_minor}\t{line.period.start.isoformat()}\t{line.period.end.isoformat()}\t"
            f"{line.amount_minor}\t{text(tax)}\t\\N\t{text(detail)}\n"
        ),
    )
