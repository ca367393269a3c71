"""Why this amount? Every line of a promise with its dates and its steps, as JSON for programs."""

from django.http import HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from palier.apps import catalogue
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.found import own_quote
from palier.interfaces.ui.lines import draft_of, shown_lines, titles_of


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
            "language": translation.get_language() or "en",
            "currency": draft.currency,
            "lines": lines,
            "net_minor": draft.net_minor,
            "tax_minor": draft.tax_minor,
            "total_minor": draft.total_minor,
            "draft": quote.draft,
        },
        json_dumps_params={"ensure_ascii": False},
    )
