"""What gateways told us, stored once before anything follows from it."""

from django.db import models

from palier.kit.fields import Identified


class GatewayEvent(Identified):
    """A verified webhook. The pair of gateway and external id makes a second delivery a no-operation."""

    id_prefix = "gev"

    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    reference = models.CharField(max_length=80, help_text="Our own reference of the charge that it is about.")
    payload = models.JSONField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "external_id"], name="gateway_event_stored_once"),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(handled_at=None), name="gateway_event_to_handle"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.reference}"
