"""A conversation as somebody of the operator's team opens it: everything said, notes too, with what was looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject

from palier.apps.accounts.models import Operator
from palier.apps.chat import actions
from palier.apps.chat.models import Attachment, CannedAnswer, Conversation, Message, Participant
from palier.apps.invoices.models import InvoiceLine

MOST_MESSAGES: Final = 200
"""As many messages, the newest, are shown at a time."""

_UNREAD_COLUMNS: Final = ("quote__catalogue_version__content", "invoice__order__quote__catalogue_version__content")


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that the team gives often."""

    public_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the team, to whom a conversation can be given."""

    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Opened:
    """``messages`` have their people, files (``files``) and what was looked at with them, the oldest first;
    ``earlier``: there are more before them. ``newest`` is the id of the last one that there is, notes included;
    ``read_up_to`` how far the customer has read; ``others`` how many other conversations the account has."""

    conversation: Conversation
    messages: list[Message]
    earlier: bool
    newest: int
    read_up_to: int
    others: int
    team: tuple[Colleague, ...]
    canned: tuple[Canned, ...]


def opened(conversation_id: int, *, before: int = 0) -> Opened | None:
    """The newest messages, or those before the one of that id; two statements. None: there is no such conversation."""
    found: Any = _conversations().filter(pk=conversation_id).first()
    if found is None:
        return None
    said = messages_of(found)
    if before:
        said = said.filter(id__lt=before)
    page = list(said.order_by("-id")[: MOST_MESSAGES + 1])
    return Opened(
        conversation=found,
        messages=page[:MOST_MESSAGES][::-1],
        earlier=len(page) > MOST_MESSAGES,
        newest=found.last_id,
        read_up_to=found.read_up_to,
        others=found.others,
        team=tuple(Colleague(_public(Operator, each), each["name"]) for each in found.team),
        canned=tuple(Canned(_public(CannedAnswer, each), each["name"], each["text"]) for each in found.canned),
    )


def read(found: Opened, operator: Operator, *, now: datetime) -> None:
    """They have it before them now: nothing in it is new to them."""
    actions.read(found.conversation, operator.user, up_to=found.newest, now=now)


def last_answer(conversation: Conversation) -> int:
    """The id of the last message that the team wrote to the customer; 0 for none."""
    answers = Message.objects.filter(conversation=conversation, operator__isnull=False, note=False)
    return answers.aggregate(last=Max("id"))["last"] or 0


def messages_of(conversation: Conversation) -> Any:
    """Its messages with all that is shown of them: one statement."""
    files = Attachment.objects.filter(message=OuterRef("pk")).order_by("id")
    line = InvoiceLine.objects.filter(invoice=OuterRef("invoice"), position=OuterRef("line"))
    return (
        Message.objects.filter(conversation=conversation)
        .select_related(
            "member__user",
            "operator__user",
            "quote__catalogue_version",
            "order",
            "invoice__order__quote__catalogue_version",
        )
        .defer(*_UNREAD_COLUMNS)
        .annotate(
            files=ArraySubquery(files.values(file=JSONObject(id="id", name="name", kind="content_type", size="size"))),
            invoiced=Subquery(line.values(line=JSONObject(detail="detail", title="title"))),
        )
    )


def _conversations() -> Any:
    team = Operator.objects.filter(ended_at=None).order_by("user__name")
    canned = CannedAnswer.objects.filter(language=OuterRef("language")).order_by("name")
    read_up_to = (
        Participant.objects.filter(conversation=OuterRef("pk"), user__member__isnull=False)
        .order_by()
        .values("conversation")
        .values(most=Max("read_up_to"))
    )
    others = (
        Conversation.objects.filter(account=OuterRef("account"))
        .exclude(pk=OuterRef("pk"))
        .order_by()
        .values("account")
        .values(number=Count("pk"))
    )
    last = Message.objects.filter(conversation=OuterRef("pk")).order_by("-id").values("id")[:1]
    return Conversation.objects.select_related("account", "member__user", "assigned_to__user").annotate(
        team=ArraySubquery(team.values(one=JSONObject(id="id", name="user__name"))),
        canned=ArraySubquery(canned.values(one=JSONObject(id="id", name="name", text="text"))),
        read_up_to=Coalesce(Subquery(read_up_to), 0),
        others=Coalesce(Subquery(others), 0),
        last_id=Coalesce(Subquery(last), 0),
    )


def _public(model: type[Operator] | type[CannedAnswer], found: dict[str, Any]) -> str:
    return model(id=found["id"]).public_id
