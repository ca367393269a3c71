"""Our book and the gateway's: the same money, on both sides, and nothing that one of them does not know.

A local book alone looks perfect while customers are charged twice (docs/reference/invariants.md): only this comparison
sees it. The gateway's book is read once, a page at a time, and every question is put to a page before the next is asked
for. Kept in memory: a page, what our book holds about it, and ``PARTS`` numbers, however long the books are.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Final

from django.db.models import Count, F, Q, QuerySet

from palier.apps.accounts import clocks
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Booked, Succeeded
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import collect
from palier.flows.invariants.rule import Breach, Found, Look
from palier.kit import ids

CLOCKS_APART: Final = timedelta(minutes=5)
"""How far the gateway's clock may differ from ours."""

PAGE: Final = 1000
"""How many charges are compared at a time."""

PARTS: Final = 65_521
"""Our payments fall into so many parts by their ids (a prime: each part is a small sample of all times). A part that
has as many charges at the gateway as payments here misses none."""

ASKED_ABOUT_MOST: Final = 1000
"""So many payments of parts that miss one are asked about one by one in a round."""

type What = tuple[int | None, int | None] | str
"""What is paid: an order's or an invoice's id; of a charge that is none of ours, its reference."""


@dataclass(frozen=True, slots=True)
class Page:
    """Charges of the gateway with our payments of those references; ``paid``: what settled the orders and invoices."""

    charges: tuple[tuple[Booked, Payment | None], ...]
    paid: dict[What, Payment]


@dataclass(frozen=True, slots=True)
class Question:
    """``code`` is that of the table of invariants; it is asked of each page alone."""

    code: str
    sentence: str
    ask: Callable[[Page, Look], Iterator[Found]]


def breaches(look: Look) -> Iterator[Breach]:
    """Everywhere the books differ, in one reading. Raises GatewayUnreachable; what was found before that is true."""
    found_there = array("q", bytes(8 * PARTS))
    for charges in batched(gateway().charges(), PAGE):
        page = _beside_ours(charges)
        for question in QUESTIONS:
            for account_id, subject, fact in question.ask(page, look):
                yield Breach(question.code, account_id, subject, fact)
        for booked, payment in page.charges:
            if payment is not None and _is_its_charge(booked, payment) and _succeeded_before(payment, look):
                found_there[payment.id % PARTS] += 1
    for account_id, subject, fact in _missing(found_there, look):
        yield Breach(SAME, account_id, subject, fact)


def _beside_ours(page: tuple[Booked, ...]) -> Page:
    """Two statements, however long the page."""
    keys = {booked.reference: _key(booked.reference) for booked in page}
    ours = Payment.objects.select_related("account").in_bulk([key for key in keys.values() if key is not None])
    taken = [ours[key] for booked in page if booked.kept_minor > 0 and (key := keys[booked.reference] or 0) in ours]
    same = Q(order__in={each.order_id for each in taken} - {None}) | Q(
        invoice__in={each.invoice_id for each in taken} - {None}
    )
    settled = Payment.objects.filter(same, state=PaymentState.SUCCEEDED).order_by("-id")
    return Page(
        charges=tuple((booked, ours.get(keys[booked.reference] or 0)) for booked in page),
        paid={(each.order_id, each.invoice_id): each for each in settled},
    )


def _key(reference: str) -> int | None:
    try:
        return ids.parse(Payment.id_prefix, reference)
    except ids.UnknownId:
        return None


def _is_its_charge(booked: Booked, payment: Payment) -> bool:
    """Whether it is the very charge that our payment names, and no second one under the same reference."""
    return payment.gateway_id in ("", booked.gateway_id)


def _once(page: Page, look: Look) -> Iterator[Found]:
    """One capture for each reference, and for each order or invoice.

    A charge beside the one that paid is seen on whatever page it is; two of which neither has paid, on one page.
    Elsewhere those are told as taken there and not succeeded here.
    """
    seen: set[What] = set()
    for booked, payment in page.charges:
        if booked.kept_minor <= 0:
            continue
        what: What = (payment.order_id, payment.invoice_id) if payment else booked.reference
        paid_by = page.paid.get(what)
        if payment and paid_by and paid_by.gateway_id:
            again = (payment.id, booked.gateway_id) != (paid_by.id, paid_by.gateway_id)
        else:
            again = what in seen
        seen.add(what)
        if again:
            yield payment.account_id if payment else None, booked.reference, "was taken again for the same thing"


def _same(page: Page, look: Look) -> Iterator[Found]:
    """The same payments, amounts and currencies on both sides, once the dust has settled."""
    for booked, payment in page.charges:
        if payment is not None:
            yield from _difference(booked, payment, look)
        elif booked.kept_minor > 0:
            yield None, booked.reference, f"took {booked.kept_minor} {booked.currency} that we know nothing of"


def _difference(booked: Booked, payment: Payment, look: Look) -> Iterator[Found]:
    succeeded = payment.state == PaymentState.SUCCEEDED
    if booked.kept_minor <= 0:
        if succeeded and _is_its_charge(booked, payment):
            yield payment.account_id, payment.public_id, NOTHING_TAKEN
        return
    if booked.created_at > look.settled_before:  # the gateway lives in the present, whatever time an account lives in
        return
    if not succeeded:
        yield payment.account_id, payment.public_id, f"was taken by the gateway and is {payment.state} here"
    elif (booked.kept_minor, booked.currency) != (payment.amount_minor, payment.currency):
        fact = f"is {payment.amount_minor} {payment.currency} here, {booked.kept_minor} {booked.currency} there"
        yield payment.account_id, payment.public_id, fact


def _written_ahead(page: Page, look: Look) -> Iterator[Found]:
    """Our attempt was there before the charge."""
    for booked, payment in page.charges:
        if payment is None or payment.account.clock_ahead:
            continue  # nothing to compare with: unknown here (I04), or begun in travelled time
        if booked.created_at < payment.started_at - CLOCKS_APART:
            yield payment.account_id, payment.public_id, "was charged before its attempt was written"


def _within_memory(page: Page, look: Look) -> Iterator[Found]:
    """No request left again once the gateway might take it for a new one. A charge that came after its payment had
    ended is told by what it is: another one (I03), or of a payment that failed (I04)."""
    known_for = collect.key_memory() + CLOCKS_APART
    for booked, payment in page.charges:
        if payment is None or payment.account.clock_ahead:
            continue
        in_its_life = payment.resolved_at is None or booked.created_at <= payment.resolved_at + CLOCKS_APART
        if in_its_life and booked.created_at > (payment.sent_at or payment.started_at) + known_for:
            yield payment.account_id, payment.public_id, FORGOTTEN


# What succeeded here and is not there


def _succeeded_before(payment: Payment, look: Look) -> bool:
    """Whether it was over when the reading began: what is settled meanwhile is compared the next time."""
    over_at = payment.resolved_at
    return (
        payment.state == PaymentState.SUCCEEDED
        and over_at is not None
        and over_at <= look.now + payment.account.clock_ahead
    )


def _succeeded(look: Look) -> "QuerySet[Payment]":
    """The same as a question to our book."""
    return Payment.objects.filter(state=PaymentState.SUCCEEDED, resolved_at__lte=clocks.own_time(look.now))


def _missing(found_there: "array[int]", look: Look) -> Iterator[Found]:
    """Those of the parts that have fewer charges there than payments here, of which the gateway says so itself."""
    parts = _succeeded(look).annotate(part=F("id") % PARTS)
    ours = parts.order_by().values_list("part").annotate(number=Count("id"))
    differing = [part for part, number in ours.iterator(chunk_size=2000) if number != found_there[part]]
    if not differing:
        return
    suspects = parts.filter(part__in=differing).order_by("id")
    for payment in suspects[:ASKED_ABOUT_MOST]:
        if not isinstance(gateway().find(payment.public_id), Succeeded):
            yield payment.account_id, payment.public_id, NOTHING_TAKEN
    unasked = suspects.count() - ASKED_ABOUT_MOST
    if unasked > 0:
        yield None, "", f"{unasked} more that succeeded here may not be in the gateway's book"


FORGOTTEN: Final = "was sent when the gateway may have forgotten its key"

NOTHING_TAKEN: Final = "succeeded here, and the gateway has taken nothing"

SAME: Final = "I04"

QUESTIONS: Final = (
    Question("I03", "The gateway has taken money once for an order or invoice", _once),
    Question(SAME, "Both books hold the same payments, amounts and currencies", _same),
    Question("I07", "An attempt was written before its charge was made", _written_ahead),
    Question("I08", "No attempt was sent again once the gateway may have forgotten its key", _within_memory),
)
