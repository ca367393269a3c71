from datetime import datetime

from palier.apps.accounts.models import Account
from palier.apps.entitlements.models import Usage


def note(account: Account, key: str, used: int, *, now: datetime) -> int:
    """Keep how much of a limit an account uses, in the caller's transaction; returns which threshold was told of last,
    in percent. Reports about the same limit wait for one another."""
    Usage.objects.bulk_create([Usage(account_id=account.id, key=key, used=0, reported_at=now)], ignore_conflicts=True)
    row = Usage.objects.select_for_update(no_key=True).get(account_id=account.id, key=key)
    Usage.objects.filter(pk=row.pk).update(used=used, reported_at=now)
    return row.told


def told(account: Account, key: str, percent: int) -> None:
    """The threshold that an account is at now has been told; 0 where it is below them all."""
    Usage.objects.filter(account_id=account.id, key=key).update(told=percent)
