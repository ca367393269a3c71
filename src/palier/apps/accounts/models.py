from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Lower

from palier.kit.fields import Identified

LONGEST_EMAIL: Final = 254
"""RFC 5321: a path of 256 characters less its two angle brackets."""


class UserAccounts(BaseUserManager["User"]):
    """Users by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who logs in, by e-mail address."""

    email = models.EmailField(max_length=LONGEST_EMAIL)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserAccounts()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email


class AccountSet(models.QuerySet["Account"]):
    def locked(self, account_id: int) -> "Account":
        """Take the account's lock until the end of the transaction.

        The one lock over invoicing and payment of an account; taken once per transaction, late.
        """
        return self.select_for_update(no_key=True).get(pk=account_id)

    def locked_by(self, **what: int) -> "Account":
        """The same lock, found by something that the account owns for ever: ``locked_by(payments=payment_id)``."""
        return self.select_for_update(no_key=True, of=("self",)).get(**what)


class Account(Identified):
    """The customer company. ``currency`` is empty until the first purchase and fixed by it."""

    id_prefix = "acc"

    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=5, default="en")
    currency = models.CharField(max_length=3, blank=True, default="")
    created_at = models.DateTimeField()

    objects = AccountSet.as_manager()

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    BILLING_ADMIN = "billing_admin"
    MEMBER = "member"


BUYERS = (Role.OWNER, Role.BILLING_ADMIN)
"""Who may buy."""


class Member(Identified):
    """A person's place in an account."""

    id_prefix = "mem"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="members")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="member")
    role = models.CharField(max_length=20, choices=Role.choices)
    joined_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(role="owner", deactivated_at=None), name="one_owner_per_account"
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} ({self.role})"

    @property
    def may_buy(self) -> bool:
        return self.deactivated_at is None and self.role in BUYERS

    @property
    def may_invite(self) -> bool:
        return self.deactivated_at is None and self.role in (Role.OWNER, Role.ADMIN)


class InvitationSet(models.QuerySet["Invitation"]):
    def open_at(self, at: datetime) -> "InvitationSet":
        """Those that wait: not accepted, not withdrawn, not expired."""
        return self.filter(accepted_at=None, expires_at__gt=at)


class Invitation(Identified):
    """A place offered to an e-mail address. The link's token is kept only as its hash.

    ``expires_at`` is LIFETIME after ``invited_at``, or the instant at which the invitation was withdrawn.
    """

    LIFETIME: ClassVar = timedelta(days=14)

    id_prefix = "ivt"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=LONGEST_EMAIL)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.MEMBER)
    invited_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationSet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_open_invitation_per_address",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (Lower("email"), RangeOperators.EQUAL),
                    (
                        models.Func(
                            "invited_at", "expires_at", function="TSTZRANGE", output_field=DateTimeRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(accepted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.email


class BillingProfile(models.Model):
    """Who is invoiced: the buyer's details, as checked by ``apps.tax.buyers``."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="billing_profile")
    kind = models.CharField(max_length=10, choices=[("company", "company"), ("person", "person")], default="company")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    postcode = models.CharField(max_length=16, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    region = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=2)
    vat_number = models.CharField(max_length=20, blank=True, default="")
    email = models.EmailField(max_length=254)
    po_number = models.CharField(max_length=50, blank=True, default="")
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
