"""What happens to an account by itself, unless somebody does something before."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import DateTimeField, ExpressionWrapper, F, Value

from palier.apps.agenda.models import Due
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import agenda, confirm

BANK_STOPS: Final = "bank_stops"
"""The bank waits no longer for a confirmation: nothing falls due here, and the payment fails."""


class Coming(NamedTuple):
    """An instant of the account's own time, a kind of the agenda or ``BANK_STOPS``, and whose."""

    at: datetime
    kind: str
    subject: int


def of(account_id: int, *, before: datetime) -> list[Coming]:
    """The next first, with what is overdue. One statement."""
    due = Due.objects.filter(account_id=account_id, kind__in=agenda.FLOWS, due_at__lt=before)
    until = ExpressionWrapper(F("started_at") + confirm.BANK_WAITS, output_field=DateTimeField())
    awaited = Payment.objects.filter(account_id=account_id, state=PaymentState.ACTION_REQUIRED)
    both = due.values_list("due_at", "kind", "subject").union(
        awaited.annotate(until=until, what=Value(BANK_STOPS))
        .filter(until__lt=before)
        .values_list("until", "what", "id"),
        all=True,
    )
    return sorted(Coming(*each) for each in both)
