"""A gateway's webhook: verified, stored once, answered. It is a hint; the pull that follows is the truth."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DataError, transaction

from palier.apps.accounts import clocks
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import ForgedEvent, Notice
from palier.apps.gateways.models import GatewayEvent
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import collect, refund
from palier.kit import ids, jobs


def listens_to(name: str) -> bool:
    """Whether events of the gateway ``name`` are expected here."""
    return name == gateway().name


def event(headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Store a webhook and defer its handling; the same event is stored once. Raises ForgedEvent."""
    notice = gateway().verify(headers, body, now=now)
    try:
        _keep(notice, body, now=now)
    except DataError as error:  # a NUL, half a character, a reference longer than any of ours
        raise ForgedEvent("the event holds what no database keeps") from error


def _keep(notice: Notice, body: bytes, *, now: datetime) -> None:
    with transaction.atomic():
        stored, new = GatewayEvent.objects.get_or_create(
            gateway=gateway().name,
            external_id=notice.event_id,
            defaults={
                "kind": notice.kind,
                "reference": notice.reference,
                "payload": json.loads(body),
                "received_at": now,
            },
        )
        if new:
            jobs.defer("handle_gateway_event", event_id=stored.id)


def forgotten(*, now: datetime) -> int:
    """Defer the events of this week, unhandled after an hour, whose jobs gave up; returns how many. Periodic."""
    week = (now - timedelta(days=7), now - timedelta(hours=1))
    unhandled = GatewayEvent.objects.filter(handled_at=None, received_at__range=week)
    return jobs.defer_forgotten("handle_gateway_event", "event_id", unhandled)


def handled(event_id: int, *, now: datetime) -> None:
    """Ask the gateway about the payment that an event names; any order and any repetition end the same.

    ``now`` is the present; the payment is settled in its account's own time.
    """
    stored = GatewayEvent.objects.get(pk=event_id)
    if stored.handled_at is not None:
        return
    try:
        payment_id = ids.parse(Payment.id_prefix, stored.reference)
    except ids.UnknownId:
        payment_id = 0
    named = Payment.objects.filter(pk=payment_id).first()
    if named is not None and named.state == PaymentState.FAILED:
        refund.noticed(payment_id, now=clocks.time_of(now, pk=named.account_id))
    elif named is not None:
        collect.payment(payment_id, now=clocks.time_of(now, pk=named.account_id))
    GatewayEvent.objects.filter(pk=stored.pk).update(handled_at=now)
