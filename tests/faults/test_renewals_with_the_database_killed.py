"""PostgreSQL is killed in the middle of a night's renewals and of their charges: none is missed, none is taken twice,
nothing is stuck; and the worker that was at it outlives the database.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.agenda.models import BillingChunk, BillingRun, Due
from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment, PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.config import database
from palier.flows import renew
from palier.kit import clock
from palier_stack import ports
from palier_stack.postgres import Server
from tests import crowd, world
from tests.books import assert_balanced
from tests.crowd import Wish
from tests.databases import durable
from tests.faults.lives import SEED
from tests.faults.stand import DURABLE, LOWEST_PORT, kill
from tests.faults.workers import books_are_not_examined, worker
from tests.live_stack import until
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess

CROWD, KILLS = sized((80, 2), (2_000, 5), (10_000, 5))
"""How many subscribers are due, and how often PostgreSQL is killed until all of them have paid."""

CHUNK: Final = 20
PATIENCE_SECONDS: Final = 3600
PACE: Final = {"PALIER_CHARGES_PER_SECOND": "20", "PALIER_CHARGE_LANES": "2"}
"""So that the night is not over before the last death, however slow the machine is at looking."""


def test_a_night_with_its_database_killed_is_the_night_without(sandbox: SandboxProcess, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED}/database")
    with durable(DURABLE, port=ports.next_free(LOWEST_PORT)) as (server, url), working_on(url):
        world.publish()
        subjects, token = due_today(sandbox)
        renew.plan(now=clock.now(), size=CHUNK)
        books_are_not_examined()  # the crowd has no first invoices
        with worker(url, sandbox, tmp_path / "worker.log", queues=("billing", "clock"), more=PACE) as running:
            for number in range(KILLS):
                until(reached(2 * (number + chance.uniform(0, 0.8)) / KILLS), "some", seconds=PATIENCE_SECONDS)
                assert progress() < 2, f"the night was over after {number} kills"
                killed_and_started(server)
                happened("renewal_database_kills", seed=SEED)
            until(lambda: progress() == 2, "all to be renewed and paid", seconds=PATIENCE_SECONDS)
            until(lambda: not unfinished(), "the end of all work", seconds=PATIENCE_SECONDS)
            assert running.poll() is None, "the worker has not outlived PostgreSQL"
        assert_renewed_and_paid_once(subjects, token, sandbox)
        assert_balanced(sandbox)


def due_today(sandbox: SandboxProcess) -> tuple[list[int], str]:
    """Subscribers whose month ended with the last one, all of whom pay with one card; their ids and its token."""
    first = clock.now().astimezone(crowd.PARIS).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    wishes = [Wish(seats=n % 9 + 1, renews_after=first - timedelta(days=2)) for n in range(CROWD)]
    subjects = crowd.subscribers(wishes)
    reference = f"renewals.{clock.now().timestamp()}"
    fields = gateway().card_fields_url(reference, locale="en", parent_origin=settings.BASE_URL)
    assert sandbox.type_card(fields, world.GOOD).status_code in (200, 303)
    typed = gateway().card_from_fields(reference)
    assert typed is not None
    PaymentMethod.objects.update(token=typed.token)
    return subjects, typed.token


def progress() -> float:
    """1 once all are renewed, 2 once all have paid."""
    chunks, payments = BillingChunk.objects.all(), Payment.objects.all()
    renewed = chunks.exclude(done_at=None).count() / chunks.count()
    return renewed + payments.filter(state="succeeded").count() / CROWD


def reached(share: float) -> Callable[[], bool]:
    """That ``progress`` has come so far."""
    return lambda: progress() >= share


def unfinished() -> bool:
    """Whether a job waits or runs, but those of the clock."""
    return ProcrastinateJob.objects.filter(queue_name="billing", status__in=("todo", "doing")).exists()


def assert_renewed_and_paid_once(subjects: list[int], token: str, sandbox: SandboxProcess) -> None:
    """Each has one period, one invoice, one charge in the gateway's own book and one receipt more; nothing is left."""
    now = clock.now()
    mine = Subscription.objects.filter(pk__in=subjects)
    assert mine.filter(period_start__lte=now, period_end__gt=now).count() == len(subjects), "missed"
    assert BillingPeriod.objects.filter(subscription__in=subjects).count() == 2 * len(subjects), "billed twice"
    assert Invoice.objects.filter(state="paid").count() == Invoice.objects.count() == len(subjects)
    taken = sandbox.book_of([token])["charges"]
    payments = Payment.objects.all()
    assert {row["reference"] for row in taken} == {payment.public_id for payment in payments}
    assert len(taken) == payments.count() == len(subjects), "charged other than once"
    assert Mail.objects.filter(kind="receipt").count() == len(subjects), "told other than once"
    assert Due.objects.filter(kind="renewal", subject__in=subjects, due_at__gt=now).count() == len(subjects)
    assert not BillingRun.objects.filter(ended_at=None).exists(), "the run is stuck"
    ours = ProcrastinateJob.objects.filter(task_name__in=("renew_chunk", "collect_payment"))
    assert not ours.exists(), "a job was given up; those of the clock and of its lanes come again"


def killed_and_started(server: Server) -> None:
    """SIGKILL to all of PostgreSQL; started again on the same data and port. Our own connection was one of its."""
    port = server.port
    kill(server)
    connection.close()
    server.start()
    assert server.port == port, "another program has taken the port of PostgreSQL"


@contextmanager
def working_on(url: str) -> Iterator[None]:
    """What this process asks meanwhile goes to another server."""
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(database.settings_of(url, pool_size=0))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
