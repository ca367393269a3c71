from django.db import models
from django.db.models import Q

from palier.apps.accounts.models import Account
from palier.apps.orders.models import Order
from palier.kit.fields import Identified

BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}


class PaymentMethod(Identified):
    """A card, as the gateway's token and what a person recognises it by. No number or code ever comes here."""

    id_prefix = "pm"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=20)
    token = models.CharField(max_length=100)
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    expiry_month = models.PositiveSmallIntegerField()
    expiry_year = models.PositiveSmallIntegerField()
    fingerprint = models.CharField(max_length=100, blank=True, default="", help_text="The same whenever it is typed.")
    is_default = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(is_default=True), name="one_default_card"),
            models.UniqueConstraint(fields=["account", "gateway", "token"], name="card_once_per_account"),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.last4}"

    @property
    def recognised_by(self) -> str:
        """``Visa •••• 4242``."""
        return f"{BRANDS.get(self.brand, self.brand)} •••• {self.last4}"


class PaymentState(models.TextChoices):
    """``started``: committed, nothing sent yet. ``sent``: a request may have left. ``unknown``: the gateway's answer
    was lost. ``parked``: its answer contradicts ours and a person must look. These four, ``action_required`` and
    ``succeeded`` hold the order's only slot; ``failed`` frees it, and only an answer of the gateway leads there, or
    that nothing was ever sent.
    """

    STARTED = "started"
    SENT = "sent"
    ACTION_REQUIRED = "action_required"
    UNKNOWN = "unknown"
    PARKED = "parked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


UNRESOLVED = (PaymentState.STARTED, PaymentState.SENT, PaymentState.ACTION_REQUIRED, PaymentState.UNKNOWN)


class Payment(Identified):
    """One attempt to collect one amount (minor units). Its public id is the gateway's idempotency key and reference."""

    id_prefix = "pay"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    attempt = models.PositiveSmallIntegerField()
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quote_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=PaymentState.choices, default=PaymentState.STARTED)
    reason = models.CharField(max_length=60, blank=True, default="")
    action_url = models.CharField(max_length=500, blank=True, default="")
    gateway_id = models.CharField(max_length=100, blank=True, default="")
    started_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "attempt"], name="attempt_once_per_order"),
            models.UniqueConstraint(fields=["order"], condition=~Q(state="failed"), name="one_slot_per_order"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_positive"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=UNRESOLVED), name="payment_unresolved"),
        ]

    def __str__(self) -> str:
        return self.public_id
