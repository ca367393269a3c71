"""What may keep a renewal from happening as it was computed: one function for each reason, over a whole chunk.

Each sees the chunk's facts, read once for all, and asks the database at most a fixed number of questions of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from palier.apps.notices.models import RenewalPromise
from palier.flows import promises, renew_blocked
from palier.flows.obstacles import Obstacle
from palier.flows.renew_facts import Chunk
from palier.flows.renew_sums import Renewal


def blocked_changes(chunk: Chunk) -> Mapping[int, tuple[Obstacle, ...]]:
    """The waiting changes (their ids) that must go on waiting, because what the account uses exceeds them."""
    return renew_blocked.blocked(chunk)


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise, and the net sum (minor units) that is computed for exactly what it named."""

    promise: RenewalPromise
    net_minor: int

    def __str__(self) -> str:
        return f"promised {self.promise.net_minor} {self.promise.currency} net, computed {self.net_minor}"


def without_blocked(chunk: Chunk, changes: Collection[int]) -> Chunk:
    """The chunk without the changes (their ids) that must go on waiting."""
    if not changes:
        return chunk
    waiting = {
        subject: tuple(change for change in its if change.id not in changes) for subject, its in chunk.waiting.items()
    }
    return replace(chunk, waiting=waiting)


def broken_promises(renewals: Sequence[Renewal]) -> Mapping[int, Broken]:
    """The subscriptions that would pay another sum than their notice promised for exactly what it named: a person must
    look first. What a change of plan, users or tax explains goes on, and its letter says so."""
    yearly = {each.held.id: each for each in renewals if each.held.interval == "year"}
    if not yearly:
        return {}
    broken = {}
    for subscription_id, promise in promises.newest(yearly).items():
        draft, items = yearly[subscription_id].sum.draft, yearly[subscription_id].items
        units = {f"{item.kind}:{item.key}": item.quantity for item in items}
        if promises.unexplained(promise, items=units, interval=draft.after.interval, net_minor=draft.net_minor):
            broken[subscription_id] = Broken(promise, draft.net_minor)
    return broken
