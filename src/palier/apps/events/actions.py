from datetime import datetime

from palier.apps.events.models import Event
from palier.kit import writes


def record(account_id: int, kind: str, *, now: datetime, **payload: str | int) -> Event:
    """Write a fact in the caller's transaction."""
    event = Event(account_id=account_id, kind=kind, payload=payload, at=now)
    writes.insert(event)
    return event
