"""Defects of the ways in: what a gateway's event may claim, and whose invoice an address shows."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404

from palier.apps.gateways.contract import ForgedEvent, Notice
from palier.apps.gateways.models import GatewayEvent
from palier.apps.gateways.sandbox import SandboxGateway, event_signature
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.flows import receive
from palier.interfaces.portal import invoices
from palier.interfaces.ui.found import identity
from palier.kit import ids, jobs
from tests.faults.planted.bug import Bug, swapped


def webhook_not_deduplicated() -> AbstractContextManager[None]:
    """Whatever arrives is stored and worked on, whether it came before or not."""

    def keep(notice: Notice, body: bytes, *, now: datetime) -> None:
        with transaction.atomic():
            stored = GatewayEvent.objects.create(
                gateway="sandbox",
                external_id=notice.event_id,
                kind=notice.kind,
                reference=notice.reference,
                payload=json.loads(body),
                received_at=now,
            )
            jobs.defer("handle_gateway_event", event_id=stored.id)

    return swapped((receive, "_keep", keep))


def webhook_order_trusted() -> AbstractContextManager[None]:
    """What an event says is written down as it comes, as if the last to arrive were the last to happen."""
    asked = receive.handled

    def believed(event_id: int, *, now: datetime) -> None:
        asked(event_id, now=now)
        stored = GatewayEvent.objects.get(pk=event_id)
        state = stored.kind.removeprefix("charge.")
        Payment.objects.filter(pk=ids.parse(Payment.id_prefix, stored.reference)).update(state=state)

    return swapped((receive, "handled", believed))


def signature_compared_after_parsing() -> AbstractContextManager[None]:
    """The signature is that of what was understood, written down again, and not of the bytes that came."""

    def verify(self: SandboxGateway, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        event, given = json.loads(body), {name.lower(): value for name, value in headers.items()}
        again = json.dumps(event).encode()
        expected = event_signature(self.webhook_secret, given["webhook-id"], given["webhook-timestamp"], again)
        if expected not in given["webhook-signature"].split(" "):
            raise ForgedEvent("the signature does not match")
        return Notice(given["webhook-id"], str(event["type"]), str(event["data"]["reference"]))

    return swapped((SandboxGateway, "verify", verify))


def tenant_filter_missing_on_one_route() -> AbstractContextManager[None]:
    """The page of an invoice shows whichever its address names."""

    def anybodys(request: Any, public_id: str) -> Invoice:
        found: Invoice = get_object_or_404(
            Invoice.objects.select_related("collection"), pk=identity(Invoice.id_prefix, public_id)
        )
        return found

    return swapped((invoices, "own_invoice", anybodys))


BUGS = (
    Bug(
        "webhook_not_deduplicated",
        "Stripe: events come twice",
        "I24",
        "was kept 3 times",
        webhook_not_deduplicated,
        walls=(("gateways_gatewayevent", "gateway_event_stored_once"),),
    ),
    Bug(
        "webhook_order_trusted",
        "Stripe: events come in any order",
        "I04",
        "was taken by the gateway and is action_required here",
        webhook_order_trusted,
    ),
    Bug(
        "signature_compared_after_parsing",
        "a classic of no system read for this; Stripe signs the raw body",
        "test_webhooks",
        "a forged event was stored",
        signature_compared_after_parsing,
    ),
    Bug(
        "tenant_filter_missing_on_one_route",
        "OWASP API1:2023, broken object level authorisation",
        "test_every_url",
        "test_what_belongs_to_another_account_is_not_found_like_what_does_not_exist",
        tenant_filter_missing_on_one_route,
    ),
)
