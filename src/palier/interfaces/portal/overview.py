"""Plans & billing at a glance: plan, seats, next renewal, card, last invoices, spending of the year."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import dates
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from palier.apps.accounts.models import Account
from palier.engine.drafts import RenewalPreview, renewal
from palier.engine.subscription import State
from palier.flows.quote import Facts, facts_of
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.portal.home import plan_held
from palier.interfaces.ui.charts import Bar, bar_chart
from palier.kit import clock, formats

LAST_INVOICES = 4


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats bought, and what became of them; ``free`` is never below zero."""

    bought: int
    used: int
    invited: int

    @property
    def free(self) -> int:
        return max(0, self.bought - self.used - self.invited)


@dataclass(frozen=True, slots=True)
class SpendingChart:
    """This year's invoices: ``total_minor`` with tax, and the drawing."""

    year: int
    total_minor: int
    drawing: SafeString


@require_safe
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """The overview; for a free account what will be here, and the first step."""
    now = clock.now()
    held = plan_held(request.account)
    if held.state is None:
        return render(request, "portal/overview.html", {"held": held})
    facts = facts_of(request.account, now=now)
    context = {
        "held": held,
        "seats": seats_of(request.account, held.state),
        "renewal": next_renewal(facts),
        "currency": held.state.currency,
        "card": request.account.payment_methods.filter(is_default=True).first(),
        "invoices": request.account.invoices.order_by("-issued_at")[:LAST_INVOICES],
        "spending": spending_chart(request.account, held.state.currency, now, facts.catalogue.policy.zone),
    }
    return render(request, "portal/overview.html", context)


def seats_of(account: Account, state: State) -> Seats:
    """Who sits where."""
    return Seats(
        bought=state.seats,
        used=account.members.filter(deactivated_at=None).count(),
        invited=account.invitations.filter(accepted_at=None).count(),
    )


def next_renewal(facts: Facts) -> RenewalPreview | None:
    """Date and sum of the next renewal, if nothing changes before."""
    if facts.current is None:
        return None
    draft = renewal(facts.current, tax=facts.tax, policy=facts.catalogue.policy)
    return RenewalPreview(
        at=facts.current.state.period.end,
        period=draft.after.period,
        net_minor=draft.net_minor,
        tax_minor=draft.tax_minor,
        total_minor=draft.total_minor,
    )


def spending_chart(account: Account, currency: str, now: datetime, zone: str) -> SpendingChart:
    """What was invoiced each month of this year, tax included; void invoices do not count."""
    language = get_language() or "en"
    year = now.astimezone(ZoneInfo(zone)).year
    by_month = [0] * 12
    issued = account.invoices.filter(issued_on__year=year, currency=currency).exclude(state="void")
    for issued_on, total_minor in issued.values_list("issued_on", "total_minor"):
        by_month[issued_on.month - 1] += total_minor
    months = dates.get_month_names("abbreviated", locale=formats.locale_of(language))
    bars = [
        Bar(months[number].rstrip("."), total_minor, formats.money(total_minor, currency, language))
        for number, total_minor in enumerate(by_month, start=1)
    ]
    total = formats.money(sum(by_month), currency, language)
    title = _("Spending in %(year)s: %(total)s") % {"year": year, "total": total}
    return SpendingChart(year, sum(by_month), bar_chart("spending", title, bars))
