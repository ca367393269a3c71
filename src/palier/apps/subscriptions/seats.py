"""The seats of an account: bought, used by its members, held by its invitations, free; and how many at the renewal."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import ScheduledChange, SubscriptionItem
from palier.engine.prices import ItemKind


@dataclass(frozen=True, slots=True)
class Seats:
    """An invitation that waits holds a seat as a member does. ``at_renewal``: how many once what waits has taken
    effect; in mixed billing without those of a subscription that ends alone."""

    bought: int
    used: int
    invited: int
    at_renewal: int

    @property
    def free(self) -> int:
        """Those that can be given to somebody: what is about to be given up cannot.

        Never below zero: more people may have been invited on the free plan than seats were bought later.
        """
        return max(0, min(self.bought, self.at_renewal) - self.used - self.invited)

    def missing_for(self, people: int) -> int:
        """How many are not paid for to seat so many people more; 0 where one that is given up only has to be kept."""
        return max(0, people - (self.bought - self.held))

    @property
    def held(self) -> int:
        """Those that people and invitations hold."""
        return self.used + self.invited

    @property
    def leaving(self) -> int:
        """Those that end at the renewal."""
        return max(0, self.bought - self.at_renewal)


def of_account(account: Account, *, now: datetime) -> Seats | None:
    """Count an account's seats, in one statement; None on the free plan, which counts none."""
    waiting = ScheduledChange.objects.filter(subscription=OuterRef("subscription"), state="waiting")
    plans = SubscriptionItem.objects.filter(subscription__account=account, kind=ItemKind.PLAN)
    counted = plans.exclude(subscription__state="ended").annotate(
        reduced=Subquery(waiting.filter(kind="seats").values("quantity")),
        cancels=Exists(waiting.filter(kind="cancel")),
        used=_number_of(account.members.filter(deactivated_at=None)),
        invited=_number_of(account.invitations.open_at(now)),
    )
    rows = list(counted.values("quantity", "reduced", "cancels", "used", "invited"))
    if not rows:
        return None
    stays = [row for row in rows if not row["cancels"]] or rows
    return Seats(
        bought=sum(row["quantity"] for row in rows),
        used=rows[0]["used"],
        invited=rows[0]["invited"],
        at_renewal=sum(row["quantity"] if row["reduced"] is None else row["reduced"] for row in stays),
    )


def _number_of[M: Model](rows: QuerySet[M]) -> Coalesce:
    number = rows.order_by().values("account").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)
