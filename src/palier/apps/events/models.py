from typing import Final

from django.db import models

from palier.apps.events.authors import LONGEST, OPERATOR, VOICES
from palier.kit.fields import Identified
from palier.kit.triggers import append_only, never_emptied

SILENT: Final = ("quote.made", "order.placed", "payment.started", "payment.asked_again")
"""The kinds that are steps of the machine: a person need not read them."""


class Event(Identified):
    """One fact about an account, e.g. ``order.settled``: who did it, in which role, with the public ids it concerns.

    ``author`` and ``role`` are an ``Author``'s. Which roles may do what is a table (``flows.people.permissions``).
    """

    id_prefix = "evt"

    account_id = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    author = models.CharField(max_length=LONGEST + 20)
    role = models.CharField(max_length=20)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account_id", "id"], name="event_by_account"),
            models.Index(fields=["at"], condition=models.Q(kind="payment.taken_late"), name="event_taken_late"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author__regex=r"^mem_[0-9a-hjkmnp-tv-z]{13}$") & ~models.Q(role__in=["", *VOICES])
                | models.Q(author=models.F("role"), role__in=[role for role in VOICES if role != OPERATOR])
                | models.Q(author__startswith=f"{OPERATOR}:", role=OPERATOR),
                name="event_author_has_their_role",
            ),
        ]
        triggers = [
            append_only(),
            never_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
