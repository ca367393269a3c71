from django.db import models
from django.db.models import Q

from palier.apps.accounts.models import Account
from palier.kit.fields import Identified


class Usage(Identified):
    """How much of one limit an account uses, as the host product said last: one row for each limit. ``told``: of which
    threshold that it has reached, in percent, those who buy have been told; 0 for none."""

    id_prefix = "use"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="usage")
    key = models.CharField(max_length=40)
    used = models.BigIntegerField()
    told = models.PositiveSmallIntegerField(default=0)
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="usage_once_per_limit"),
            models.CheckConstraint(condition=Q(used__gte=0), name="usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.used} {self.key}"
