"""Why this amount? Every line of a promise with its dates and its steps, as sentences on the page and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from palier.apps import catalogue
from palier.apps.catalogue import Catalogue
from palier.apps.orders.models import Quote
from palier.engine import explain, wire
from palier.engine.drafts import Draft
from palier.engine.explain import Step
from palier.engine.lines import Line, LineKind
from palier.engine.prices import ItemKind
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.found import own_quote
from palier.interfaces.ui.explanations import sentences
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line as the screen shows it: ``amount_minor`` is net, in minor units of the draft's currency."""

    title: str
    what: str
    dates: str
    share: str
    amount_minor: int
    steps: tuple[Step, ...]
    sentences: tuple[str, ...]


def draft_of(quote: Quote) -> Draft:
    """The draft that the quote promises."""
    return wire.draft_from_json(quote.draft)


def titles_of(draft: Draft, sold_from: Catalogue) -> dict[str, str]:
    """The names of plans and add-ons in the reader's language, as the catalogue that they were sold from has them."""
    return {line.key: sold_from.item_name(line.key, _language()) for line in draft.lines}


def shown_lines(draft: Draft, titles: Mapping[str, str]) -> list[ShownLine]:
    """Every line of a draft, explained in the active language."""
    return [_shown(line, draft, titles) for line in draft.lines]


@require_safe
@buyer_required
def as_json(request: MemberRequest, quote_id: str) -> HttpResponse:
    """The same explanation for programs: codes and exact values beside the sentences."""
    quote = own_quote(request, quote_id)
    draft = draft_of(quote)
    titles = titles_of(draft, catalogue.at(quote.catalogue_version_id))
    lines = [
        {
            "title": shown.title,
            "kind": line.kind,
            "key": line.key,
            "period": {"start": line.period.start.isoformat(), "end": line.period.end.isoformat()},
            "amount_minor": line.amount_minor,
            "steps": [
                {"code": step.code, "params": step.params, "sentence": sentence}
                for step, sentence in zip(shown.steps, shown.sentences, strict=True)
            ],
        }
        for line, shown in zip(draft.lines, shown_lines(draft, titles), strict=True)
    ]
    return JsonResponse(
        {
            "quote": quote.public_id,
            "digest": quote.digest,
            "language": _language(),
            "currency": draft.currency,
            "lines": lines,
            "net_minor": draft.net_minor,
            "tax_minor": draft.tax_minor,
            "total_minor": draft.total_minor,
            "draft": quote.draft,
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _shown(line: Line, draft: Draft, titles: Mapping[str, str]) -> ShownLine:
    chain = explain.steps(line, draft)
    return ShownLine(
        title=titles.get(line.key, line.key),
        what=_what(line),
        dates=_dates(line.period.start, line.period.end, draft.policy.zone),
        share=_share(line),
        amount_minor=line.amount_minor,
        steps=chain,
        sentences=tuple(sentences(chain, titles=titles)),
    )


def _what(line: Line) -> str:
    quantity = formats.whole_number(line.quantity, _language())
    if line.item_kind is ItemKind.PLAN:
        counted = ngettext("%(quantity)s user", "%(quantity)s users", line.quantity) % {"quantity": quantity}
    else:
        counted = ngettext("%(quantity)s unit", "%(quantity)s units", line.quantity) % {"quantity": quantity}
    if line.kind is LineKind.CREDIT:
        return _("Credit for time already paid, %(counted)s") % {"counted": counted}
    return counted


def _dates(start: datetime, end: datetime, zone: str) -> str:
    """The days that are covered, both included: the period is half-open."""
    return _("From %(first)s to %(last)s") % {
        "first": formats.day(start, _language(), zone),
        "last": formats.day(end - datetime.resolution, _language(), zone),
    }


def _share(line: Line) -> str:
    if line.left == line.units:
        return ""
    said = {
        "left": formats.whole_number(line.left, _language()),
        "units": formats.whole_number(line.units, _language()),
    }
    return (_("%(left)s of %(units)s days") if line.unit == "day" else _("%(left)s of %(units)s seconds")) % said


def _language() -> str:
    return translation.get_language() or "en"
