import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import cached_property

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import Subscription
from palier.kit.fields import Identified
from palier.kit.triggers import never_emptied


def _unalterable() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="unalterable", operation=pgtrigger.Update | pgtrigger.Delete)


class NumberSeries(models.Model):
    """The last number given out in a series, e.g. ``F2026-``, and its date: numbers and dates go up together.

    The row's lock makes numbers follow commits: no gap.
    """

    prefix = models.CharField(max_length=30, primary_key=True)
    last_number = models.PositiveIntegerField(default=0)
    last_issued_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.prefix}{self.last_number}"


class Invoice(Identified):
    """An issued invoice, with both parties as they were that day. Only its payment state may still change.

    A purchase is paid before it is invoiced; a renewal is invoiced ``open`` and then collected. ``uncollectible`` is
    a debt written off. Amounts in minor units of ``currency``. ``taxes`` holds one object per rate: rate_ppm,
    category, country, note, base_minor, tax_minor. Numbers are unique, chronological and continuous in their series
    (CGI ann. II art. 242 nonies A, I 7°).
    """

    id_prefix = "inv"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invoices", db_index=False)
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=40)
    state = models.CharField(max_length=14, choices=[(s, s) for s in ("open", "paid", "void", "uncollectible")])
    language = models.CharField(max_length=5)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    taxes = models.JSONField()
    seller = models.JSONField()
    buyer = models.JSONField()
    rule_version = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    due_on = models.DateField()
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_with = models.CharField(max_length=60, blank=True, default="")
    payment_reference = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="number_once"),
            models.UniqueConstraint(fields=["series", "sequence"], name="number_once_per_series"),
            models.CheckConstraint(condition=Q(total_minor=F("net_minor") + F("tax_minor")), name="invoice_adds_up"),
        ]
        indexes = [
            models.Index(fields=["account", "-issued_at"], name="invoice_by_account"),
            models.Index(fields=["account"], condition=Q(state="open"), name="invoice_open"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="unalterable", exclude=["state", "paid_at", "paid_with", "payment_reference"]),
            pgtrigger.Protect(name="undeletable", operation=pgtrigger.Delete),
            never_emptied(),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def lines_in_order(self) -> list["InvoiceLine"]:
        """Read once: what was issued never changes."""
        return list(self.lines.order_by("position"))

    @property
    def adds_to_a_period(self) -> bool:
        """Whether it bills more of a period that an earlier invoice has billed, as a day's seats do; a renewal opens
        one."""
        earlier = InvoiceLine.objects.filter(
            subscription=OuterRef("subscription"),
            invoice__issued_at__lt=self.issued_at,
            period_end__gt=OuterRef("period_start"),
        )
        return self.lines.filter(Exists(earlier)).exists()


class InvoiceLine(Identified):
    """One line: a charge for time of a subscription, or a credit of an earlier line (``credits``).

    ``tax`` is the rule it was taxed under; ``detail`` the engine's line in its wire form, for "why this amount?".
    """

    id_prefix = "iln"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="invoice_lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    item_kind = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_minor = models.BigIntegerField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    tax = models.JSONField()
    credits = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="credited_by", db_index=False
    )
    detail = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="line_position_once"),
            models.CheckConstraint(
                condition=Q(credits=None, amount_minor__gte=0) | Q(credits__isnull=False, amount_minor__lte=0),
                name="line_sign_follows_kind",
            ),
        ]
        indexes = [models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="line_credits")]
        triggers = [_unalterable(), never_emptied()]

    def __str__(self) -> str:
        return self.title


class InvoiceDocument(models.Model):
    """The bytes that were handed out, and their hash."""

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, primary_key=True, related_name="document")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        triggers = [_unalterable(), never_emptied()]

    def __str__(self) -> str:
        return self.sha256
