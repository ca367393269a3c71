import pgtrigger
from django.db import models

from palier.kit.triggers import never_emptied


class CatalogueVersion(models.Model):
    """One published catalogue, for ever. Its number is its key: quotes and subscriptions point to what
    they were sold from.

    ``content`` is what ``parse.stored`` reads, the text of the terms included; ``sha256`` is of its canonical bytes.
    The same content may come back under a later number.
    """

    number = models.PositiveIntegerField(primary_key=True)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="catalogue_by_content")]
        constraints = [models.CheckConstraint(condition=models.Q(number__gte=1), name="catalogue_number_from_one")]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete), never_emptied()]

    def __str__(self) -> str:
        return f"catalogue {self.number}"
