from django.db import models
from django.db.models import Q

from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue.models import CatalogueVersion
from palier.apps.invoices.models import Invoice
from palier.apps.subscriptions.models import Subscription
from palier.kit.fields import Identified


class Quote(Identified):
    """A kept promise: this choice costs ``total_minor`` (minor units of ``currency``) until ``expires_at``.

    ``draft`` is the engine's draft in its wire form and ``digest`` its SHA-256; what is shown, charged and invoiced
    is read from here. ``subscription_version`` is the state that the draft was computed on.
    """

    id_prefix = "quo"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="quotes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=40)
    interval = models.CharField(max_length=5)
    seats = models.PositiveIntegerField()
    draft = models.JSONField()
    digest = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subscription_version = models.PositiveIntegerField(default=0)
    catalogue_version = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=[(s, s) for s in ("open", "accepted", "superseded")])
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(total_minor__gte=0), name="quote_not_negative")]
        indexes = [models.Index(fields=["account", "-created_at"], name="quote_by_account")]

    def __str__(self) -> str:
        return self.public_id


class Order(Identified):
    """An accepted quote, with the evidence of its acceptance. An account has one open order at the most."""

    id_prefix = "ord"

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="order")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orders")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(s, s) for s in ("open", "settled", "closed")])
    buyer = models.JSONField()
    terms_version = models.CharField(max_length=40)
    terms_sha256 = models.CharField(max_length=64)
    button_text = models.CharField(max_length=100)
    language = models.CharField(max_length=5)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=400, blank=True, default="")
    placed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="order")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(state="open"), name="one_open_order_per_account"),
            models.CheckConstraint(
                condition=Q(state="settled", invoice__isnull=False) | (~Q(state="settled") & Q(invoice=None)),
                name="settled_means_invoiced",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PurchaseRequest(Identified):
    """A member asks those who may buy for a plan."""

    id_prefix = "prq"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="purchase_requests")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=40)
    interval = models.CharField(max_length=5)
    seats = models.PositiveIntegerField()
    note = models.CharField(max_length=500, blank=True, default="")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.plan} × {self.seats}"
