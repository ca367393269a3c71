"""Beginning the trial of a paid plan, without a card."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from palier.apps.catalogue import current
from palier.flows import trial
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.ui import told
from palier.interfaces.ui.templatetags.ui import long_day
from palier.kit.refusals import Refusal


@require_POST
@buyer_required
def start(request: MemberRequest) -> HttpResponse:
    """Begin it now; a refusal is told on the plans page, and nothing has changed."""
    language = translation.get_language() or "en"
    try:
        begun = trial.start(request.account, request.member, now=request.now)
    except Refusal as refusal:
        told.refused(request, refusal, level=messages.WARNING)
        return redirect("plans")
    said = {"plan": current().plan(begun.plan).name(language), "day": long_day(begun.ends_at)}
    messages.success(request, _("You are trying %(plan)s until %(day)s. No card is needed.") % said)
    return redirect("home")
