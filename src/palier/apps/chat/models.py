from typing import ClassVar, Final

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from palier.apps.accounts.models import Account, Member, Operator, User
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.kit.fields import Identified
from palier.kit.triggers import append_only, never_emptied

LONGEST_MESSAGE: Final = 4000
"""Characters of a message."""

LARGEST_ATTACHMENT: Final = 5 * 1024 * 1024
"""Bytes of an attachment."""


class Plain(models.Func):
    """A text as the search compares it: small letters without their accents."""

    function = "palier_plain"
    arity = 1
    output_field = models.TextField()


class ConversationState(models.TextChoices):
    """Whose turn it is: OPEN, the team's; WAITING, the customer's; CLOSED, nobody's until somebody writes again."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Conversation(Identified):
    """What a member and the operator's team say to one another. It belongs to the account, and outlives the member.

    ``newest`` is the id of its last message that the customer sees, ``solved_up_to`` of the last one when it was last
    solved. ``changed_at`` is when anything was last said in it, ``answered_at`` when the team first answered.
    ``satisfied`` is the customer's answer to the last closing question, None as long as there is none.
    """

    id_prefix = "cnv"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="conversations")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="conversations")
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=10, choices=ConversationState.choices, default=ConversationState.OPEN)
    assigned_to = models.ForeignKey(Operator, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned")
    newest = models.BigIntegerField(default=0)
    solved_up_to = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    satisfied = models.BooleanField(null=True, blank=True)
    satisfied_word = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (Q(state__in=("open", "waiting")) & Q(closed_at=None)),
                name="conversation_closed_means_when",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-changed_at"], name="conversation_inbox"),
            models.Index(fields=["account", "-changed_at"], name="conversation_of_account"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Message(Identified):
    """Something said: by a member, by an operator, or (``note``) among operators only. Never changed.

    ``text`` holds no card number: it is masked before it gets here, and ``masked`` says that it was. What the member
    looked at when they wrote is kept with it: ``screen`` is the page's path, ``line`` the position of the line of the
    quote or invoice that they asked about, ``refusal_code`` the refusal on the screen. ``key`` makes a form that its
    author sends twice one message. Ids grow in the order of a conversation, whoever writes on whatever machine.
    """

    id_prefix = "msg"

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.BooleanField(default=False)
    text = models.CharField(max_length=LONGEST_MESSAGE, blank=True, default="")
    masked = models.BooleanField(default=False)
    key = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    screen = models.CharField(max_length=200, blank=True, default="")
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    line = models.PositiveIntegerField(null=True, blank=True)
    refusal_code = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "key"], condition=Q(member__isnull=False), name="message_sent_once"
            ),
            models.UniqueConstraint(
                fields=["operator", "key"], condition=Q(operator__isnull=False), name="answer_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False, operator=None, note=False) | Q(member=None, operator__isnull=False),
                name="message_has_one_author",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_in_order"),
            models.Index(fields=["member", "-written_at"], name="message_of_member"),
            GinIndex(SearchVector("text", config="palier_words"), name="message_words"),
            GinIndex(OpClass(Plain(F("text")), name="gin_trgm_ops"), name="message_letters"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return self.public_id


class Attachment(Identified):
    """A file of a safe type that came with a message; ``size`` in bytes."""

    id_prefix = "att"

    TYPES: ClassVar = {
        "image/png": "png",
        "image/jpeg": "jpg",
        "image/gif": "gif",
        "image/webp": "webp",
        "application/pdf": "pdf",
        "text/plain": "txt",
        "text/csv": "csv",
    }

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=LARGEST_ATTACHMENT), name="attachment_size"),
            models.CheckConstraint(
                condition=Q(
                    content_type__in=(
                        *("image/png", "image/jpeg", "image/gif", "image/webp"),
                        *("application/pdf", "text/plain", "text/csv"),
                    )
                ),
                name="attachment_type_safe",
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """How far a person has read a conversation, when they last looked at it, and until when they are typing."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    read_up_to = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    typing_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="participant_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.conversation}"


class CannedAnswer(Identified):
    """An answer that the team gives often, in one language."""

    id_prefix = "can"

    name = models.CharField(max_length=80)
    language = models.CharField(max_length=5)
    text = models.CharField(max_length=LONGEST_MESSAGE)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="canned_answer_once")]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """From when to when the team is there on a day of the week (0 Monday to 6 Sunday), in the seller's zone."""

    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_known"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="opens_before_it_closes"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"
