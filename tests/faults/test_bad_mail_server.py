"""A bad mail server (F35): down, hanging up before or after it has kept a letter, putting off, refusing, slow.

Every letter of a night's renewals arrives or is visibly undelivered; a repeated one has the id of the first; money
never waits for a letter, and of each fact there is one.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from smtplib import SMTPException
from typing import Final

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django.fixtures import Settings

from palier.apps.gateways.contract import Succeeded
from palier.apps.invoices.models import Invoice
from palier.apps.notices import actions as outbox
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import dead_letters, doctor, renew, settle
from palier.interfaces.worker import tasks
from palier.interfaces.worker.retries import PATIENT
from palier.kit import clock
from palier_stack import ports
from tests import crowd
from tests.faults.bad_mail_server import BAD_DAYS, BadServer, bad_mail_server
from tests.report.happened import happened
from tests.report.size import sized

Facts = Counter[tuple[str, str]]
"""What is true of the invoices, and what the letters tell."""

SEED: Final = 35
NIGHTS: Final = sized(1, 40, 198)
DAYS: Final = 6
"""How often the letters of one night are sent, by a server with other troubles each time: their money moved once."""

LETTERS: Final = 85
"""Of one night; the one with a real worker has fewer."""

WITH_A_WORKER: Final = 25
SMTP: Final = "django.core.mail.backends.smtp.EmailBackend"


def test_a_real_worker_brings_each_letter_once_or_leaves_it_visibly_undelivered(settings: Settings) -> None:
    arrive_or_are_visibly_undelivered(settings, a_paid_night(WITH_A_WORKER), a_worker_turns, random.Random(SEED))


@pytest.mark.parametrize("number", range(NIGHTS))
def test_every_letter_arrives_with_one_id_or_is_visibly_undelivered_and_no_payment_waits(
    settings: Settings, number: int
) -> None:
    facts = a_paid_night(LETTERS)
    for day in range(DAYS):
        with transaction.atomic():
            chance = random.Random(f"{SEED} {number} {day}")
            arrive_or_are_visibly_undelivered(settings, facts, a_quick_worker_turns, chance)
            transaction.set_rollback(True)


def arrive_or_are_visibly_undelivered(
    settings: Settings, facts: Facts, worker_turns: Callable[[], None], chance: random.Random
) -> None:
    """The letters of a paid night: there is no mail server at all, then a bad one, in the end a good one."""
    letters = Mail.objects.count()
    settings.MAILERS = to_port(ports.any_free())  # nobody listens there
    assert not Mail.objects.exclude(sent_at=None).exists(), "a letter has left before its job"
    worker_turns()
    assert waiting_jobs().total() == letters, "a letter was given up at once"
    assert min(waiting_jobs()) >= 1, "a letter was not tried"
    happened("outbound_letters", letters, seed=SEED)

    with bad_mail_server() as server:
        settings.MAILERS = to_port(server.port)
        dead, at_once = scripts(server, chance)
        until_nothing_waits(worker_turns)
        assert server.happened.keys() >= set(BAD_DAYS) - {"slow"}, "a kind of bad day did not happen"
        assert_delivered_or_visibly_dead(server, dead, at_once)
        assert_one_of_each_fact(facts)
        server.scripts.clear()
        assert outbox.send_forgotten(now=clock.now() + doctor.PATIENCE) == len(dead)
        for mail in dead_letters.all_of():
            dead_letters.resend(mail.id, who="the postmaster", now=clock.now())
        until_nothing_waits(worker_turns)
        assert_delivered_or_visibly_dead(server, set(), set())
    assert_one_of_each_fact(facts)


def to_port(port: int) -> dict[str, object]:
    """The settings of a mail server on this machine."""
    return {"default": {"BACKEND": SMTP, "OPTIONS": {"host": ports.LOOPBACK, "port": port, "timeout": 60}}}


def a_paid_night(letters: int) -> Facts:
    """Renewals that are invoiced and paid while there is no mail server; returns the facts that letters tell."""
    ids = crowd.subscribers([crowd.Wish(seats=1 + turn % 5, buyer=0) for turn in range(letters)])
    now = max(Subscription.objects.filter(pk__in=ids).values_list("period_end", flat=True))
    assert renew.these(ids, now=now) == letters
    for payment in Payment.objects.select_related("method").filter(state="started"):
        said = (payment.public_id, payment.amount_minor, payment.currency, payment.method.token)
        settle.payment(payment.id, Succeeded(f"ch_{payment.id}", *said), now=clock.now())
    assert Mail.objects.count() == letters
    return facts_told()


def facts_told() -> Facts:
    """Which invoice is paid, and which letter says so."""
    paid = [(invoice.state, f"receipt:{invoice.public_id}") for invoice in Invoice.objects.all()]
    return Counter([*paid, *Mail.objects.values_list("kind", "key")])


def assert_one_of_each_fact(facts: Facts) -> None:
    """Nothing was told anew, and what is paid has stayed paid."""
    assert facts_told() == facts
    assert {state for state, _ in facts} == {"paid", "receipt"}
    assert set(facts.values()) == {1}


def scripts(server: BadServer, chance: random.Random) -> tuple[set[str], set[str]]:
    """What the server does about each letter; returns whose it never takes, however often it comes, and whom it says
    for good that it does not know."""
    dead, at_once = set(), set()
    recipients = list(Mail.objects.order_by("id").values_list("recipient", flat=True))
    assert len(set(recipients)) == len(recipients), "a script is found by its letter's recipient"
    for turn, recipient in enumerate(recipients):
        days = chance.choices(BAD_DAYS, k=chance.choice([0, 0, 0, 1, 1, 1, 2, 5]))
        if turn < len(BAD_DAYS):
            days = [BAD_DAYS[turn]]
        elif turn % 20 == 19:
            days = [
                chance.choice(["never_for_the_reader", "never_for_the_letter", "hangs_up_on_the_letter"]),
                "for_ever",
            ]
            dead.add(recipient)
        if refused_at_once(days):
            dead.discard(recipient)
            at_once.add(recipient)
        server.scripts[recipient] = days
    return dead, at_once


def refused_at_once(days: list[str]) -> bool:
    """Whether a letter meets a refusal of its reader before it is taken."""
    return next((day for day in days if day in ("slow", "never_for_the_reader")), "") == "never_for_the_reader"


def until_nothing_waits(worker_turns: Callable[[], None]) -> None:
    """Worker after worker, each once the time until the next try is over."""
    for _ in range(PATIENT.max_attempts or 0):
        if not waiting_jobs():
            return
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        worker_turns()
    assert not waiting_jobs(), "a letter is tried for ever"


def a_quick_worker_turns() -> None:
    """What a worker does about the letters that wait, each once, without its own process of fetching and noting."""
    for job in ProcrastinateJob.objects.filter(queue_name="mail", status="todo").order_by("id"):
        try:
            tasks.send_mail(**job.args)
        except (OSError, SMTPException) as trouble:
            tried = Job(queue="mail", lock=None, queueing_lock=None, task_name=job.task_name, attempts=job.attempts)
            again = PATIENT.get_retry_decision(exception=trouble, job=tried)
            with connection.cursor() as cursor:
                state = "todo" if again else "failed"
                cursor.execute(
                    "UPDATE procrastinate_jobs SET attempts = attempts + 1, status = %s WHERE id = %s", [state, job.pk]
                )
        else:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])


def a_worker_turns() -> None:
    """A real worker takes the letters that wait, each once, and ends."""

    async def work() -> None:
        app = procrastinate_app.current_app
        assert isinstance(app.connector, DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await working.run_worker_async(
                    queues=["mail"],
                    concurrency=4,
                    wait=False,
                    delete_jobs="successful",
                    listen_notify=False,
                    install_signal_handlers=False,
                )

    asyncio.run(work())


def waiting_jobs() -> Counter[int]:
    """How many letters wait for their next try, by the number of tries so far."""
    return Counter(ProcrastinateJob.objects.filter(queue_name="mail", status="todo").values_list("attempts", flat=True))


def assert_delivered_or_visibly_dead(server: BadServer, dead: set[str], at_once: set[str]) -> None:
    """Who is dead to the server: a failed job and a sentence of the doctor's; at once: given up, with the server's
    words. All others have their letter, once more for each time that the server kept it and did not say so, under the
    same id."""
    for mail in Mail.objects.all():
        identity = f"<{mail.public_id}@palier>"
        assert server.identities[mail.recipient] <= {identity}, "a repeated letter has another id"
        assert (mail.sent_at is None) == (mail.recipient in dead | at_once), f"{mail} is neither delivered nor dead"
        if mail.recipient not in at_once | dead:
            assert server.kept[identity] == 1 + server.kept_in_silence[identity], f"{mail} came otherwise than once"
    failed = ProcrastinateJob.objects.filter(queue_name="mail", status="failed")
    lost = Mail.objects.filter(recipient__in=dead)
    assert {job.args["mail_id"] for job in failed} >= set(lost.values_list("id", flat=True))
    found = doctor.examine(now=clock.now() + 2 * doctor.PATIENCE, with_the_gateway=False)
    assert {breach.subject for breach in found.breaches if breach.code == "I25"} == {mail.public_id for mail in lost}
    given_up = dead_letters.all_of()
    assert {mail.recipient for mail in given_up} == at_once
    assert {mail.trouble for mail in given_up} <= {"550 Nobody here"}
    assert {matter.subject for matter in found.matters} == {mail.public_id for mail in given_up}
