"""What the killed processes do: the same calls as a page, a webhook and a worker make.

Where a story names an account, its own jobs are alone in the queue, and each is acknowledged once it is done.
"""

import json
import os
import signal
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.test import Client, override_settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts.models import Account, Member, User
from palier.apps.agenda.models import BillingChunk, Due
from palier.apps.gateways.models import GatewayEvent
from palier.apps.invoices import documents
from palier.apps.invoices.models import Invoice
from palier.apps.notices import actions as outbox
from palier.apps.orders.models import Quote, SeatRequest
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import (
    agenda,
    card,
    charge,
    close,
    collect,
    doctor,
    dun,
    order,
    parked,
    receive,
    refund,
    renew,
    schedule,
    seat_requests,
)
from palier.flows.exports import export
from palier.flows.people import invite
from palier.interfaces.worker import tasks
from palier.kit import clock
from tests import world
from tests.live_stack import until


def pay(quote: int, card: str) -> None:
    """Pay is pressed, and the worker does what was deferred."""
    press_pay(quote, card)
    work(quote)


def press_pay(quote: int, card: str) -> None:
    """What the page does when Pay is pressed, once or again."""
    kept = Quote.objects.select_related("member", "account").get(pk=quote)
    order.place(kept, member=kept.member, card=card, evidence=world.evidence(), now=clock.now())


def work(quote: int) -> None:
    """What a worker does with the billing jobs that belong to a quote, whether they ran before or not."""
    payments = {payment.id: payment.public_id for payment in Payment.objects.filter(order__quote=quote)}
    events = GatewayEvent.objects.filter(reference__in=payments.values()).values_list("id", flat=True)
    concerned = Q(args__payment_id__in=list(payments)) | Q(args__event_id__in=list(events))
    for job in ProcrastinateJob.objects.filter(concerned, queue_name="billing").order_by("id"):
        app.tasks[job.task_name](**job.args)


def look_after(at: str) -> None:
    """What the clock starts, at an instant: nothing is known but the rows."""
    world.looked_after(now=datetime.fromisoformat(at))


def hear(headers: dict[str, str], body: str, quote: int) -> None:
    """A webhook arrives, and the worker does what was deferred."""
    receive.event(headers, body.encode(), now=clock.now())
    work(quote)


def renew_chunk(chunk: int, at: str) -> None:
    """A worker renews a chunk."""
    renew.chunk(chunk, now=datetime.fromisoformat(at))


def renew_all(at: str) -> None:
    """The clock plans, and a worker takes every chunk that is not done."""
    now = datetime.fromisoformat(at)
    renew.plan(now=now)
    for chunk in BillingChunk.objects.filter(done_at=None).order_by("id").values_list("id", flat=True):
        renew.chunk(chunk, now=now)


def renew_at_once(account: int, at: str) -> None:
    """An account's renewals that are due are invoiced, and their payments sent."""
    now = datetime.fromisoformat(at)
    alive = Subscription.objects.alive().filter(account=account).values_list("id", flat=True)
    renew.these(list(alive), now=now)
    for payment in charge.queue().filter(account=account):
        charge.one(payment.id, now=now)
    empty_the_queue(account, at)


def charge_lane(lane: int) -> None:
    """A worker has a turn at the queue of charges."""
    tasks.charge_lane(lane)


def charge_these(payments: list[int], at: str) -> None:
    """A worker has a turn at some of the charges; about those that were sent before it asks."""
    for payment in payments:
        charge.one(payment, now=datetime.fromisoformat(at))


def send_letter(mail: int, port: int) -> None:
    """A worker gives a letter of the outbox to the mail server of a port."""
    options = {"host": "127.0.0.1", "port": port, "timeout": 10}
    settings.MAILERS = {"default": {**settings.MAILERS["default"], "OPTIONS": options}}
    outbox.send(mail, now=clock.now())


def make_document(invoice: int) -> None:
    """A worker draws an invoice."""
    documents.keep(invoice, now=clock.now())


def work_once() -> None:
    """A real worker does what waits, one job at a time, and ends when nothing is left."""
    call_command("procrastinate", "worker", "--concurrency", "1", "--delete-jobs", "successful", "--one-shot")


@app.task(name="poison", queue="billing")
def poison() -> None:
    """A job that ends whoever takes it."""
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="harmless", queue="billing")
def harmless(turn: int) -> None:
    """A job that does nothing."""


# A press or a date, and the worker until the queue is empty.


def buy(quote: int, card: str, account: int, at: str) -> None:
    """A change of whatever kind is paid."""
    now = datetime.fromisoformat(at)
    kept = Quote.objects.select_related("member", "account").get(pk=quote)
    order.place(kept, member=kept.member, card=card, evidence=world.evidence(), now=now)
    empty_the_queue(account, at)


def press_pay_on_the_page(host: str, path: str, session: str, typed: dict[str, str], account: int, at: str) -> None:
    """The checkout's form is sent, and the worker does what was deferred."""
    client = Client(headers={"host": host})
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    answer = client.post(path, typed)
    assert answer.status_code == 302, answer.content.decode()  # the order's page, or another promise
    empty_the_queue(account, at)


def pay_invoice(invoice: int, member: int, card: str, account: int, at: str) -> None:
    """*Pay now* on an invoice's page."""
    dun.pay(_invoice(invoice), Member.objects.get(pk=member), card, now=datetime.fromisoformat(at))
    empty_the_queue(account, at)


def replace_card(member: int, account: int, at: str) -> None:
    """The card that was typed becomes the one on file."""
    owner = Account.objects.get(pk=account)
    card.replace(owner, Member.objects.get(pk=member), now=datetime.fromisoformat(at))
    empty_the_queue(account, at)


def cancel(member: int, account: int, at: str) -> None:
    """The subscription shall end with its period."""
    owner = Account.objects.get(pk=account)
    schedule.cancel(owner, Member.objects.get(pk=member), reason="too dear", now=datetime.fromisoformat(at))
    empty_the_queue(account, at)


def withdraw(change: int, member: int, account: int, at: str) -> None:
    """What waits is taken back."""
    waiting = ScheduledChange.objects.select_related("subscription").get(pk=change)
    schedule.withdraw(waiting, Member.objects.get(pk=member), now=datetime.fromisoformat(at))
    empty_the_queue(account, at)


def approve_seat(request: int, member: int, account: int, at: str) -> None:
    """A member's request is approved with the card on file."""
    asked = SeatRequest.objects.select_related("member__user", "account", "quote").get(pk=request)
    approver = Member.objects.select_related("account").get(pk=member)
    seat_requests.approve(asked, approver, evidence=world.evidence(), now=datetime.fromisoformat(at))
    empty_the_queue(account, at)


def hear_again(headers: dict[str, str], body: str, account: int, at: str) -> None:
    """The gateway speaks of a payment that is over."""
    receive.event(headers, body.encode(), now=datetime.fromisoformat(at))
    empty_the_queue(account, at)


def invite_person(member: int, email: str, account: int, at: str) -> None:
    """Somebody is invited."""
    owner = Account.objects.get(pk=account)
    invite.people(owner, Member.objects.get(pk=member), [email], now=datetime.fromisoformat(at))


def accept_invitation(token: str, account: int, at: str) -> None:
    """Who was invited follows the link and chooses a password."""
    now = datetime.fromisoformat(at)
    invite.accept(token, name="Nina New", password=world.PASSWORD, language="en", now=now)


def close_account(member: int, account: int, at: str) -> None:
    """The owner types the account's name to close it."""
    mine = Account.objects.get(pk=account)
    close.account(mine, Member.objects.get(pk=member), mine.name, now=datetime.fromisoformat(at))


def sign_up(host: str, address: str, typed: dict[str, str], account: int, at: str) -> None:
    """The form that opens an account is sent from an address on the internet; beside it stands ``account``."""
    client = Client(headers={"host": host}, REMOTE_ADDR=address)

    def answered() -> bool:
        """For a moment after a death the limit of tries is held by the dead: it says so, and ends by itself."""
        return client.post("/accounts/signup/", typed).status_code != 429

    until(answered, "the limit of tries to be free")
    assert User.objects.filter(email=typed["email"]).exists()


def take_along(member: int, account: int, at: str) -> None:
    """Everything about an account is exported."""
    by = Member.objects.get(pk=member)
    export.of_account(Account.objects.get(pk=account), by, BytesIO(), now=datetime.fromisoformat(at))


def examine(account: int, at: str) -> None:
    """The books are examined; ``account`` breaks an invariant."""
    with override_settings(PALIER_OPERATOR_EMAIL="operator@seller.example"):
        doctor.rounds(now=datetime.fromisoformat(at))


def give_back(payment: int, account: int, at: str) -> None:
    """A person decides that a parked payment goes back."""
    parked.refund(payment, who="Tess Team", why="taken and never used", now=datetime.fromisoformat(at))


def renew_and_charge(account: int, at: str) -> None:
    """The clock works off what is due to an account, and a lane sends what waits."""
    fall_due(account, at)
    _send_what_waits(account, at)


def _send_what_waits(account: int, at: str) -> None:
    for payment in charge.queue().filter(account=account).values_list("id", flat=True):
        charge.one(payment, now=datetime.fromisoformat(at))


def fall_due(account: int, at: str) -> None:
    """The clock works off what is due to an account."""
    now = datetime.fromisoformat(at)
    for row in Due.objects.filter(account_id=account, due_at__lte=now).order_by("due_at", "id"):
        agenda.work_off(row.id, now=now)
    empty_the_queue(account, at)


def clock_turns(account: int, at: str) -> None:
    """What is due, what is not over, what may have been taken after all, and what waits in the queue."""
    collect.unknown(now=datetime.fromisoformat(at))
    refund.ask_about_failed(now=datetime.fromisoformat(at))
    renew_and_charge(account, at)


def empty_the_queue(account: int, at: str) -> None:
    """A worker does the billing jobs that wait, at the instant ``at``; those about other accounts are left alone."""
    mine = list(Payment.objects.filter(account=account).values_list("id", flat=True))
    while job := _next_job(mine):
        identity, task, args = job
        _WORK[task](*json.loads(args).values(), now=datetime.fromisoformat(at))
        with connection.cursor() as cursor:  # the acknowledgement, a point like every statement
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [identity])


def _next_job(payments: list[int]) -> tuple[int, str, str] | None:
    """Asked after every job of every flow: a query set costs several times as much."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [payments])
        found: tuple[int, str, str] | None = cursor.fetchone()
    return found


_NEXT: Final = """
SELECT id, task_name, args::text FROM procrastinate_jobs
WHERE queue_name = 'billing' AND (args ? 'event_id' OR (args->>'payment_id')::bigint = ANY(%s)) ORDER BY id LIMIT 1
"""

_WORK: dict[str, Callable[..., object]] = {
    "collect_payment": collect.payment,
    "handle_gateway_event": receive.handled,
    "refund_late_payment": refund.late,
    "ask_about_failed_payment": refund.noticed,
}


def jobs_of(task: str, **arguments: int) -> int:
    """How many jobs of a name wait with these arguments."""
    wanted = {f"args__{name}": value for name, value in arguments.items()}
    return ProcrastinateJob.objects.filter(task_name=task, **wanted).count()


def _invoice(invoice: int) -> Invoice:
    return Invoice.objects.select_related("account").get(pk=invoice)


# Wrong on purpose: what the checks must catch.


def with_a_bug(bug: str, of: str, its: dict[str, Any]) -> None:
    """Another story, while one of the planted bugs is in the program."""
    from tests.faults.planted import planted

    with planted(bug):
        STORIES[of](**its)


STORIES: dict[str, Callable[..., None]] = {
    story.__name__: story
    for story in (
        pay,
        press_pay,
        work,
        look_after,
        hear,
        renew_chunk,
        renew_all,
        renew_at_once,
        charge_lane,
        charge_these,
        send_letter,
        make_document,
        work_once,
        buy,
        press_pay_on_the_page,
        pay_invoice,
        replace_card,
        cancel,
        withdraw,
        approve_seat,
        hear_again,
        invite_person,
        accept_invitation,
        close_account,
        sign_up,
        take_along,
        examine,
        give_back,
        renew_and_charge,
        fall_due,
        clock_turns,
        with_a_bug,
    )
}
