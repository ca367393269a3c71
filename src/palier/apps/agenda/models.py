from django.db import models
from django.db.models import F, Q

from palier.kit.fields import Identified


class Due(models.Model):
    """One thing that happens to an account at an instant of its own time, e.g. a renewal; gone once it has happened.

    ``subject`` is the id of what it is about: a subscription, an invoice, a trial. Rows of a night's renewals are
    neighbours, as their subscriptions are. No foreign keys: the rows come and go with each renewal.
    """

    kind = models.CharField(max_length=24)
    subject = models.BigIntegerField()
    account_id = models.BigIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="due_once")]
        indexes = [
            models.Index(fields=["due_at"], name="due_soonest"),
            models.Index(fields=["account_id", "due_at"], name="due_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d %H:%M}"


class BillingRun(Identified):
    """One planned run over all renewals due until an instant, cut into chunks: the run's ledger of work."""

    id_prefix = "run"

    until = models.DateTimeField()
    planned = models.PositiveIntegerField()
    planned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.public_id


class BillingChunk(Identified):
    """A range of subscriptions of a run, one transaction's work; ``renewed`` and ``left`` count what became of it."""

    id_prefix = "chk"

    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="chunks")
    first_subject = models.BigIntegerField()
    last_subject = models.BigIntegerField()
    renewed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first_subject__lte=F("last_subject")), name="chunk_range_in_order"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Failure(Identified):
    """Something due that could not be done, with its reason, for a person to look at; the others went on.

    It is tried again at ``retry_at``; ``resolved_at`` is set once it succeeds.
    """

    id_prefix = "fai"

    kind = models.CharField(max_length=24)
    subject = models.BigIntegerField()
    account_id = models.BigIntegerField()
    error = models.CharField(max_length=400)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    retry_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(resolved_at=None), name="one_open_failure"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.error}"
