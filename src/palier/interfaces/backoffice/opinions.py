"""What readers say about the help centre: which articles answer, which do not, and in which words."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from palier.apps.help import library, opinions
from palier.apps.help.opinions import Tally
from palier.interfaces.backoffice.access import OperatorRequest, operator_required
from palier.interfaces.ui.charts import Part, parts_bar

MOST_WORDS = 30


@require_safe
@operator_required
def page(request: OperatorRequest) -> HttpResponse:
    """Every article with its count, those that answer least first; then the latest words."""
    spoken = dict(settings.LANGUAGES)
    chosen = request.GET.get("language", "")
    languages = [chosen] if chosen in spoken else list(spoken)
    tallies = sorted(
        opinions.tallies(*languages), key=lambda tally: (not tally.given, tally.answered_ppm, -tally.given)
    )
    words = [
        (opinion, library.article(opinion.slug, opinion.language))
        for opinion in opinions.words(*languages)[:MOST_WORDS]
    ]
    context = {
        "chosen": chosen if chosen in spoken else "",
        "rows": [(tally, drawn(tally)) for tally in tallies],
        "whole": sum(tally.given for tally in tallies),
        "words": words,
    }
    return render(request, "backoffice/opinions.html", context)


def drawn(tally: Tally) -> str:
    """Yes and No as a bar; "" where nobody has said anything."""
    if not tally.given:
        return ""
    said = _("%(yes)s yes, %(no)s no") % {"yes": tally.yes, "no": tally.no}
    return parts_bar([Part("yes", tally.yes), Part("no", tally.no)], said)
