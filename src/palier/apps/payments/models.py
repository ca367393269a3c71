from django.db import models
from django.db.models import Q

from palier.apps.accounts.models import Account
from palier.apps.invoices.models import Invoice
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
        indexes = [
            models.Index(fields=["fingerprint"], condition=~Q(fingerprint=""), name="card_by_fingerprint"),
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
    ``succeeded`` hold the only slot of the order or invoice; ``failed`` frees it, and only an answer of the gateway
    leads there, or that nothing was ever sent.
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
    """One attempt to collect one amount (minor units). Its public id is the gateway's idempotency key and reference.

    It pays an ``order``, whose invoice follows, or an ``invoice`` that was issued before. ``on_session``: the
    customer was at the screen when it started, at the internet ``address`` where that is known.
    """

    id_prefix = "pay"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="payments", db_index=False
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="payments", db_index=False
    )
    attempt = models.PositiveSmallIntegerField()
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quote_digest = models.CharField(max_length=64, blank=True, default="")
    on_session = models.BooleanField(default=True)
    address = models.GenericIPAddressField(null=True, blank=True)
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
            models.UniqueConstraint(
                fields=["order", "attempt"], condition=Q(order__isnull=False), name="attempt_once_per_order"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(order__isnull=False) & ~Q(state="failed"), name="one_slot_per_order"
            ),
            models.UniqueConstraint(
                fields=["invoice", "attempt"], condition=Q(invoice__isnull=False), name="attempt_once_per_invoice"
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(invoice__isnull=False) & ~Q(state="failed"), name="one_slot_per_invoice"
            ),
            models.UniqueConstraint(
                fields=["gateway_id"], condition=~Q(gateway_id=""), name="a_charge_is_of_one_payment"
            ),
            models.CheckConstraint(
                condition=Q(order=None, invoice__isnull=False) | Q(order__isnull=False, invoice=None),
                name="payment_of_an_order_or_an_invoice",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_positive"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
        ]
        indexes = [
            models.Index(fields=["state", "id"], condition=Q(state__in=UNRESOLVED), name="payment_unresolved"),
            models.Index(
                fields=["resolved_at"],
                condition=Q(state="failed", sent_at__isnull=False),
                name="payment_failed_at_the_gateway",
            ),
            models.Index(fields=["method", "id"], condition=Q(state="failed"), name="payment_failed_by_card"),
            models.Index(
                fields=["address", "started_at"], condition=Q(address__isnull=False), name="payment_by_address"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Collection(Identified):
    """The pursuit of an open invoice whose payment failed: from the first failure until it is paid or given up.

    ``failures`` counts the attempts that failed. Access goes on until ``grace_ends_at``; at ``gives_up_at`` the
    subscription ends and the debt is written off or kept, as the catalogue says. ``next_try_at`` is None when no
    further try may help: after a final decline with the same card, or at the end of the calendar.
    """

    id_prefix = "col"

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="collection")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="collections")
    state = models.CharField(
        max_length=12,
        choices=[(s, s) for s in ("trying", "suspended", "recovered", "written_off", "kept")],
        default="trying",
    )
    failures = models.PositiveSmallIntegerField(default=0)
    last_reason = models.CharField(max_length=60, blank=True, default="")
    opened_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True)
    grace_ends_at = models.DateTimeField()
    gives_up_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.state} {self.invoice_id}"
