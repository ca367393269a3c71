from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import OperationalError, models
from django.db.models.functions import Lower

from palier.apps.events.authors import Author
from palier.kit import database
from palier.kit.fields import Identified
from palier.kit.refusals import Refusal

LONGEST_EMAIL: Final = 254
"""RFC 5321: a path of 256 characters less its two angle brackets."""


class UserAccounts(BaseUserManager["User"]):
    """Users by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who logs in, by e-mail address. Sessions of an earlier ``sessions_epoch`` are over."""

    email = models.EmailField(max_length=LONGEST_EMAIL)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    sessions_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserAccounts()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be this person's: another one once their sessions were ended."""
        return f"{self.sessions_epoch}.{super().get_session_auth_hash()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the keys of before."""
        for known in super().get_session_auth_fallback_hash():
            yield f"{self.sessions_epoch}.{known}"


class AccountBusy(Refusal, OperationalError):
    """Somebody else holds the account's lock for longer than anybody waits for it (``config.database.WAITS``).

    Trouble with the database as well: a job that meets it is done again, and nobody takes it for a fault of its own.
    """

    code = "account.busy"
    en = (
        "Somebody else is changing this account just now. Nothing was changed and nothing was taken; try again in a "
        "minute."
    )
    fr = (
        "Quelqu’un d’autre modifie ce compte en ce moment. Rien n’a été modifié ni prélevé\u202f; réessayez dans une "
        "minute."
    )


@contextmanager
def _or_busy() -> Iterator[None]:
    try:
        yield
    except OperationalError as trouble:
        if isinstance(trouble.__cause__, database.LOCK_CONFLICTS):
            raise AccountBusy from trouble.__cause__
        raise


class AccountSet(models.QuerySet["Account"]):
    def locked(self, account_id: int) -> "Account":
        """Take the account's lock until the end of the transaction.

        The one lock over invoicing and payment of an account; taken once per transaction, late. Raises AccountBusy
        where it does not come.
        """
        with _or_busy():
            return self.select_for_update(no_key=True).get(pk=account_id)

    def locked_by(self, **what: int) -> "Account":
        """The same lock, found by something that the account owns for ever: ``locked_by(payments=payment_id)``."""
        with _or_busy():
            return self.select_for_update(no_key=True, of=("self",)).get(**what)


class Account(Identified):
    """The customer company. ``currency`` is empty until the first purchase and fixed by it.

    ``clock_ahead`` is the account's TestClock: how far ahead of the present a sandbox account lives, zero for all
    others. Its own instant is ``now + clock_ahead``; every date of the account is one of its own time. While it is
    ``parked_at``, nothing is charged: an invariant of its money is broken and a person must look (``Parking``).
    """

    id_prefix = "acc"

    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=5, default="en")
    currency = models.CharField(max_length=3, blank=True, default="")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    sandbox = models.BooleanField(default=False)
    parked_at = models.DateTimeField(null=True, blank=True)
    clock_ahead = models.DurationField(default=timedelta)

    objects = AccountSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clock_ahead=timedelta()) | models.Q(sandbox=True, clock_ahead__gt=timedelta()),
                name="only_sandbox_accounts_travel",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(clock_ahead__gt=timedelta()), name="account_travelling")
        ]

    def __str__(self) -> str:
        return self.name


class Parking(Identified):
    """Why an account is parked: the invariant that is broken (``I04``), about what, and what was the case.

    Nothing repairs money by itself: a person looks, and releases the account with a word on what was done. ``told_at``:
    when the letter to the operator was written.
    """

    id_prefix = "prk"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="parkings")
    code = models.CharField(max_length=4)
    subject = models.CharField(max_length=80)
    fact = models.CharField(max_length=400)
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=120, blank=True, default="")
    word = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "code", "subject"],
                condition=models.Q(released_at=None),
                name="parked_once_for_a_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"


class Travel(Identified):
    """A journey of a sandbox account's clock to ``target_at``, through everything that falls due on the way.

    It is stored, so that it goes on after its worker died. ``from_at`` and ``target_at`` are instants of the account's
    own time, ``started_at`` and ``ended_at`` of the present. ``stopped_by`` says why it did not arrive: the kind and
    reason of what could not be done, or "asked".
    """

    id_prefix = "trv"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="travels")
    from_at = models.DateTimeField()
    target_at = models.DateTimeField()
    steps = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=[(s, s) for s in ("travelling", "arrived", "stopped")], default="travelling"
    )
    stopped_by = models.CharField(max_length=400, blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state="travelling"), name="one_journey_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(from_at__lt=models.F("target_at")), name="travel_goes_forward"),
            models.CheckConstraint(
                condition=models.Q(state="travelling", ended_at=None)
                | (~models.Q(state="travelling") & models.Q(ended_at__isnull=False)),
                name="travel_ended_means_when",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="travel_newest")]

    def __str__(self) -> str:
        return self.public_id


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    BILLING_ADMIN = "billing_admin"
    MEMBER = "member"
    RESTRICTED_MEMBER = "restricted_member"


BUYERS = (Role.OWNER, Role.BILLING_ADMIN)
"""Who may buy."""

MANAGERS = (Role.OWNER, Role.ADMIN)
"""Who may invite, change roles, deactivate, reactivate and remove."""


class Member(Identified):
    """A person's place in an account.

    Deactivated, they cannot log in and hold no seat until somebody reactivates them; removed, they are gone for good
    (``deactivated_at`` is set too) and their address is free again.
    """

    id_prefix = "mem"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="members")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="member")
    role = models.CharField(max_length=20, choices=Role.choices)
    joined_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(role="owner", deactivated_at=None), name="one_owner_per_account"
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="member_role_known"),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(deactivated_at__isnull=False),
                name="removed_is_deactivated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} ({self.role})"

    @property
    def author(self) -> Author:
        """They, as the author of what they do now."""
        return Author(self.public_id, self.role)

    @property
    def may_buy(self) -> bool:
        return self.deactivated_at is None and self.role in BUYERS

    @property
    def may_invite(self) -> bool:
        return self.deactivated_at is None and self.role in MANAGERS

    @property
    def may_manage(self) -> bool:
        """Who may invite may also change roles, deactivate, reactivate and remove."""
        return self.may_invite

    @property
    def restricted(self) -> bool:
        """Whether they use the product and see nothing of its settings, people and billing."""
        return self.role == Role.RESTRICTED_MEMBER


class Operator(Identified):
    """One of the operator's people, who answers customers in the back office. They are member of no account.

    ``seen_at`` is when they last looked at the inbox; whoever looked a moment ago is on line.
    """

    id_prefix = "opr"

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="operator")
    joined_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["seen_at"], condition=models.Q(ended_at=None), name="operator_on_line")]

    def __str__(self) -> str:
        return self.user.name


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


class CountedTry(models.Model):
    """What log-in, sign-up and reset count against their limits, over all processes: the table of Django's database
    cache (``CACHES["default"]``), made here so that it is migrated and emptied like every other."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


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
