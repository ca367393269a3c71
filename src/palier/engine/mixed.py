"""Mixed billing: one draft over the two subscriptions of an account, each prorated over its own period.

Some seats are billed by the month and some by the year. A change of both is one sum, one invoice and one promise; taxes
are rounded once over all lines, as on any invoice.
"""

from dataclasses import replace
from datetime import datetime

from palier.engine.drafts import Beside, Draft
from palier.engine.lines import Line, rest_of
from palier.engine.policies import ProrationPolicy
from palier.engine.proration import cut_at, require_inside
from palier.engine.subscription import Current
from palier.engine.taxes import Taxing, taxes


def combined(main: Draft, other: Draft) -> Draft:
    """The two drafts as one; ``main`` says what kind of change it is, ``other`` is what happens beside it."""
    beside = Beside(other.after.interval, other.after, other.renewal)
    return _over(main, (*main.lines, *other.lines), beside)


def with_ending(main: Draft, ends: Current, *, tax: Taxing, policy: ProrationPolicy, now: datetime) -> Draft:
    """``main`` and the end of the other subscription, whose unused time is credited."""
    require_inside(ends.state.period, now)
    credits = rest_of(ends, ends.state.items, cut_at(now, policy), tax, policy)
    return _over(main, (*credits, *main.lines), Beside(ends.state.interval, None, None))


def _over(main: Draft, lines: tuple[Line, ...], beside: Beside) -> Draft:
    amounts = taxes((line.tax, line.amount_minor) for line in lines)
    net_minor = sum(line.amount_minor for line in lines)
    tax_minor = sum(part.tax_minor for part in amounts)
    return replace(
        main,
        lines=lines,
        net_minor=net_minor,
        taxes=amounts,
        tax_minor=tax_minor,
        total_minor=net_minor + tax_minor,
        beside=beside,
    )
