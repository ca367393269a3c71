from collections.abc import Sequence
from datetime import datetime

from palier.apps.ledger.models import Entry, Transaction
from palier.engine.postings import Posting
from palier.kit import writes


def post(
    account_id: int, kind: str, *, reference: str, currency: str, postings: Sequence[Posting], now: datetime
) -> Transaction | None:
    """Post one balanced movement in minor units of ``currency``; nothing when no amount moves (an invoice of 0.00).

    The database refuses entries that do not sum to zero and a ``reference`` posted before.
    """
    moving = [posting for posting in postings if posting.amount_minor]
    if not moving:
        return None
    movement = Transaction(account_id=account_id, kind=kind, reference=reference, posted_at=now)
    entries = [
        Entry(
            transaction=movement,
            position=position,
            ledger_account=posting.account,
            currency=currency,
            amount_minor=posting.amount_minor,
        )
        for position, posting in enumerate(moving, start=1)
    ]
    writes.insert(movement, *entries)
    return movement
