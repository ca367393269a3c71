"""An account's life as two lists: what lies ahead of its clock, and what has happened, letters included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import BigIntegerField, Func, JSONField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from palier.apps.accounts.models import Member
from palier.apps.events.models import SILENT, Event
from palier.apps.gateways.reasons import REASONS
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import SubscriptionState
from palier.flows import coming, upcoming
from palier.flows.coming import Coming
from palier.flows.facts import Facts, Held
from palier.interfaces.ui.timeline_words import author_of, looks_of, words_ahead, words_of
from palier.kit import formats, ids

MOST_AHEAD: Final = 12
IN_SIGHT: Final = timedelta(days=400)
"""How far ahead the list looks: a year's renewal is in it, a card that expires in ten years is not."""

MOST_PAST: Final = 40
MAIL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, an icon, a state ("good", "care", "bad" or ""), a sentence; perhaps a sum, an invoice, who."""

    at: datetime
    icon: str
    state: str
    text: str
    detail: str = ""
    total_minor: int | None = None
    currency: str = ""
    invoice: Invoice | None = None
    by: str = ""


def of(facts: Facts, *, now: datetime) -> tuple[list[Entry], list[Entry]]:
    """What will happen, the next first; and what has happened, the latest first. Three statements."""
    account_id = facts.account.id
    ahead = coming.of(account_id, before=now + IN_SIGHT)[:MOST_AHEAD]
    rows = _past(account_id)
    numbers = {_identity(payload.get("invoice", "")) for _at, _id, _kind, payload, *_ in rows}
    numbers |= {row.subject for row in ahead if row.kind in upcoming.DUNNING}
    invoices = Invoice.objects.in_bulk(numbers - {0})
    return (
        [_ahead(row, facts, invoices) for row in ahead],
        [
            replace(_happened(at, kind, payload, invoices), by=author_of(author, role, name) if author else "")
            for at, _id, kind, payload, author, role, name in rows
        ],
    )


def _past(account_id: int) -> Iterable[tuple[datetime, int, str, Mapping[str, Any], str, str, str]]:
    """Facts and letters in one statement, in the order in which they were written."""
    identity = ids.parsed_in_sql(Member.id_prefix, "%(expressions)s")
    author = Func(OuterRef("author"), template=identity, output_field=BigIntegerField())
    named = Member.objects.filter(account=account_id, pk=author).values("user__name")
    name = Coalesce(Subquery(named), Value(""))
    facts = Event.objects.filter(account_id=account_id).exclude(kind__in=SILENT).annotate(name=name)
    letters = Mail.objects.filter(account_id=account_id)
    said = Cast(JSONObject(subject="subject", to="recipient"), JSONField())
    both = facts.values_list("at", "id", "kind", "payload", "author", "role", "name").union(
        letters.annotate(said=said, what=Value(MAIL), by=Value(""), role=Value(""), name=Value("")).values_list(
            "written_at", "id", "what", "said", "by", "role", "name"
        ),
        all=True,
    )
    return list(both.order_by("-id")[:MOST_PAST])


def _identity(public_id: object) -> int:
    try:
        return ids.parse(Invoice.id_prefix, str(public_id))
    except ids.UnknownId:
        return 0


def _ahead(row: Coming, facts: Facts, invoices: Mapping[int, Invoice]) -> Entry:
    held = next((each for each in facts.held if each.subscription.id == row.subject), None)
    if row.kind == upcoming.RENEWAL and held is not None:
        return _renewal(row, facts, held)
    icon, state = looks_of(row.kind)
    invoice = invoices.get(row.subject)
    return Entry(row.at, icon, state, words_ahead(row.kind), invoice=invoice)


def _renewal(row: Coming, facts: Facts, held: Held) -> Entry:
    """The renewal as the letters and screens promise it; or the end."""
    next_one = upcoming.of(facts, held)
    plan = facts.catalogue.plan((next_one.items[0] if next_one.items else held.current.state.plan).price.key)
    name = plan.name(get_language() or "en")
    if next_one.preview is None:
        return Entry(row.at, "cross", "care", _("%(plan)s ends, as canceled") % {"plan": name})
    users = ngettext("%(n)s user", "%(n)s users", next_one.seats) % {
        "n": formats.whole_number(next_one.seats, get_language() or "en")
    }
    by = _("by the year") if next_one.items[0].price.interval == "year" else _("by the month")
    active = held.subscription.state == SubscriptionState.ACTIVE
    said = _("%(plan)s is renewed") if active else _("%(plan)s is renewed, once the open invoice is paid")
    return Entry(
        row.at,
        "calendar",
        "",
        said % {"plan": name},
        detail=f"{users}, {by}",
        total_minor=next_one.preview.total_minor,
        currency=held.current.state.currency,
    )


def _happened(at: datetime, kind: str, payload: Mapping[str, Any], invoices: Mapping[int, Invoice]) -> Entry:
    icon, state = looks_of(kind)
    if kind == MAIL:
        return Entry(at, icon, state, str(payload["subject"]), detail=str(payload["to"]))
    invoice = invoices.get(_identity(payload.get("invoice", "")))
    reason = REASONS.get(str(payload.get("reason", "")))
    detail = reason.words(get_language() or "en") if reason and kind == "payment.failed" else ""
    text = words_of(kind, str(payload.get("reason", payload.get("what", ""))))
    if invoice is None:
        return Entry(at, icon, state, text, detail=detail)
    total = invoice.total_minor if kind in ("order.settled", "subscription.renewed", "seats.billed") else None
    return Entry(at, icon, state, text, detail, total, invoice.currency, invoice)
