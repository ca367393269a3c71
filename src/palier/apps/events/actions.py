from datetime import datetime

from palier.apps.events.models import Event


def record(account_id: int, kind: str, *, now: datetime, **payload: str | int) -> Event:
    """Write a fact in the caller's transaction."""
    return Event.objects.create(account_id=account_id, kind=kind, payload=payload, at=now)
