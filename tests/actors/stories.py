"""What the killed processes do: the same calls as a page, a webhook and a worker make."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Succeeded
from palier.apps.gateways.models import GatewayEvent
from palier.apps.orders.models import Quote
from palier.apps.payments.models import UNRESOLVED, Payment
from palier.flows import collect, order, receive, settle
from palier.kit import clock
from tests import world


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


# Wrong on purpose: what the checks must catch.


def pay_again_under_a_fresh_key(quote: int) -> None:
    """A recovery that sends the charge again, under a key of its own."""
    for payment in Payment.objects.filter(order__quote=quote, state__in=UNRESOLVED).select_related("method"):
        wish = collect.wish(payment)
        outcome = gateway().charge(replace(wish, reference=f"{wish.reference}.again"))
        assert isinstance(outcome, Succeeded)
        settle.payment(payment.id, replace(outcome, reference=wish.reference), now=clock.now())


def take_silence_for_a_decline(quote: int, card: str) -> None:
    """A recovery that gives up an attempt without an answer and starts the next."""
    Payment.objects.filter(order__quote=quote, state__in=UNRESOLVED).update(state="failed", reason="declined")
    press_pay(quote, card)
    work(quote)


def charge_before_commit(quote: int, card: str) -> None:
    """A purchase that writes its order, charges and settles in one transaction."""
    with transaction.atomic():
        pay(quote, card)


STORIES: dict[str, Callable[..., None]] = {
    story.__name__: story
    for story in (
        pay,
        press_pay,
        work,
        look_after,
        hear,
        pay_again_under_a_fresh_key,
        take_silence_for_a_decline,
        charge_before_commit,
    )
}
