"""The inbox of the operator's team: which conversations it lists, in which order, and how many there are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject, Left

from palier.apps.accounts.models import Operator
from palier.apps.chat.models import Conversation, ConversationState, Message, Participant
from palier.flows.conversations.inbox_search import found
from palier.kit import ids

PER_PAGE: Final = 30
MOST_COUNTED: Final = 999
"""Conversations of one kind are counted up to here and no further."""

WHOSE: Final = ("all", "mine", "nobody")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_COUNTS: Final = """
    SELECT
        (SELECT count(*) FROM (SELECT FROM chat_conversation WHERE state = 'open' LIMIT %(most)s) c),
        (SELECT count(*) FROM (SELECT FROM chat_conversation WHERE state = 'waiting' LIMIT %(most)s) c),
        (SELECT count(*) FROM (SELECT FROM chat_conversation WHERE state = 'closed' LIMIT %(most)s) c),
        (SELECT count(*) FROM (SELECT FROM chat_conversation
            WHERE state = %(state)s AND assigned_to_id = %(operator)s LIMIT %(most)s) c),
        (SELECT count(*) FROM (SELECT FROM chat_conversation
            WHERE state = %(state)s AND assigned_to_id IS NULL LIMIT %(most)s) c)
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator wants listed. ``state`` empty: every one, as a search does; ``whose`` is "all", "mine" or
    "nobody"; ``words`` are searched for; ``after`` is the key of the last one on the page before."""

    state: str = ConversationState.OPEN
    whose: str = "all"
    words: str = ""
    after: str = ""

    @property
    def oldest_first(self) -> bool:
        """Who waits for the team is listed by how long they wait."""
        return self.state == ConversationState.OPEN and not self.words


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list. ``since``: since when it is the customer who waits, else when anything was last
    said; ``last`` is the last message that both sides see, ``last_by`` the operator who wrote it ("": the customer)."""

    conversation: Conversation
    since: datetime
    unread: bool
    last: str
    last_by: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list; ``next_key`` is empty on the last one."""

    rows: list[Row]
    next_key: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are by state, each up to ``MOST_COUNTED`` + 1; ``mine`` and ``nobodys`` of the state asked for."""

    open: int
    waiting: int
    closed: int
    mine: int
    nobodys: int


def counts(operator: Operator, state: str) -> Counts:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"most": MOST_COUNTED + 1, "operator": operator.pk, "state": state or "open"})
        return Counts(*cursor.fetchone())


def listed(operator: Operator, wish: Wish) -> Listed:
    """The conversations that are wished for, in one statement."""
    rows = _wished(operator, wish).select_related("account", "member__user", "assigned_to__user")
    rows = rows.annotate(
        since=_since(),
        last=Subquery(
            Message.objects.filter(pk=OuterRef("newest")).values(
                said=JSONObject(text=Left("text", 200), by="operator__user__name")
            )
        ),
        unread=ExpressionWrapper(Q(newest__gt=Coalesce(_read_up_to(operator), 0)), output_field=BooleanField()),
    )
    key = _key(wish.after)
    if wish.oldest_first:
        ordered = rows.order_by("since", "id")
        if key:
            ordered = ordered.filter(Q(since__gt=key[0]) | Q(since=key[0], id__gt=key[1]))
    else:
        ordered = rows.order_by("-changed_at", "-id")
        if key:
            ordered = ordered.filter(Q(changed_at__lt=key[0]) | Q(changed_at=key[0], id__lt=key[1]))
    page: list[Any] = list(ordered[: PER_PAGE + 1])
    more, page = len(page) > PER_PAGE, page[:PER_PAGE]
    return Listed([_row(each) for each in page], _key_of(page[-1], wish) if more else "")


def _wished(operator: Operator, wish: Wish) -> QuerySet[Conversation]:
    conversations = found(wish.words) if wish.words else Conversation.objects.all()
    if wish.state:
        conversations = conversations.filter(state=wish.state)
    if wish.whose == "mine":
        conversations = conversations.filter(assigned_to=operator)
    if wish.whose == "nobody":
        conversations = conversations.filter(assigned_to=None)
    return conversations


def _since() -> Coalesce:
    """Of an open conversation when the customer wrote first after the team's last answer, else its last change."""
    said = Message.objects.filter(conversation=OuterRef("pk"), note=False)
    asked = (
        said.filter(conversation__state=ConversationState.OPEN, member__isnull=False)
        .annotate(answered=Coalesce(_answered(), 0))
        .filter(id__gt=F("answered"))
        .order_by("id")
        .values("written_at")[:1]
    )
    return Coalesce(Subquery(asked), F("changed_at"), output_field=DateTimeField())


def _answered() -> Subquery:
    """The team's last answer in the conversation of a message."""
    said = Message.objects.filter(conversation=OuterRef("conversation"), note=False, operator__isnull=False)
    return Subquery(said.order_by("-id").values("id")[:1])


def _read_up_to(operator: Operator) -> Subquery:
    return Subquery(Participant.objects.filter(conversation=OuterRef("pk"), user=operator.user_id).values("read_up_to"))


def _row(found: Any) -> Row:
    last = found.last or {"text": "", "by": None}
    return Row(found, found.since, found.unread, last["text"], last["by"] or "")


def _key_of(last: Any, wish: Wish) -> str:
    at: datetime = last.since if wish.oldest_first else last.changed_at
    return f"{(at - _EPOCH) // _MICROSECOND}.{last.public_id}"


def _key(text: str) -> tuple[datetime, int] | None:
    """The place behind a key; anything else than a key is the beginning."""
    at, _, public_id = text.partition(".")
    if not (at.isascii() and at.isdecimal() and len(at) <= 16):
        return None
    try:
        return _EPOCH + int(at) * _MICROSECOND, ids.parse(Conversation.id_prefix, public_id)
    except ids.UnknownId:
        return None
