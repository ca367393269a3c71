"""The seats of an account: bought, used by its members, held by its invitations, free."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Model, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import SubscriptionItem
from palier.engine.prices import ItemKind


@dataclass(frozen=True, slots=True)
class Seats:
    """An invitation that waits holds a seat as a member does."""

    bought: int
    used: int
    invited: int

    @property
    def free(self) -> int:
        """Never below zero: more people may have been invited on the free plan than seats were bought later."""
        return max(0, self.bought - self.used - self.invited)


def of_account(account: Account, *, now: datetime) -> Seats | None:
    """Count an account's seats, in one statement; None on the free plan, which counts none."""
    plans = SubscriptionItem.objects.filter(
        subscription__account=account, subscription__state="active", kind=ItemKind.PLAN
    )
    counted = plans.values("subscription__account").annotate(
        bought=Sum("quantity"),
        used=_number_of(account.members.filter(deactivated_at=None)),
        invited=_number_of(account.invitations.open_at(now)),
    )
    for found in counted.values("bought", "used", "invited"):
        return Seats(**found)
    return None


def _number_of[M: Model](rows: QuerySet[M]) -> Coalesce:
    number = rows.order_by().values("account").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)
