"""A database that takes no writes, as a standby or where an operator has said so: away, and not broken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import InternalError, OperationalError, connection, transaction
from django.test import Client

from palier.apps.agenda.models import Failure
from palier.apps.orders.models import Order
from palier.flows import doctor, renew
from palier.interfaces.cli.doctor import told
from palier.kit import jobs
from tests.flows.test_races_of_a_life import JULY, Stage
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.test_services_down import AWAY, ONCE, paid
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, publish

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def read_only() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        connection.close()


def test_who_pays_is_told_not_now_and_who_reads_is_served(cast: Cast, client_of: ClientOf) -> None:
    quote, client = scenes.quoted(cast.owner), client_of(cast.owner)
    with read_only():
        page = Page(client.post(f"/checkout/{quote.public_id}/", paid()))
        assert client.get(f"/checkout/{quote.public_id}/").status_code == 200
    assert (page.status, page.heading) == (503, AWAY["en"])
    assert page.says(ONCE["en"])
    assert not Order.objects.exists()


def test_the_health_check_and_the_doctor_say_so(cast: Cast) -> None:
    with read_only():
        answer = Client().get("/healthz")
        found = doctor.examine(now=JULY, with_the_gateway=False)
    assert (answer.status_code, answer.json()) == (503, {"status": "read-only"})
    assert found.unwritable == "read-only"
    assert "keeps nothing just now: it is read-only" in told(found)


def test_a_renewal_is_not_at_fault(sandbox: SandboxProcess) -> None:
    publish()
    stage = Stage(sandbox)
    with pytest.raises(InternalError), read_only():
        renew.these([stage.subscription.id], now=JULY)
    assert not Failure.objects.exists()


@pytest.mark.parametrize("deferring", [jobs.defer, partial(jobs.defer_once, key="mine")], ids=["defer", "defer_once"])
def test_a_job_that_cannot_be_kept_is_told_as_any_lost_statement(deferring: Callable[..., None]) -> None:
    with pytest.raises(OperationalError), read_only(), transaction.atomic():
        deferring("send_mail", mail_id=1)
