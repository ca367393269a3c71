"""Articles that may answer what somebody is typing, before they have to wait for a person."""

from typing import Final

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from palier.apps.help import actions
from palier.interfaces.portal.access import MemberRequest, any_member_required
from palier.interfaces.portal.chat import answers

LONGEST: Final = 400
"""Characters that are looked at."""


@require_safe
@any_member_required
def suggest(request: MemberRequest) -> HttpResponse:
    """The articles that the words ``q`` are most likely about; 204 where there is none."""
    language = get_language() or "en"
    found = actions.suggest(request.GET.get("q", "").replace("\0", "")[-LONGEST:], language, limit=3)
    if not found:
        return HttpResponse(status=204)
    return answers.part(request, "suggestions", "suggestions", {"articles": found, "language": language})
