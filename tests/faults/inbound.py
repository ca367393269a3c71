"""A night of renewals and a few purchases whose answers were lost or are still to come, and all that the gateway tells
about them; and a picture of what is written in the end."""

import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts.models import Account
from palier.apps.gateways import gateway
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentMethod, PaymentState
from palier.apps.subscriptions.models import Subscription
from palier.flows import collect, receive, renew
from tests import crowd, world
from tests.faults.events import deliver
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess

WRITTEN: Final = ("payments", "orders", "invoices", "subscriptions", "ledger", "events", "notices", "agenda")
"""The apps whose rows are compared."""

TOLD_OTHERWISE: Final = {"id", "number", "sequence", "position", "last_number", "text", "html", "subject", "detail"}
"""What depends on when something was heard, and in which order: names of rows, numbers, dates in sentences."""

AT: Final = datetime(2027, 1, 1, 10, 0, tzinfo=UTC)
"""When every period of the crowd is over."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Night:
    """What is under way since ``AT``, and the events that the gateway's book holds about it."""

    payments: list[int]
    cards: list[str]

    def events(self, sandbox: SandboxProcess) -> list[dict[str, Any]]:
        """Everything that the gateway has to tell."""
        told: list[dict[str, Any]] = sandbox.book_of(self.cards)["events"]
        return told


def a_night(sandbox: SandboxProcess, chance: random.Random, *, subscribers: int, buyers: int) -> Night:
    """The money is asked for; each answer is lost, not written yet, or says that the customer must act."""
    for _ in range(buyers):
        world.placed(sandbox, world.quoted(an_owner(), "team", "month", 3, now=AT), now=AT)
    wishes = [
        crowd.Wish(interval=chance.choice(["month", "month", "year"]), seats=chance.choice([1, 3, 8]), buyer=turn % 2)
        for turn in range(subscribers)
    ]
    held = Subscription.objects.filter(pk__in=crowd.subscribers(wishes)).order_by("id")
    kinds = (world.GOOD, world.LATER_ASKS, world.LATER_POOR)
    cards = {kind: _card(sandbox, kind) for kind in kinds}
    for kind, share in zip(kinds, (4, 5, 2), strict=True):
        mine = [each.account_id for turn, each in enumerate(held) if turn % 11 in _SHARES[share]]
        PaymentMethod.objects.filter(account__in=mine).update(token=cards[kind])
    assert renew.these([each.id for each in held], now=AT) == subscribers
    started = Payment.objects.filter(state=PaymentState.STARTED).order_by("id")
    begun = list(started.select_related("method", "account", "order"))
    for payment in begun:
        _asked_for(payment, sandbox, chance)
    tokens = {payment.method.token for payment in begun}
    return Night([payment.id for payment in begun], sorted(tokens))


_SHARES: Final = {4: range(4), 5: range(4, 9), 2: range(9, 11)}


def _asked_for(payment: Payment, sandbox: SandboxProcess, chance: random.Random) -> None:
    if chance.random() < 0.25:  # our process died with the answer in its hands, or has not written it yet
        Payment.objects.filter(pk=payment.pk).update(state=PaymentState.SENT, sent_at=AT)
        gateway().charge(collect.wish(payment))
    else:
        if chance.random() < 0.6:
            sandbox.fault(chance.choice(["timeout_after_capture", "error_after_capture", "answer_junk"]))
        collect.payment(payment.id, now=AT)
    waiting = gateway().find(payment.public_id)
    url = getattr(waiting, "url", "")
    if url and (answer := chance.choice(["confirm", "confirm", "confirm", "refuse"])):
        sandbox.answer_bank(url, answer)


def _card(sandbox: SandboxProcess, number: str) -> str:
    reference = f"night{next(_numbers)}.{number[-4:]}"
    fields = gateway().card_fields_url(reference, locale="en", parent_origin=settings.BASE_URL)
    assert sandbox.type_card(fields, number).status_code == 303
    card = gateway().card_from_fields(reference)
    assert card is not None
    return card.token


def pulled(night: Night, *, since: datetime) -> None:
    """The clock and the worker alone, until nothing is under way."""
    for minutes in (1, 10, 30, 60):
        at = since + timedelta(minutes=minutes)
        collect.unknown(now=at)
        worked(at=at)
        if not Payment.objects.filter(pk__in=night.payments, state__in=UNRESOLVED).exists():
            return
    raise AssertionError("a payment is still under way an hour later")


def worked(*, at: datetime) -> list[int]:
    """A worker does the billing jobs that wait; returns the events that they were about."""
    handled = []
    for job in ProcrastinateJob.objects.filter(queue_name="billing", status="todo").order_by("id"):
        if job.task_name == "handle_gateway_event":
            receive.handled(job.args["event_id"], now=at)
            handled.append(job.args["event_id"])
        elif job.task_name == "collect_payment":
            collect.payment(job.args["payment_id"], now=at)
        _done(job)
    return handled


def _done(job: ProcrastinateJob) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])


@dataclass(frozen=True)
class Delivery:
    """One knock at our door."""

    at: datetime
    told: dict[str, Any]


def deliveries(told: list[dict[str, Any]], chance: random.Random) -> list[Delivery]:
    """Each event three times in any order, some three days late, and some never."""
    knocks = []
    for event in told:
        if chance.random() < 0.07:
            continue
        late = timedelta(days=3) if chance.random() < 0.1 else timedelta()
        knocks += [Delivery(AT + late + timedelta(seconds=chance.randrange(3_600)), event) for _ in range(3)]
    chance.shuffle(knocks)
    return sorted(knocks, key=lambda knock: knock.at)


def heard(sandbox: SandboxProcess, knocks: list[Delivery], chance: random.Random) -> Counter[int]:
    """Everything is delivered, and the worker is now quick, now slow; how often each event was handled."""
    handled: Counter[int] = Counter()
    for knock in knocks:
        deliver(sandbox, knock.told, at=knock.at)
        if chance.random() < 0.1:
            handled.update(worked(at=knock.at))
    if knocks:
        handled.update(worked(at=knocks[-1].at))
    return handled


Picture = Counter[tuple[str, str]]


def picture() -> Picture:
    """Every row that was written about any account, without instants and the names of rows."""
    return Counter((name, row) for name, row in _rows())


def _rows() -> Iterator[tuple[str, str]]:
    for label in WRITTEN:
        for model in apps.get_app_config(label).get_models():
            names = [field.attname for field in model._meta.concrete_fields if _is_compared(field)]
            for values in model._default_manager.values_list(*names):
                yield model.__name__, str([_plain(value) for value in values])


def _is_compared(field: "models.Field[Any, Any]") -> bool:
    if field.name in TOLD_OTHERWISE or isinstance(field, models.DateTimeField | models.DateField | models.BinaryField):
        return False
    return not field.is_relation or field.related_model in (Account, PaymentMethod)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return ""
    if isinstance(value, dict | list):
        value = json.dumps(value, sort_keys=True)
    return re.sub(r"\b(inv|evt|sub|txn|mai|iln)_\w+", r"\1", value) if isinstance(value, str) else value
