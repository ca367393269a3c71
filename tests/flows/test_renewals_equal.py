"""A night in bulk writes, for every subscriber, exactly what the engine's draft and the row-by-row writers would."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK
from palier.apps.events.models import Event
from palier.apps.invoices.models import Invoice, InvoiceLine, NumberSeries
from palier.apps.ledger.models import Entry, Transaction
from palier.apps.payments.models import Payment
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions import states
from palier.apps.subscriptions.models import (
    BillingPeriod,
    ScheduledChange,
    SeatEntry,
    Subscription,
    SubscriptionItem,
)
from palier.engine import drafts
from palier.flows import billing, renew, upcoming
from palier.flows.facts import facts_of
from tests import crowd, world
from tests.books import assert_balanced

pytestmark = pytest.mark.django_db

NIGHTS = (
    datetime(2026, 6, 1, 3, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),  # already 1 March in Paris
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # the next year's series in Paris
)


Book = dict[str, Sequence[object]]


class Undone(Exception):
    """What was written row by row makes room for what is written in bulk."""


@pytest.mark.parametrize("night", NIGHTS, ids=[f"{night:%Y-%m-%d}" for night in NIGHTS])
def test_in_bulk_as_row_by_row(night: datetime) -> None:
    world.publish(now=world.NOON)
    chance = random.Random(f"{night}")
    wishes = [crowd.anyone(chance, renews_after=night - timedelta(days=400)) for _ in range(64)]
    made = crowd.subscribers(wishes)
    due = Due.objects.filter(kind="renewal", subject__in=made, due_at__lte=night).order_by("subject")
    subjects = list(due.values_list("subject", flat=True))
    assert len(subjects) > 35
    Subscription.objects.filter(pk__in=subjects[::9]).update(currency="EUR")  # moved abroad, as it was sold
    with_changes(chance, subjects[::3])
    expected = row_by_row(subjects, night)
    assert renew.these(subjects, now=night) == len(subjects)
    written = book(subjects)
    for subject in subjects:
        assert written[subject] == expected[subject]
    assert sum(len(rows) for rows in written[subjects[0]].values()) > 9
    assert_balanced(but=("I10", "I21"))  # the crowd was never invoiced before, and some changed country


def with_changes(chance: random.Random, subjects: list[int]) -> None:
    """Steps down that wait, one or several, some for a later renewal."""
    for held in Subscription.objects.filter(pk__in=subjects):
        owner = Member.objects.get(account=held.account_id)
        wishes: list[dict[str, Any]] = [
            {"kind": "plan", "key": chance.choice(["team", "business"])},
            {"kind": "seats", "quantity": chance.randint(1, 9)},
            {"kind": "interval", "key": chance.choice(["month", "year"])},
            {"kind": "add_on", "key": "records", "quantity": chance.choice([0, 2])},
        ]
        for wish in chance.sample(wishes, chance.randint(1, 3)):
            later = timedelta(days=chance.choice([0, 0, 0, 9]) if wish["kind"] != "seats" else 0)
            made = subscriptions.schedule(
                held, **wish, member=owner, effective_at=held.period_end + later, now=held.period_start
            )
            told = {"change": made.public_id, "what": made.kind}
            record(held.account_id, "change.scheduled", by=owner.author, now=held.period_start, **told)


def row_by_row(subjects: list[int], now: datetime) -> dict[int, Book]:
    """What is written for each subscriber by the flows that know one at a time; then it is undone."""
    book_of_rows: dict[int, Book] = {}
    try:
        with transaction.atomic():
            for subject in subjects:
                one_by_itself(subject, now)
            book_of_rows = book(subjects)
            raise Undone
    except Undone:
        return book_of_rows


def one_by_itself(subject: int, now: datetime) -> None:
    account = Account.objects.get(subscriptions=subject)
    facts = facts_of(account, now=now)
    (held,) = facts.held
    state, catalogue = held.current.state, facts.catalogue
    items = upcoming.items_at_renewal(state, held.waiting, catalogue)
    draft = drafts.renewal(held.current, items=items, tax=facts.tax, policy=catalogue.policy)
    subscriptions.move(held.subscription, draft.after, catalogue_version_id=catalogue.version_id)
    applied = upcoming.applied_at_renewal(state, held.waiting)
    subscriptions.apply([change.id for change in applied], now=now)
    seats = draft.after.seats
    if seats != held.seats:
        subscriptions.note_seats(held.subscription, seats, seats, "renewed", member=None, now=now)
    agenda.drop((upcoming.RENEWAL, upcoming.NOTICE), subject)
    agenda.put_new(upcoming.dues(held.subscription, draft.after, catalogue, now=now))
    invoice = billing.issue(facts, held.subscription, draft, by=CLOCK, now=now)
    told: dict[str, Any] = {"subscription": held.subscription.public_id, "invoice": invoice.public_id}
    if applied:
        told |= {"before": held.told(), "after": {held.subscription.public_id: states.told_of(draft.after)}}
    record(account.id, "subscription.renewed", by=CLOCK, now=now, **told)


def book(subjects: list[int]) -> dict[int, Book]:
    """Everything that a renewal writes, by subscriber, without identities; numbers as places in their series."""
    found: dict[int, Book] = {}
    numbers = {series.prefix: series.last_number for series in NumberSeries.objects.all()}
    assert sum(numbers.values()) == Invoice.objects.count()
    for held in Subscription.objects.filter(pk__in=subjects):
        invoices = list(Invoice.objects.filter(account=held.account_id))
        names = {held.public_id: "the subscription", **{each.public_id: "the invoice" for each in invoices}}
        payments = list(Payment.objects.filter(account=held.account_id))
        names |= {each.public_id: "the payment" for each in payments}
        of_account = {"account_id": held.account_id}
        found[held.id] = {
            "subscription": rows(Subscription, pk=held.id),
            "items": rows(SubscriptionItem, subscription=held.id),
            "periods": rows(BillingPeriod, subscription=held.id),
            "changes": rows(ScheduledChange, subscription=held.id),
            "seats": rows(SeatEntry, subscription=held.id),
            "dues": rows(Due, **of_account),
            "invoices": rows(Invoice, **of_account),
            "lines": rows(InvoiceLine, subscription=held.id),
            "payments": rows(Payment, **of_account),
            "movements": [
                (each.kind, names[each.reference.partition(":")[0]], each.reference.partition(":")[2], each.posted_at)
                for each in Transaction.objects.filter(**of_account)
            ],
            "entries": rows(Entry, transaction__in=Transaction.objects.filter(**of_account)),
            "events": sorted(
                (each.kind, each.author, each.role, each.at, told(each, names))
                for each in Event.objects.filter(**of_account)
            ),
        }
    return found


def told(fact: Event, names: dict[str, str]) -> str:
    """What a fact is about, by names instead of identities."""
    text = json.dumps(fact.payload, sort_keys=True)
    for identity, name in names.items():
        text = text.replace(identity, name)
    return text


IDENTITIES = {"id", "pk", "invoice_id", "transaction_id", "sequence", "number"}


def rows(model: type, **of: object) -> list[object]:
    kept = [each.attname for each in model._meta.concrete_fields if each.attname not in IDENTITIES]  # type: ignore[attr-defined]
    return sorted(model.objects.filter(**of).values_list(*kept), key=repr)  # type: ignore[attr-defined]
