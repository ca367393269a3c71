"""A refusal that is told on the next page, as a message."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from palier.kit import card_numbers
from palier.kit.refusals import Refusal


def refused(request: HttpRequest, refusal: Refusal, *, level: int = messages.ERROR) -> None:
    """Tell it with its code, which the message's words lose on their way through the session."""
    text = refusal.text(get_language() or "en")
    messages.add_message(request, level, text, extra_tags=refusal.code)


def hidden(request: HttpRequest, *typed: str) -> None:
    """Tell that what was typed held a card's number, which was hidden before it was kept."""
    if any(card_numbers.mask(text)[1] for text in typed):
        messages.info(
            request,
            _("Your text held the number of a card. We have hidden it: card numbers are typed only into card fields."),
        )
