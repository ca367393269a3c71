"""Defects of the pursuit: money asked for that nobody owes any more."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from django.db import transaction

from palier.apps.agenda import actions as agenda
from palier.apps.events.authors import CLOCK
from palier.apps.invoices.models import Invoice
from palier.flows import dun
from tests.faults.planted.bug import Bug, swapped


def dunning_after_cancel() -> AbstractContextManager[None]:
    """The subscription ends and its debt is written off; the calendar of tries goes on."""
    give_up = dun.give_up

    def half(invoice_id: int, *, now: datetime) -> None:
        give_up(invoice_id, now=now)
        account = Invoice.objects.get(pk=invoice_id).account_id
        agenda.put("retry", invoice_id, account, now + timedelta(days=1))

    return swapped((dun, "give_up", half), (dun, "retry", _try_whatever_became_of_it))


def dunning_on_void() -> AbstractContextManager[None]:
    """The day of a try has come, and nobody looks whether the invoice still stands."""
    return swapped((dun, "retry", _try_whatever_became_of_it))


def _try_whatever_became_of_it(invoice_id: int, *, now: datetime) -> None:
    with transaction.atomic():
        invoice = dun._locked(invoice_id)
        method = dun._on_file(invoice.account_id)
        if method is not None:
            dun._start(invoice, method, by=CLOCK, on_session=False, now=now)


BUGS = (
    Bug(
        "dunning_after_cancel",
        "Polar issue 6542: tries went on after the end of the subscription",
        "I19",
        "was begun after its invoice was uncollectible",
        dunning_after_cancel,
    ),
    Bug(
        "dunning_on_void",
        "Polar PR 11680: a void order was still pursued",
        "I19",
        "was begun after its invoice was void",
        dunning_on_void,
    ),
)
