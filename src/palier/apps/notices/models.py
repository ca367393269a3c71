from django.db import models
from django.db.models import Q

from palier.kit.fields import Identified


class Mail(Identified):
    """A message in the outbox, complete as it will be sent. ``key`` is unique: a fact is told to a person once.

    The bodies of one with a ``secret_link`` are blanked once it is sent.
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

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="mail_to_send")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"
