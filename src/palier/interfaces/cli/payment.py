"""``palier payment show|ask|fail|refund PAY_ID``: look into a payment, and let a parked one out."""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from palier.apps.events.authors import OPERATOR
from palier.apps.gateways.contract import ActionRequired, Failed, GatewayUnreachable, Outcome, Succeeded, Unknown
from palier.interfaces.cli.start import start
from palier.kit import clock, formats, ids

if TYPE_CHECKING:
    from palier.apps.events.models import Event
    from palier.apps.payments.models import Payment
    from palier.flows.parked import Findings

VERBS: Final = {
    "show": "what our book, its facts and the gateway say; changes nothing",
    "ask": "ask the gateway again, and settle if it agrees with the order now and the order still stands",
    "fail": "end it, where the gateway surely has no charge or says that it failed",
    "refund": "give back what the gateway says it took, and end it",
}


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: refused, or the gateway is silent; nothing was changed then."""
    options = _parser().parse_args(arguments)
    start()
    from palier.apps.payments.models import Payment  # models exist only now
    from palier.flows import parked

    try:
        identity = Payment.objects.values_list("id", flat=True).get(pk=ids.parse(Payment.id_prefix, options.payment))
    except (ids.UnknownId, Payment.DoesNotExist):
        print(f"palier payment: there is no payment “{options.payment}”.", file=sys.stderr)
        return 1
    if options.verb == "show":
        print(told(parked.show(identity)))
        return 0
    step: Callable[..., Payment] = {"ask": parked.ask, "fail": parked.fail, "refund": parked.refund}[options.verb]
    try:
        after = step(identity, who=options.by or getpass.getuser(), why=options.reason, now=clock.now())
    except GatewayUnreachable as silence:
        print(f"palier payment: the gateway does not answer ({silence}). Nothing was changed.", file=sys.stderr)
        return 1
    print(f"{after.public_id} is now {after.state}{f' ({after.reason})' if after.reason else ''}.")
    return 0


def told(found: "Findings") -> str:
    """Both books about a payment, in one paragraph."""
    payment = found.payment
    reason = f" ({payment.reason})" if payment.reason else ""
    facts = "; ".join(f"{fact.at:%Y-%m-%d %H:%M} {fact.kind}{_by(fact)}" for fact in found.facts)
    return (
        f"{payment.public_id} is {payment.state}{reason}: attempt {payment.attempt} to collect "
        f"{formats.money(payment.amount_minor, payment.currency, 'en')} from {payment.method} for "
        f"{_subject(payment)}, for {payment.account.name}. "
        f"The gateway {_words(found.word)}. Facts (UTC): {facts or 'none'}."
    )


def _subject(payment: "Payment") -> str:
    if payment.order is None:
        return f"the invoice {payment.invoice}, which is {payment.invoice.state if payment.invoice else ''}"
    order, quote = payment.order, payment.order.quote
    return f"{order.public_id}, which is {order.state}: {quote.plan}, {quote.seats} seats per {quote.interval}"


def _words(word: Outcome | None) -> str:
    match word:
        case None:
            return "has no such charge"
        case Succeeded():
            return f"took {word.amount_minor} {word.currency} in minor units ({word.gateway_id})"
        case Failed():
            return f"says that it failed: {word.reason}"
        case ActionRequired():
            return "waits for the customer's confirmation"
        case Unknown():
            return f"gives no clear answer ({word.detail})"


def _by(fact: "Event") -> str:
    why = f" (“{fact.payload['why']}”)" if "why" in fact.payload else ""
    return f" by {fact.author.removeprefix(f'{OPERATOR}:')}{why}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="palier payment", description="Look into a payment, and let a parked one out by the gateway's own word."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(VERBS))
    for verb, summary in VERBS.items():
        command = verbs.add_parser(verb, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        command.add_argument("payment", metavar="PAY_ID", help="the payment's public id, pay_…")
        if verb != "show":
            command.add_argument("--reason", required=True, help="why you do it: kept with your name as a fact")
            command.add_argument("--by", default="", help="who you are, where you did not log in under that name")
    return parser
