import pgtrigger
from django.db import models

from palier.kit.fields import Identified


class Event(Identified):
    """One fact about an account, e.g. ``order.settled``, with the public ids that it concerns."""

    id_prefix = "evt"

    account_id = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account_id", "id"], name="event_by_account")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
