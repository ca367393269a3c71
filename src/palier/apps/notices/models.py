from django.db import models
from django.db.models import Q

from palier.apps.subscriptions.models import Subscription
from palier.kit.fields import Identified


class MailSet(models.QuerySet["Mail"]):
    def to_send(self) -> "MailSet":
        """Those that are still on their way."""
        return self.filter(sent_at=None, given_up_at=None, dropped_at=None)

    def dead(self) -> "MailSet":
        """Those that were given up and wait for a person."""
        return self.filter(sent_at=None, dropped_at=None).exclude(given_up_at=None)


class Mail(Identified):
    """A message in the outbox, complete as it will be sent. ``key`` is unique: a fact is told to a person once.

    ``trouble`` is what the mail server said last. A dead letter has been ``given_up_at`` and waits for a person, who
    has it sent again or drops it. The bodies of one with a ``secret_link`` are blanked once it is sent or dropped.
    """

    id_prefix = "mai"

    account_id = models.BigIntegerField()
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    recipient = models.EmailField(max_length=254)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    secret_link = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True, default="")
    given_up_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = MailSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="mail_to_send")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class RenewalPromise(Identified):
    """What a letter said about the coming renewal of a subscription: its sum in minor units and what it is for.

    ``items`` maps ``"plan:team"`` or ``"add_on:records"`` to a number of units, for periods of ``interval``. The
    renewal is compared with the newest one of its ``period_end``; a difference is explained to the customer.
    ``accepted_minor`` is another net sum for the same, with which a person let the renewal go on.
    """

    id_prefix = "prm"

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="promises")
    period_end = models.DateTimeField()
    interval = models.CharField(max_length=5, default="year")
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    items = models.JSONField()
    accepted_minor = models.BigIntegerField(null=True, blank=True)
    told_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subscription", "period_end"], name="promise_of_renewal")]

    def __str__(self) -> str:
        return f"{self.total_minor} {self.currency} on {self.period_end:%Y-%m-%d}"
