"""Every job by name. Each is repeatable: a killed worker's job runs again."""

import logging
from typing import Final

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from palier.apps.accounts import actions as accounts
from palier.apps.accounts import clocks
from palier.apps.invoices import documents
from palier.apps.notices import actions as notices
from palier.flows import agenda, charge, collect, doctor, receive, refund, renew, travel
from palier.flows.conversations import tell_customer, tell_team
from palier.interfaces.worker.retries import PATIENT
from palier.kit import clock, database

log: Final = logging.getLogger(__name__)

TRACES_HOURS: Final = 30 * 24
"""How long a job that failed is kept for a person to look at; what it was about is taken up again without it."""

RESCUES: Final = 5
"""After so many attempts the job of a worker that died is not run again."""


@app.task(name="collect_payment", queue="billing", retry=PATIENT)
def collect_payment(payment_id: int) -> None:
    collect.payment(payment_id, now=clocks.time_of(clock.now(), payments=payment_id))


@app.task(name="refund_late_payment", queue="billing", retry=PATIENT)
def refund_late_payment(payment_id: int) -> None:
    refund.late(payment_id, now=clocks.time_of(clock.now(), payments=payment_id))


@app.task(name="ask_about_failed_payment", queue="billing", retry=PATIENT)
def ask_about_failed_payment(payment_id: int) -> None:
    refund.noticed(payment_id, now=clocks.time_of(clock.now(), payments=payment_id))


@app.task(name="handle_gateway_event", queue="billing", retry=PATIENT)
def handle_gateway_event(event_id: int) -> None:
    receive.handled(event_id, now=clock.now())


@app.task(name="send_mail", queue="mail", retry=PATIENT)
def send_mail(mail_id: int) -> None:
    notices.send(mail_id, now=clock.now())


@app.task(name="tell_of_answer", queue="mail", retry=PATIENT)
def tell_of_answer(message_id: int) -> None:
    tell_customer.of_answer(message_id, now=clock.now())


@app.task(name="tell_of_question", queue="mail", retry=PATIENT)
def tell_of_question(message_id: int) -> None:
    tell_team.of_unread(message_id, now=clock.now())


@app.task(name="tell_of_solution", queue="mail", retry=PATIENT)
def tell_of_solution(conversation_id: int) -> None:
    tell_customer.of_solution(conversation_id, now=clock.now())


@app.task(name="make_invoice_document", queue="documents", retry=PATIENT)
def make_invoice_document(invoice_id: int) -> None:
    documents.keep(invoice_id, now=clocks.time_of(clock.now(), invoices=invoice_id))


@app.task(name="renew_chunk", queue="billing", retry=PATIENT)
def renew_chunk(chunk_id: int) -> None:
    renew.chunk(chunk_id, now=clock.now())


@app.task(name="charge_lane", queue="billing")
def charge_lane(lane: int) -> None:
    """One turn of a lane. A payment at fault is left to ``collect_unknown``, and the others go on."""
    for payment_id in charge.turn(lane):
        try:
            if not charge.one(payment_id, now=clocks.time_of(clock.now(), payments=payment_id)):
                return
        except Exception as error:
            if database.is_away(error):
                raise
            log.exception("payment %s could not be sent", payment_id)


@app.task(name="work_off", queue="billing", retry=PATIENT)
def work_off(due_id: int) -> None:
    agenda.work_off(due_id, now=clock.now())


@app.task(name="travel_account", queue="billing", retry=PATIENT)
def travel_account(travel_id: int) -> None:
    for later in travel.stages(travel_id):
        travel.step(travel_id, later, now=clock.now())


@app.periodic(cron="* * * * * */20")
@app.task(name="work_the_agenda", queue="clock", queueing_lock="work_the_agenda", pass_context=False)
def work_the_agenda(timestamp: int) -> None:
    """What falls due: renewals in runs, everything else row by row."""
    renew.plan(now=clock.now())
    agenda.work(now=clock.now())


@app.periodic(cron="* * * * * */2")
@app.task(name="charge_invoices", queue="clock", queueing_lock="charge_invoices", pass_context=False)
def charge_invoices(timestamp: int) -> None:
    charge.wake()


@app.periodic(cron="* * * * * */10")
@app.task(name="collect_unknown", queue="clock", queueing_lock="collect_unknown", pass_context=False)
def collect_unknown(timestamp: int) -> None:
    collect.unknown(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="ask_about_failed", queue="clock", queueing_lock="ask_about_failed", pass_context=False)
def ask_about_failed(timestamp: int) -> None:
    """What a gateway takes after it has called the payment failed is found without its event."""
    refund.ask_about_failed(now=clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="defer_forgotten", queue="clock", queueing_lock="defer_forgotten", pass_context=False)
def defer_forgotten(timestamp: int) -> None:
    """A mail server or gateway that was away for longer than the patience of a job loses nothing."""
    notices.send_forgotten(now=clock.now())
    receive.forgotten(now=clock.now())
    refund.forgotten(now=clock.now())
    travel.forgotten()


@app.periodic(cron="23 * * * *")
@app.task(name="forget_counted_tries", queue="clock", queueing_lock="forget_counted_tries", pass_context=False)
def forget_counted_tries(timestamp: int) -> None:
    """What log-in counted is kept as long as it limits something."""
    accounts.forget_counted_tries(now=clock.now())


@app.periodic(cron="41 3 * * *")
@app.task(name="forget_failed_jobs", queue="clock", queueing_lock="forget_failed_jobs")
async def forget_failed_jobs(timestamp: int) -> None:
    """Whoever wanted to know why has looked: turns of the clock during an outage would stay for ever."""
    await app.job_manager.delete_old_jobs(TRACES_HOURS, include_failed=True)


@app.periodic(cron="17 * * * *")
@app.task(name="examine_books", queue="clock", queueing_lock="examine_books", pass_context=False)
def examine_books(timestamp: int) -> None:
    """Every invariant over both books; what breaks one is parked and told."""
    doctor.rounds(now=clock.now())


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
