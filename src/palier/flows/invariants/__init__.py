"""What must always be true, as questions to the books (docs/reference/invariants.md says what each is for)."""

from typing import Final

from palier.flows.invariants import (
    authors,
    card_data,
    entitlements,
    gateway_book,
    invoices,
    ledger,
    letters,
    payments,
    proration,
    subscriptions,
    walls,
    work,
)
from palier.flows.invariants.rule import SOON, Breach, Invariant, Look

OURS: Final[tuple[Invariant, ...]] = (
    *ledger.INVARIANTS,
    *payments.INVARIANTS,
    *invoices.INVARIANTS,
    *subscriptions.INVARIANTS,
    *entitlements.INVARIANTS,
    *proration.INVARIANTS,
    *walls.INVARIANTS,
    *authors.INVARIANTS,
    *work.INVARIANTS,
    *letters.INVARIANTS,
    *card_data.INVARIANTS,
)
"""Those that our own book answers."""

WITH_THE_GATEWAY: Final = gateway_book.QUESTIONS
"""Those that need the gateway's book beside it, which ``gateway_book.breaches`` reads once for all of them."""

__all__ = ["OURS", "SOON", "WITH_THE_GATEWAY", "Breach", "Invariant", "Look"]
