"""Plans & billing at a glance: plan, seats, next renewal; for those who may buy also its sum, card and invoices."""

from collections.abc import Iterable
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

from palier.apps.invoices.models import Invoice
from palier.apps.subscriptions import seats
from palier.engine.drafts import RenewalPreview, renewal
from palier.flows.quote import Facts, facts_of
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.portal.home import plan_held
from palier.interfaces.ui.charts import Bar, bar_chart
from palier.kit import clock, formats

LAST_INVOICES = 4


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
    facts = facts_of(request.account, now=now)
    held = plan_held(facts)
    if held.state is None:
        return render(request, "portal/overview.html", {"held": held})
    context: dict[str, object] = {
        "held": held,
        "seats": seats.of_account(request.account, now=now),
        "currency": held.state.currency,
        "renews_at": held.state.period.end,
    }
    if request.member.may_buy:
        context |= _money_of(facts, held.state.currency, now)
    return render(request, "portal/overview.html", context)


def _money_of(facts: Facts, currency: str, now: datetime) -> dict[str, object]:
    """What was paid, what will be, and from which card: for those who may buy, as on the pages behind."""
    year = now.astimezone(ZoneInfo(facts.catalogue.policy.zone)).year
    # A paid plan renews within a year, so its last invoices are of this year or the one before.
    recent = list(facts.account.invoices.filter(issued_on__year__gte=year - 1).order_by("-issued_at"))
    return {
        "renewal": next_renewal(facts),
        "card": facts.account.payment_methods.filter(is_default=True).first(),
        "invoices": recent[:LAST_INVOICES],
        "spending": spending_chart(recent, currency, year),
    }


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


def spending_chart(invoices: Iterable[Invoice], currency: str, year: int) -> SpendingChart:
    """What was invoiced each month of a year, tax included; void invoices do not count."""
    language = get_language() or "en"
    by_month = [0] * 12
    for invoice in invoices:
        if invoice.issued_on.year == year and invoice.currency == currency and invoice.state != "void":
            by_month[invoice.issued_on.month - 1] += invoice.total_minor
    months = dates.get_month_names("abbreviated", locale=formats.locale_of(language))
    bars = [
        Bar(months[number].rstrip("."), total_minor, formats.money(total_minor, currency, language))
        for number, total_minor in enumerate(by_month, start=1)
    ]
    total = formats.money(sum(by_month), currency, language)
    title = _("Spending in %(year)s: %(total)s") % {"year": year, "total": total}
    return SpendingChart(year, sum(by_month), bar_chart("spending", title, bars))
