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
from palier.engine.drafts import RenewalPreview
from palier.flows import upcoming
from palier.flows.facts import Facts, facts_of
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.portal.home import plan_held
from palier.interfaces.portal.members import seats_shown
from palier.interfaces.portal.next_steps import next_steps
from palier.interfaces.ui.charts import Bar, bar_chart
from palier.interfaces.ui.waiting import waiting_of
from palier.kit import formats

LAST_INVOICES = 4


@dataclass(frozen=True, slots=True)
class SpendingChart:
    """This year's invoices: ``total_minor`` with tax, and the drawing."""

    year: int
    total_minor: int
    drawing: SafeString


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One subscription on screen: what it is now, and what it will be. ``renewal`` None: ``at`` is its last day;
    ``waits``: that of the renewal is past, and an invoice must be paid first."""

    interval: str
    seats: int
    seats_at_renewal: int
    monthly_minor: int
    at: datetime
    waits: bool
    renewal: RenewalPreview | None


@require_safe
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """The overview; for a free account what will be here, and the first step; in a trial until when; after the end of
    either, what stays."""
    now = request.now
    facts = facts_of(request.account, now=now)
    held = plan_held(facts, now=now)
    if held.state is None:
        ended = request.account.subscriptions.order_by("-ended_at").first() if facts.had_before else None
        tried = {"trying": facts.tries(now), "trial": facts.trial}
        return render(request, "portal/overview.html", {"held": held, "ended": ended, **tried})
    context: dict[str, object] = {
        "held": held,
        **seats_shown(request, seats.of_account(request.account, now=now), facts),
        "currency": held.state.currency,
        "subscribed": subscribed(facts, now=now),
        "waiting": waiting_of(facts),
        "ending": not facts.renewing,
    }
    if request.member.may_buy:
        context |= _money_of(facts, held.state.currency, now)
    return render(request, "portal/overview.html", context)


def subscribed(facts: Facts, *, now: datetime) -> list[Subscribed]:
    """The subscriptions of an account, the monthly one first, each with its next renewal or its end."""
    shown = []
    for held in facts.held:
        next_one = upcoming.of(facts, held)
        end = held.subscription.period_end
        shown.append(
            Subscribed(
                interval=held.interval,
                seats=held.seats,
                seats_at_renewal=next_one.seats,
                monthly_minor=held.current.state.plan.price.monthly_minor,
                at=end if next_one.preview else formats.last_instant(end),
                waits=facts.unpaid and end <= now,
                renewal=next_one.preview,
            )
        )
    return shown


def _money_of(facts: Facts, currency: str, now: datetime) -> dict[str, object]:
    """What was paid, what will be, and from which card: for those who may buy, as on the pages behind."""
    year = now.astimezone(ZoneInfo(facts.catalogue.policy.zone)).year
    # A paid plan renews within a year, so its last invoices are of this year or the one before.
    found = facts.account.invoices.filter(issued_on__year__gte=year - 1).select_related("collection")
    recent = list(found.order_by("-issued_at"))
    return {
        "owed": [(invoice, next_steps(invoice)) for invoice in recent if invoice.state == "open"],
        "card": facts.account.payment_methods.filter(is_default=True).first(),
        "invoices": recent[:LAST_INVOICES],
        "spending": spending_chart(recent, currency, year),
    }


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
