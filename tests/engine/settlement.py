"""What a settled draft leaves behind: the subscription after it, and the invoiced lines that cover its time."""

from collections.abc import Sequence
from dataclasses import replace

from palier.engine.drafts import Change, Draft
from palier.engine.lines import LineKind
from palier.engine.subscription import Current, Paid


def settled(before: Current | None, draft: Draft, line_ids: Sequence[str]) -> Current:
    """The facts after a draft was invoiced and paid; `line_ids` are the ids of its invoice lines, in their order.

    A credit adds to `credited_minor` of the line it takes from and ends it; a charge becomes a paid line. Lines whose
    time is over are dropped.
    """
    paid = {} if before is None or draft.change is Change.RENEWAL else {line.line: line for line in before.paid}
    for line, line_id in zip(draft.lines, line_ids, strict=True):
        if line.kind is LineKind.CREDIT and line.credits is not None:
            old = paid[line.credits]
            ends_at = line.period.start if old.ends_at is None else min(old.ends_at, line.period.start)
            paid[old.line] = replace(old, credited_minor=old.credited_minor - line.amount_minor, ends_at=ends_at)
        else:
            paid[line_id] = Paid(
                line=line_id,
                kind=line.item_kind,
                key=line.key,
                quantity=line.quantity,
                unit_minor=line.unit_minor,
                period=line.period,
                amount_minor=line.amount_minor,
                tax=line.tax,
            )
    running = (line for line in paid.values() if line.period.end > draft.computed_at)
    return Current(draft.after, tuple(running))
