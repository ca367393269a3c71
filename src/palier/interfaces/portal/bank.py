"""What a payment's page says while the bank decides, whatever is paid: an order or an invoice."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.http import HttpRequest

from palier.apps.payments.models import PaymentState

JUST_BACK: Final = timedelta(seconds=12)
"""How long after the return from the bank we keep asking before we show the bank's button again."""


class Ending(StrEnum):
    """Where something that is being paid stands for the person who pays it."""

    THINKING = "thinking"
    UNKNOWN = "unknown"
    PARKED = "parked"
    WAITING = "waiting"
    DECLINED = "declined"
    DONE = "done"
    CLOSED = "closed"
    OWED = "owed"


BY_PAYMENT: Final = {
    PaymentState.STARTED: Ending.THINKING,
    PaymentState.SENT: Ending.THINKING,
    PaymentState.ACTION_REQUIRED: Ending.WAITING,
    PaymentState.UNKNOWN: Ending.UNKNOWN,
    PaymentState.PARKED: Ending.PARKED,
    PaymentState.SUCCEEDED: Ending.THINKING,  # taken, and what follows from it is being settled
    PaymentState.FAILED: Ending.DECLINED,
}


def shown(request: HttpRequest, ending: Ending, *, now: datetime) -> Ending:
    """Somebody who comes back from the bank sees that we are asking, not the bank's button again."""
    since = back_at(request)
    if ending is not Ending.WAITING or since is None:
        return ending
    age = now.timestamp() - since
    return Ending.THINKING if 0 <= age < JUST_BACK.total_seconds() else ending


def back_at(request: HttpRequest) -> int | None:
    """When the customer came back from the bank's page (seconds since 1970), as our own redirect noted it."""
    text = request.GET.get("back", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
