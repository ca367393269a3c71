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
    is read from here. ``seats`` are billed by ``interval``, ``other_seats`` by the other one (mixed billing);
    ``add_ons`` are the units of each add-on wanted, None for those held. ``subscription`` and ``beside``, with their
    versions, are the subscriptions that the draft was computed on.
    """

    id_prefix = "quo"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="quotes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=40)
    interval = models.CharField(max_length=5)
    seats = models.PositiveIntegerField()
    other_seats = models.PositiveIntegerField(default=0)
    add_ons = models.JSONField(null=True, blank=True)
    draft = models.JSONField()
    digest = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subscription_version = models.PositiveIntegerField(default=0)
    beside = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    beside_version = models.PositiveIntegerField(default=0)
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

    @property
    def grounds(self) -> set[tuple[int, int]]:
        """The subscriptions that the draft was computed on, with their versions: all that the account held."""
        held = ((self.subscription_id, self.subscription_version), (self.beside_id, self.beside_version))
        return {(key, version) for key, version in held if key is not None}

    @property
    def held_ids(self) -> list[int]:
        """Those subscriptions."""
        return [key for key, _version in self.grounds]

    @property
    def told_to_end(self) -> set[int]:
        """The subscription of which the draft says that it ends with its paid period, if any: one left as it is."""
        beside = self.draft.get("beside")
        ends = beside is not None and beside["state"] is not None and beside["renewal"] is None
        return {self.beside_id} if ends and self.beside_id is not None else set()


class Order(Identified):
    """An accepted quote, with the evidence of its acceptance. An account has one open order at the most.

    ``terms_accepted_in``: the earlier order in which the account ticked the box for the same terms, where the press
    alone accepted them again; None where the box was ticked.
    """

    id_prefix = "ord"

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="order")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orders")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(s, s) for s in ("open", "settled", "closed")])
    buyer = models.JSONField()
    terms_version = models.CharField(max_length=40)
    terms_sha256 = models.CharField(max_length=64)
    terms_accepted_in = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
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
    """A member asks those who may buy for a plan; ``other_seats`` are billed by the other interval (mixed billing)."""

    id_prefix = "prq"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="purchase_requests")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=40)
    interval = models.CharField(max_length=5)
    seats = models.PositiveIntegerField()
    other_seats = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True, default="")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.plan} × {self.seats + self.other_seats}"


class SeatRequest(Identified):
    """A member asks those who may buy for one more seat, for ``wished`` if they say for whom.

    ``quote`` is the price that its approval pays; it is approved when that is settled, or a free seat was given.
    """

    id_prefix = "srq"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="seat_requests")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    wished = models.CharField(max_length=254, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=[(s, s) for s in ("waiting", "approved", "declined")], default="waiting"
    )
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, null=True, blank=True, related_name="seat_request")
    answer = models.CharField(max_length=500, blank=True, default="")
    answered_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state="waiting"), name="one_waiting_seat_request_per_member"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_at=None) | (~Q(state="waiting") & Q(answered_at__isnull=False)),
                name="seat_request_answered_means_when",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
