"""The inbox: every conversation, by whose turn it is, by who has it, or by what is searched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from zlib import crc32

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from palier.apps.accounts import actions
from palier.apps.chat.models import ConversationState
from palier.flows.conversations import inbox
from palier.flows.conversations.inbox import MOST_COUNTED, WHOSE, Wish
from palier.flows.conversations.inbox_search import LONGEST_SEARCH
from palier.interfaces.backoffice.access import OperatorRequest, operator_required
from palier.interfaces.backoffice.times import since_words
from palier.kit import clock

NOTHING_NEW = 204
LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at the inbox, with how many conversations are there."""

    words: str
    number: str
    address: str
    current: bool


@require_safe
@operator_required
def page(request: OperatorRequest) -> HttpResponse:
    """The list; ``mark`` asks for its part of the page alone, and for nothing where that is as it was.

    A tab that nobody sees asks with ``seen=0``: it is nobody at the desk.
    """
    now = clock.now()
    if request.GET.get("seen") != "0":
        actions.at_the_desk(request.operator, now=now)
    wish = wish_of(request.GET)
    counted = inbox.counts(request.operator, wish.state)
    listed = inbox.listed(request.operator, wish)
    context = {
        "wish": wish,
        "states": _states(wish, counted),
        "whose": [] if wish.words else _whose(wish, counted),
        "rows": [(row, since_words(row.since, now)) for row in listed.rows],
        "next": _address(wish, after=listed.next_key) if listed.next_key else "",
        "first": _address(wish) if wish.after else "",
        "waiting_for_us": _number(counted.open),
        "longest": LONGEST_SEARCH,
    }
    part = render_to_string("backoffice/_conversations.html", context, request)
    mark = f"{crc32(part.encode()):x}"
    if "mark" not in request.GET:
        return render(request, "backoffice/inbox.html", {**context, "part": part, "mark": mark})
    if request.GET["mark"] == mark:
        return HttpResponse(status=NOTHING_NEW)
    response = HttpResponse(part)
    response["X-Mark"] = mark
    return response


def wish_of(asked: Mapping[str, str]) -> Wish:
    """What the address asks for; what it cannot mean is left out."""
    words = asked.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    state = asked.get("state", "")
    whose = asked.get("whose", "")
    return Wish(
        state=state if state in ConversationState.values else "" if words else ConversationState.OPEN,
        whose=whose if whose in WHOSE and not words else "all",
        words=words,
        after=asked.get("after", "")[:LONGEST_KEY],
    )


def _states(wish: Wish, counted: inbox.Counts) -> list[Tab]:
    found = (
        (ConversationState.OPEN, pgettext("conversations", "Open"), counted.open),
        (ConversationState.WAITING, _("Waiting for the customer"), counted.waiting),
        (ConversationState.CLOSED, pgettext("conversations", "Solved"), counted.closed),
    )
    return [
        Tab(words, _number(number), _address(Wish(state=state, whose=wish.whose)), current=state == wish.state)
        for state, words, number in found
    ]


def _whose(wish: Wish, counted: inbox.Counts) -> list[Tab]:
    found = (
        ("all", _("Everybody’s"), None),
        ("mine", _("Mine"), counted.mine),
        ("nobody", _("Nobody’s"), counted.nobodys),
    )
    return [
        Tab(
            words,
            "" if number is None else _number(number),
            _address(Wish(state=wish.state, whose=whose)),
            current=whose == wish.whose,
        )
        for whose, words, number in found
    ]


def _number(counted: int) -> str:
    return f"{MOST_COUNTED}+" if counted > MOST_COUNTED else str(counted)


def _address(wish: Wish, *, after: str = "") -> str:
    asked = {"state": wish.state, "whose": wish.whose if wish.whose != "all" else "", "q": wish.words, "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('inbox')}?{query}"
