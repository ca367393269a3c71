"""After the database came back from a backup: what the gateway took meanwhile, and the numbers already on invoices.

What happened between the backup and the loss is in the gateway's book and in letters, and nowhere here. Before anything
runs again: what the gateway took of payments that we know nothing of goes back, so that a renewal which is done again
is not paid twice; a payment that waited in the backup and has left since is asked about instead of sent; and invoices
are numbered in a new series, since nobody knows how far the old one had come.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched

from palier.apps.catalogue import current
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import (
    ActionRequired,
    Booked,
    Failed,
    GatewayUnreachable,
    Refunded,
    Succeeded,
    Unknown,
)
from palier.apps.invoices.models import NumberSeries
from palier.apps.payments import actions as payments
from palier.apps.payments.models import Payment, PaymentState
from palier.flows.invariants.gateway_book import CLOCKS_APART, PAGE
from palier.kit import ids
from palier.kit.refusals import Refusal


class NumberedAsBefore(Refusal):
    code = "payment.numbered_as_before"
    en = (
        "Invoices are still numbered {prefix}…, as before the backup: numbers on invoices already sent would be given "
        "out again. Change invoice_prefix in the catalogue and publish it first. Nothing was changed."
    )
    fr = (
        "Les factures sont toujours numérotées {prefix}…, comme avant la sauvegarde\u202f: des numéros déjà envoyés "
        "seraient attribués une seconde fois. Changez d’abord invoice_prefix dans le catalogue et publiez-le. Rien n’a "
        "changé."
    )


@dataclass(slots=True)
class Restored:
    """What a look at the gateway's book led to, or would lead to.

    ``unknown``: taken since the backup, and no payment of ours; ``back``: those of them that have gone back;
    ``waiting``: not taken and not over, and no payment of ours; ``given_up``: those of them that are over now;
    ``left``: what a person has to look at, with the reason. ``asked``: payments that waited here and have left since.
    """

    unknown: list[Booked] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def to_do(self) -> bool:
        """Whether there was anything to give back, to give up or to ask about."""
        return bool(self.unknown or self.waiting or self.asked)


def look(since: datetime) -> Restored:
    """What ``put_right`` would do; changes nothing. Raises GatewayUnreachable."""
    return _looked(since, act=False)


def put_right(since: datetime) -> Restored:
    """Give back, and ask instead of sending; harmless to repeat, until all is done. Nothing else may run meanwhile.

    ``since`` is the instant of the backup: what the gateway took before and we do not know is left to a person. Raises
    NumberedAsBefore and GatewayUnreachable.
    """
    prefix = current().seller.invoice_prefix
    if NumberSeries.objects.filter(prefix__regex=rf"^{re.escape(prefix)}\d{{4}}-$", last_number__gt=0).exists():
        raise NumberedAsBefore(prefix=prefix)
    return _looked(since, act=True)


def _looked(since: datetime, *, act: bool) -> Restored:
    found = Restored()
    for page in batched(gateway().charges(), PAGE):
        keys = {booked.reference: _key(booked.reference) for booked in page}
        ours = Payment.objects.in_bulk(list(keys.values()))
        for booked in page:
            payment = ours.get(keys[booked.reference])
            if payment is not None and payment.state == PaymentState.STARTED:
                found.asked.append(booked.reference)
                if act:
                    payments.mark_sent(payment, now=payment.started_at)
            elif payment is None and not keys[booked.reference]:
                continue  # of another program, which the same gateway serves
            elif payment is None and booked.created_at >= since - CLOCKS_APART:
                _unknown(booked, found, act=act)
            elif payment is None and booked.kept_minor:
                found.left.append((booked.reference, "taken before the backup"))
    return found


def _unknown(booked: Booked, found: Restored, *, act: bool) -> None:
    """Money goes back; what may still become money is given up."""
    reference = booked.reference
    try:
        kept_minor = booked.kept_minor or _kept_after_all(reference, found, act=act)
        if not kept_minor:
            return
        found.unknown.append(replace(booked, kept_minor=kept_minor))
        if act:
            answer = gateway().refund(reference, amount_minor=kept_minor, key=f"{reference}.restored")
            if isinstance(answer, Refunded):
                found.back.append(reference)
            else:
                found.left.append((reference, str(answer)))
    except GatewayUnreachable as silence:
        found.left.append((reference, str(silence)))


def _kept_after_all(reference: str, found: Restored, *, act: bool) -> int:
    """Minor units that a charge keeps which had taken nothing when the book was read; one that is not over is given
    up."""
    outcome = gateway().find(reference)
    if isinstance(outcome, ActionRequired | Unknown):
        if act:
            outcome = gateway().cancel(reference)
        if not isinstance(outcome, Succeeded):
            found.waiting.append(reference)
        if isinstance(outcome, Failed):
            found.given_up.append(reference)
        elif act and not isinstance(outcome, Succeeded):
            found.left.append((reference, str(outcome)))
    if not isinstance(outcome, Succeeded):
        return 0
    return outcome.amount_minor - sum(back.amount_minor for back in gateway().refunds(reference))


def _key(reference: str) -> int:
    try:
        return ids.parse(Payment.id_prefix, reference)
    except ids.UnknownId:
        return 0
