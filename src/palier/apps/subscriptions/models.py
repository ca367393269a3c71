from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from palier.apps.accounts.models import Account
from palier.apps.catalogue.models import CatalogueVersion
from palier.kit.fields import Identified


class Subscription(Identified):
    """A paid plan of an account. Free is the absence of one.

    ``period_start`` and ``period_end`` are the paid period, half-open; ``anchor_at`` is what every later period is
    computed from. ``version`` grows by one with each change, so that a promise made on an older state is noticed.
    """

    id_prefix = "sub"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subscriptions")
    state = models.CharField(max_length=12, choices=[("active", "active"), ("ended", "ended")], default="active")
    interval = models.CharField(max_length=5, choices=[("month", "month"), ("year", "year")])
    currency = models.CharField(max_length=3)
    anchor_at = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    catalogue_version = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "interval"], condition=Q(state="active"), name="one_active_subscription_per_interval"
            ),
            models.CheckConstraint(
                condition=Q(period_start__lt=models.F("period_end")), name="subscription_period_in_order"
            ),
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

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="periods")
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
