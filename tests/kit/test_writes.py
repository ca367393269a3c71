"""Rows of several tables in one statement: all of them, in the caller's transaction, or none."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts.models import Account
from palier.apps.events.models import Event
from palier.kit import ids, jobs, writes
from tests.world import NOON

pytestmark = pytest.mark.django_db


def account(name: str = "Lumière") -> Account:
    return Account(name=name, country="FR", created_at=NOON)


def event(**values: Any) -> Event:
    return Event(**{"account_id": 1, "kind": "told", "payload": {"said": "“:%s'\\”"}, "at": NOON, **values})


def test_rows_of_several_tables_are_one_statement(django_assert_num_queries: Any) -> None:
    first, second = event(kind="first"), event(kind="second")
    with django_assert_num_queries(1):
        writes.insert(first, account(), second)

    assert Account.objects.get().name == "Lumière"
    told = list(Event.objects.order_by("id"))
    assert told == [first, second]
    assert [each.payload for each in told] == [first.payload, second.payload]
    assert not first._state.adding


def test_a_block_writes_at_its_end_rows_first_then_jobs(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2), writes.together():
        writes.insert(event())
        jobs.defer("send_mail", mail_id=1)
        writes.insert(account())
        jobs.defer("make_invoice_document", invoice_id=2)

    assert (Event.objects.count(), Account.objects.count()) == (1, 1)
    names = ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True)
    assert list(names) == ["send_mail", "make_invoice_document"]


def test_a_block_that_raises_writes_nothing(django_assert_num_queries: Any) -> None:
    def interrupted() -> None:
        with writes.together():
            writes.insert(event())
            raise KeyError

    with django_assert_num_queries(0), pytest.raises(KeyError):
        interrupted()


def test_a_block_inside_another_ends_with_it(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), writes.together():
        with writes.together():
            writes.insert(event())
        writes.insert(account())


def test_one_refused_row_refuses_all() -> None:
    kept = account()
    writes.insert(kept)
    with pytest.raises(IntegrityError), transaction.atomic():
        writes.insert(event(), Account(id=kept.id, name="Twice", country="FR", created_at=NOON))
    assert not Event.objects.exists()


def test_without_rows_nothing_is_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), writes.together():
        writes.insert()
        writes.enqueue()


def test_identities_of_one_process_never_count_down() -> None:
    given = [ids.new_id() for _ in range(5_000)]
    assert given == sorted(set(given))
