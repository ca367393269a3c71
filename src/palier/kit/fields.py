"""What every stored thing shares: an identity."""

from typing import ClassVar

from django.db import models

from palier.kit import ids


class Identified(models.Model):
    """A row with a time-ordered integer key inside and a public id, ``<prefix>_…``, outside."""

    id_prefix: ClassVar[str]

    id = models.BigIntegerField(primary_key=True, default=ids.new_id, editable=False)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        return ids.public_id(self.id_prefix, self.id)
