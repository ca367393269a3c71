"""A member and the operator's team talk: every message on its way into a conversation.

Operators are people of the present, so ``now`` is the present here, also where the account's test clock stands ahead.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from palier.apps.accounts.models import Account, Member, Operator, User
from palier.apps.chat import actions
from palier.apps.chat.models import LONGEST_MESSAGE, Conversation, ConversationState, Message
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.flows.conversations import attachments, chat_limits, tell_customer, tell_team
from palier.flows.conversations.attachments import Checked, Upload
from palier.flows.conversations.converse_refusals import (
    MessageTooLong,
    NoPlace,
    NothingWritten,
    NotOfTheTeam,
    NotSolvedYet,
    SaidMeanwhile,
    SentBefore,
    UnknownColleague,
    WordTooLong,
)
from palier.flows.conversations.news import NotYours
from palier.flows.conversations.readers import may_read
from palier.kit import card_numbers, ids

LONGEST_KEY: Final = 64
KEY: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
UNSHOWN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
VISIBLE: Final = re.compile(r"[^\s\u200b-\u200f\u2060\ufeff]")
LONGEST_WORD: Final = 500
"""Characters of the word that goes with the answer to the closing question."""

TYPING_FOR: Final = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Context:
    """What a member looked at: the page's path, public ids of what it showed, a line's position, a refusal's code."""

    screen: str = ""
    quote: str = ""
    order: str = ""
    invoice: str = ""
    line: int | None = None
    refusal_code: str = ""


def write(
    member: Member,
    text: str,
    *,
    conversation: Conversation | None,
    context: Context,
    files: Sequence[Upload],
    key: str,
    language: str,
    now: datetime,
) -> Message:
    """A member writes, in a conversation that they may read or (None) in a new one. A ``key`` is written once.

    Everybody who has a place in the account may, whatever its plan, its debts and their role: help is never locked.
    """
    kept, masked = _readied(text, files)
    checked = attachments.check(files)
    key = _key(key)
    with transaction.atomic():
        actions.alone(member.account_id)
        known = Message.objects.filter(member=member, key=key).select_related("conversation").first()
        if known is not None:
            return _same(known, kept, checked, conversation)
        member = Member.objects.select_related("account", "user").get(pk=member.pk)
        if member.deactivated_at is not None:
            raise NoPlace
        size = sum(len(file.content) for file in checked)
        chat_limits.check(member, begins=conversation is None, size=size, now=now)
        if conversation is None:
            conversation = actions.open_conversation(member.account, member, language[:5], now=now)
        elif may_read(member, conversation):
            conversation = _locked(conversation)
        else:
            raise NotYours
        message = Message(
            conversation=conversation,
            member=member,
            text=kept,
            masked=masked,
            key=key,
            written_at=now,
            screen=card_numbers.hidden(_shown(context.screen))[:200],
            line=context.line if context.line is not None and 0 <= context.line < 2**31 else None,
            refusal_code=card_numbers.hidden(_shown(context.refusal_code))[:60],
            **_named(member.account, context),
        )
        actions.say(message)
        attachments.keep(message, checked)
        actions.noticed(conversation, message)
        actions.move(conversation, ConversationState.OPEN, now=now)
        actions.read(conversation, member.user, up_to=message.id, sent=True, now=now)
        tell_team.of_question(message, member, now=now)
    return message


def answer(
    operator: Operator,
    conversation: Conversation,
    text: str,
    *,
    files: Sequence[Upload],
    key: str,
    seen: int | None = None,
    now: datetime,
) -> Message:
    """The team answers; it is the customer's turn then. Whoever answers first takes the conversation.

    ``seen`` is the id of the last message that the operator had before them: what the customer wrote since is not
    answered, and it stays the team's turn.
    """
    kept, masked = _readied(text, files)
    checked = attachments.check(files)
    with transaction.atomic():
        known = _known_of(operator, key)
        if known is not None:
            return _same(known, kept, checked, conversation)
        conversation = _locked(conversation)
        unseen = seen is not None and _customer_wrote_after(conversation, seen)
        message = _by_operator(operator, conversation, kept, masked=masked, note=False, key=key, now=now)
        attachments.keep(message, checked)
        actions.noticed(conversation, message)
        actions.move(conversation, ConversationState.OPEN if unseen else ConversationState.WAITING, now=now)
        if conversation.assigned_to_id is None:
            actions.assign(conversation, operator)
        actions.read(
            conversation, operator.user, up_to=seen if unseen and seen is not None else message.id, sent=True, now=now
        )
        tell_customer.later(message, now=now)
    return message


def note(operator: Operator, conversation: Conversation, text: str, *, key: str, now: datetime) -> Message:
    """The team notes something that the customer never sees."""
    kept, masked = _readied(text, ())
    with transaction.atomic():
        known = _known_of(operator, key)
        if known is not None:
            return _same(known, kept, (), conversation, note=True)
        conversation = _locked(conversation)
        return _by_operator(operator, conversation, kept, masked=masked, note=True, key=key, now=now)


def solve(conversation: Conversation, *, seen: int | None = None, now: datetime) -> None:
    """The team marks a conversation as solved; the customer is asked whether it was.

    ``seen`` as in ``answer``: what the customer wrote since keeps the conversation open.
    """
    with transaction.atomic():
        conversation = _locked(conversation)
        if seen is not None and _customer_wrote_after(conversation, seen):
            raise SaidMeanwhile
        if conversation.state != ConversationState.CLOSED:
            actions.move(conversation, ConversationState.CLOSED, now=now)
            tell_customer.of_solution_later(conversation, now=now)


def assign(conversation: Conversation, to: str) -> Operator | None:
    """Give a conversation to one of the team by their public id, or ("") to nobody."""
    operator = None
    if to:
        try:
            operator = Operator.objects.select_related("user").get(pk=ids.parse(Operator.id_prefix, to), ended_at=None)
        except (ids.UnknownId, Operator.DoesNotExist):
            raise UnknownColleague from None
    actions.assign(conversation, operator)
    return operator


def reopen(conversation: Conversation, *, now: datetime) -> None:
    """The team takes a solved conversation up again."""
    with transaction.atomic():
        conversation = _locked(conversation)
        if conversation.state == ConversationState.CLOSED:
            actions.move(conversation, ConversationState.OPEN, now=now)


def read(conversation: Conversation, user: User, *, up_to: int, now: datetime) -> None:
    """A person has the messages up to this id on their screen; the other side sees that. Never goes back."""
    actions.read(conversation, user, up_to=min(up_to, _last(conversation)), now=now)


def typing(conversation: Conversation, user: User, *, now: datetime) -> None:
    """A person is typing: told again every few seconds, it is over soon after the last time."""
    actions.typing(conversation, user, until=now + TYPING_FOR, now=now)


def satisfied(member: Member, conversation: Conversation, yes: bool, word: str, *, now: datetime) -> None:
    """The customer answers the question that closes a conversation; they may change their mind while it is closed."""
    word, _masked = card_numbers.mask(_shown(word).strip())
    if len(word) > LONGEST_WORD:
        raise WordTooLong(most=LONGEST_WORD)
    if not may_read(member, conversation):
        raise NotYours
    with transaction.atomic():
        conversation = _locked(conversation)
        if conversation.state != ConversationState.CLOSED:
            raise NotSolvedYet
        actions.satisfied(conversation, yes, word)


def _readied(text: str, files: Sequence[Upload]) -> tuple[str, bool]:
    """The text as it is kept, card numbers hidden, and whether there was one."""
    text = _shown(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not VISIBLE.search(text) and not files:
        raise NothingWritten
    if len(text) > LONGEST_MESSAGE:
        raise MessageTooLong(most=LONGEST_MESSAGE)
    return card_numbers.mask(text)


def _last(conversation: Conversation) -> int:
    return Message.objects.filter(conversation=conversation).aggregate(last=Max("id"))["last"] or 0


def _locked(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",)).select_related("account").get(pk=conversation.pk)


def _named(account: Account, context: Context) -> dict[str, int | None]:
    """What of the account the context names; a public id of somebody else's, or of nothing, names nothing."""
    return {
        "quote_id": _own(Quote, account, context.quote),
        "order_id": _own(Order, account, context.order),
        "invoice_id": _own(Invoice, account, context.invoice),
    }


def _own(model: type[Quote] | type[Order] | type[Invoice], account: Account, public_id: str) -> int | None:
    try:
        identity = ids.parse(model.id_prefix, public_id)
    except ids.UnknownId:
        return None
    return identity if model.objects.filter(pk=identity, account=account).exists() else None


def _known_of(operator: Operator, key: str) -> Message | None:
    """What an operator, who writes one thing at a time, has written under this key already."""
    actions.alone(operator.pk)
    if not Operator.objects.filter(pk=operator.pk, ended_at=None).exists():
        raise NotOfTheTeam
    return Message.objects.filter(operator=operator, key=_key(key)).select_related("conversation").first()


def _same(
    known: Message, text: str, files: Sequence[Checked], conversation: Conversation | None, *, note: bool = False
) -> Message:
    """The message of a key that was used, where this is the same once more; whatever else it is was not sent."""
    hashes = sorted(known.attachments.values_list("sha256", flat=True))
    if (known.text, known.note, hashes) != (text, note, sorted(file.sha256 for file in files)):
        raise SentBefore
    if conversation is not None and conversation.pk != known.conversation_id:
        raise SentBefore
    return known


def _customer_wrote_after(conversation: Conversation, seen: int) -> bool:
    return Message.objects.filter(conversation=conversation, id__gt=seen, member__isnull=False).exists()


def _by_operator(
    operator: Operator, conversation: Conversation, text: str, *, masked: bool, note: bool, key: str, now: datetime
) -> Message:
    message = Message(
        conversation=conversation,
        operator=operator,
        note=note,
        text=text,
        masked=masked,
        key=_key(key),
        written_at=now,
    )
    actions.say(message)
    return message


def _key(key: str) -> str:
    """The key as it is kept: itself where it is one, its hash where it is any other text, or a card's number, a new
    one for none."""
    if not key:
        return secrets.token_urlsafe()
    right = KEY.fullmatch(key) and not card_numbers.mask(key)[1]
    return key if right else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _shown(text: str) -> str:
    """The text without what controls a terminal, turns the text around, or is no letter at all; line ends stay."""
    return UNSHOWN.sub("", text)
