from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue.models import CatalogueVersion
from palier.kit.fields import Identified
from palier.kit.triggers import append_only, never_emptied


class SubscriptionState(models.TextChoices):
    """``past_due``: an invoice is unpaid and access goes on during grace. ``suspended``: grace is over, access is
    read-only. ``ended``: for ever; the other three are alive.
    """

    ACTIVE = "active"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"
    ENDED = "ended"


class SubscriptionSet(models.QuerySet["Subscription"]):
    def alive(self) -> "SubscriptionSet":
        """Those that have not ended."""
        return self.exclude(state=SubscriptionState.ENDED)


class Subscription(Identified):
    """A paid plan of an account. Free is the absence of one; mixed billing is two, one of each interval, on one plan.

    ``period_start`` and ``period_end`` are the billed period, half-open; ``anchor_at`` is what every later period is
    computed from. ``version`` grows by one with each change, so that a promise made on an older state is noticed.
    Nothing that a renewal changes is indexed here: its due date is a row of ``apps.agenda``.
    """

    id_prefix = "sub"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subscriptions")
    state = models.CharField(max_length=12, choices=SubscriptionState.choices, default=SubscriptionState.ACTIVE)
    interval = models.CharField(max_length=5, choices=[("month", "month"), ("year", "year")])
    currency = models.CharField(max_length=3)
    anchor_at = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    catalogue_version = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=12, blank=True, default="", choices=[(r, r) for r in ("canceled", "unpaid", "merged")]
    )

    objects = SubscriptionSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "interval"], condition=~Q(state="ended"), name="one_live_subscription_per_interval"
            ),
            models.CheckConstraint(
                condition=Q(period_start__lt=models.F("period_end")), name="subscription_period_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at=None)),
                name="ended_means_when",
            ),
            models.CheckConstraint(condition=Q(state__in=SubscriptionState.values), name="subscription_state_known"),
        ]

    def __str__(self) -> str:
        return self.public_id


class SubscriptionItem(models.Model):
    """What is subscribed: the plan's seats or an add-on, at the monthly price per unit at which it was sold."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=[("plan", "plan"), ("add_on", "add_on")])
    key = models.CharField(max_length=40)
    rank = models.PositiveSmallIntegerField()
    quantity = models.PositiveIntegerField()
    monthly_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(kind="plan"), name="one_plan_per_subscription"
            ),
            models.UniqueConstraint(fields=["subscription", "kind", "key"], name="item_once_per_subscription"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="item_quantity_positive"),
            models.CheckConstraint(condition=Q(monthly_minor__gte=0), name="item_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.key}"


class BillingPeriod(models.Model):
    """A period that was billed. The database refuses to bill an instant of a subscription twice."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="periods", db_index=False)
    period = DateTimeRangeField(default_bounds="[)")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="each_instant_billed_once",
                expressions=[("subscription", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return str(self.period)


class ScheduledChange(Identified):
    """A step down that waits for the end of the paid period; it costs nothing and can be withdrawn until then.

    ``kind`` is "plan" (``key`` is the plan), "interval" (``key`` is the interval), "seats" (``quantity`` in all),
    "add_on" (``quantity`` units of ``key`` in all, 0 for none) or "cancel". One of each waits at the most, for add-ons
    one of each key.
    """

    id_prefix = "sch"

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="scheduled")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in ("plan", "interval", "seats", "add_on", "cancel")])
    key = models.CharField(max_length=40, blank=True, default="")
    quantity = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=[(s, s) for s in ("waiting", "withdrawn", "applied")], default="waiting"
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scheduled_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "kind"],
                condition=Q(state="waiting") & ~Q(kind="add_on"),
                name="one_waiting_change_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["subscription", "key"],
                condition=Q(state="waiting", kind="add_on"),
                name="one_waiting_change_of_an_add_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key or self.quantity}"


class SeatEntry(Identified):
    """One line of the seat journal: how many seats a subscription has now, and how many at its next renewal.

    Append-only. ``cause`` is "bought", "added", "reduced", "reduction_withdrawn", "canceled", "cancel_withdrawn",
    "moved", "renewed", "basket" or "ended".
    """

    id_prefix = "sea"

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="seat_journal")
    seats_now = models.PositiveIntegerField()
    seats_at_renewal = models.PositiveIntegerField()
    cause = models.CharField(max_length=20)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subscription", "-id"], name="seat_journal_newest")]
        triggers = [
            append_only(),
            never_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.seats_now} / {self.seats_at_renewal}"


class SeatBasket(Identified):
    """Seats taken today and not billed yet: what was paid before, until when it collects. Closed, it is one invoice.

    The seats of the subscription's item are those of now; ``paid_seats`` are those that the invoices cover.
    """

    id_prefix = "bas"

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="baskets")
    paid_seats = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(closed_at=None), name="one_open_basket_per_subscription"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Trial(Identified):
    """A paid plan to try without a card, once per account and once per owner's e-mail address, of which the hash is
    kept. Afterwards the account is read-only until it buys."""

    id_prefix = "tri"

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="trial")
    email_sha256 = models.CharField(max_length=64, unique=True)
    plan = models.CharField(max_length=40)
    catalogue_version = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.plan
