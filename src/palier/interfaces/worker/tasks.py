"""Every job by name. Each is repeatable: a killed worker's job runs again."""

import logging
from typing import Final

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from palier.apps.invoices import documents
from palier.apps.notices import actions as notices
from palier.flows import collect, receive, refund
from palier.interfaces.worker.retries import PATIENT
from palier.kit import clock

log: Final = logging.getLogger(__name__)

RESCUES: Final = 5
"""After so many attempts the job of a worker that died is not run again."""


@app.task(name="collect_payment", queue="billing", retry=PATIENT)
def collect_payment(payment_id: int) -> None:
    collect.payment(payment_id, now=clock.now())


@app.task(name="refund_late_payment", queue="billing", retry=PATIENT)
def refund_late_payment(payment_id: int) -> None:
    refund.late(payment_id, now=clock.now())


@app.task(name="handle_gateway_event", queue="billing", retry=PATIENT)
def handle_gateway_event(event_id: int) -> None:
    receive.handled(event_id, now=clock.now())


@app.task(name="send_mail", queue="mail", retry=PATIENT)
def send_mail(mail_id: int) -> None:
    notices.send(mail_id, now=clock.now())


@app.task(name="make_invoice_document", queue="documents", retry=PATIENT)
def make_invoice_document(invoice_id: int) -> None:
    documents.keep(invoice_id, now=clock.now())


@app.periodic(cron="* * * * * */10")
@app.task(name="collect_unknown", queue="clock", queueing_lock="collect_unknown", pass_context=False)
def collect_unknown(timestamp: int) -> None:
    collect.unknown(now=clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="defer_forgotten", queue="clock", queueing_lock="defer_forgotten", pass_context=False)
def defer_forgotten(timestamp: int) -> None:
    """A mail server or gateway that was away for longer than the patience of a job loses nothing."""
    notices.send_forgotten(now=clock.now())
    receive.forgotten(now=clock.now())


@app.periodic(cron="* * * * * */15")
@app.task(name="rescue_stalled", queue="clock", queueing_lock="rescue_stalled")
async def rescue_stalled(timestamp: int) -> None:
    """Run the jobs of dead workers again. It holds no ``lock``: a stalled rescuer would block every later one."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=settings.WORKER_SILENCE_SECONDS)
    for job in stalled:
        await _again(job)


async def _again(job: Job) -> None:
    """What the clock started is dropped: its next turn does the same, and one in waiting would refuse this one.

    A job that may be what kills the workers is given up: its rows stay, for the clock or a person to take up.
    """
    if job.queueing_lock is not None:
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    elif job.attempts < RESCUES:
        await app.job_manager.retry_job(job)
    else:
        log.error(
            "job %s, %s, is given up: its worker died again; its arguments: %s", job.id, job.task_name, job.task_kwargs
        )
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
