"""The time that an account lives in: the present, and for a sandbox account what its test clock adds to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import ExpressionWrapper, F, Value
from django.db.models.expressions import Combinable
from django.db.models.fields import DateTimeField
from django.db.models.functions import Greatest

from palier.apps.accounts.models import Account, Travel


def time_of(now: datetime, **owned: object) -> datetime:
    """The instant of the account that owns something for ever: ``time_of(now, payments=payment_id)``.

    ``now`` is the present. An account that does not exist lives in the present.
    """
    ahead = Account.objects.filter(**owned).values_list("clock_ahead", flat=True).first()
    return now + (ahead or timedelta())


def own_time(now: datetime, account: str = "account") -> Combinable:
    """The same as an expression over rows that belong to accounts, by the name of their foreign key."""
    return ExpressionWrapper(Value(now) + F(f"{account}__clock_ahead"), output_field=DateTimeField())


def travelling() -> Sequence[tuple[int, timedelta]]:
    """The accounts that live ahead of the present, by id and by how much; not those on a journey, which does what is
    due itself."""
    ahead = Account.objects.filter(clock_ahead__gt=timedelta()).exclude(travels__state="travelling")
    return list(ahead.values_list("id", "clock_ahead"))


def put_forward(account_id: int, own: datetime, *, now: datetime) -> datetime:
    """Let a sandbox account's clock stand at an instant of its own time; returns where it stands, never earlier than
    before."""
    ahead = Greatest(F("clock_ahead"), Value(own - now))
    Account.objects.filter(pk=account_id, sandbox=True).update(clock_ahead=ahead)
    return time_of(now, pk=account_id)


def depart(account: Account, to: datetime, *, now: datetime) -> Travel:
    """Write down where an account travels; the database refuses a second journey at the same time."""
    return Travel.objects.create(account=account, from_at=now + account.clock_ahead, target_at=to, started_at=now)


def one_step(travel_id: int) -> None:
    """Something that fell due on the way has been done."""
    Travel.objects.filter(pk=travel_id, state="travelling").update(steps=F("steps") + 1)


def end_travel(travel_id: int, *, stopped_by: str = "", now: datetime) -> bool:
    """The journey is over: arrived, or stopped by something. False when it was over before."""
    state = "stopped" if stopped_by else "arrived"
    under_way = Travel.objects.filter(pk=travel_id, state="travelling")
    return under_way.update(state=state, stopped_by=stopped_by[:400], ended_at=now) == 1
