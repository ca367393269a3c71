from collections.abc import Mapping
from datetime import datetime

from palier.apps.events.authors import Author
from palier.apps.events.models import Event
from palier.kit import writes


def record(account_id: int, kind: str, *, by: Author, now: datetime, **payload: str | int | Mapping[str, str]) -> Event:
    """Write a fact and its author in the caller's transaction.

    In ``payload`` what had a value before has it as ``before`` and the new one as ``after``, by the public id or the
    name of the thing where there are several.
    """
    event = Event(account_id=account_id, kind=kind, author=by.name, role=by.role, payload=payload, at=now)
    writes.insert(event)
    return event
