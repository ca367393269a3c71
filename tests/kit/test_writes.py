"""Rows of several tables in one statement: all of them, in the caller's transaction, or none."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, OperationalError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts.models import Account
from palier.apps.events.models import Event
from palier.kit import ids, jobs, writes
from tests.world import NOON

pytestmark = pytest.mark.django_db


def account(name: str = "Lumière") -> Account:
    return Account(name=name, country="FR", created_at=NOON)


def event(**values: Any) -> Event:
    return Event(
        **{
            "account_id": 1,
            "kind": "told",
            "author": "clock",
            "role": "clock",
            "payload": {"said": "“:%s'\\”"},
            "at": NOON,
            **values,
        }
    )


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deferring", [jobs.defer, partial(jobs.defer_once, key="mine")], ids=["defer", "defer_once"])
def test_a_database_lost_at_the_jobs_is_lost_as_at_any_other_statement(deferring: Callable[..., None]) -> None:
    """In Django's words: whoever answers "not now" to a lost database does so here as well."""
    Account.objects.exists()
    own = connection.connection

    def lost_on_the_way() -> None:
        with transaction.atomic():
            with psycopg.connect(f"{own.info.dsn} password={own.info.password}", autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 60000)", [own.info.backend_pid])
            deferring("send_mail", mail_id=1)

    with pytest.raises(OperationalError):
        lost_on_the_way()
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deferring", [jobs.defer, partial(jobs.defer_once, key="mine")], ids=["defer", "defer_once"])
def test_within_the_worker_too_a_job_is_rolled_back_with_the_rows_that_it_is_about(
    deferring: Callable[..., None],
) -> None:
    """The worker has connections of its own, on which it takes jobs."""

    def rolled_back() -> None:
        try:
            with transaction.atomic():
                deferring("send_mail", mail_id=1)
                raise KeyError
        except KeyError:
            return
        finally:
            connection.close()

    async def as_the_worker() -> None:
        assert isinstance(app.connector, DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()):
            async with app.open_async():
                await sync_to_async(rolled_back, thread_sensitive=False)()

    asyncio.run(as_the_worker())
    assert not ProcrastinateJob.objects.exists()
