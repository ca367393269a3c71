"""What every payment gateway must promise, in one small vocabulary.

A charge has four possible outcomes and no fifth: it succeeded, it failed for sure, the customer must act, or we do not
know. *Unknown is never read as failed*: the caller keeps the payment and asks again with ``find`` by our reference.
Amounts are minor units (cents) of ``currency``, an ISO 4217 code.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Card:
    """A card kept by the gateway: we hold its token and what a person needs to recognise it, never its number."""

    token: str
    brand: str
    last4: str
    expiry_month: int
    expiry_year: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Charge:
    """One wish to collect one amount.

    ``reference`` is the public id of our payment; it is the gateway's idempotency key as well. ``on_session`` says
    whether the customer is in front of the screen; ``return_url`` is where the bank's page sends them back.
    """

    reference: str
    amount_minor: int
    currency: str
    token: str
    description: str
    return_url: str
    on_session: bool


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The money is taken from the card ``token``: exactly ``amount_minor`` of ``currency``, as the gateway says."""

    gateway_id: str
    reference: str
    amount_minor: int
    currency: str
    token: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was taken and nothing will be. ``reason`` is one of the codes of ``reasons``."""

    reason: str
    gateway_id: str = ""


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The customer must confirm at ``url``, on any device, before money moves."""

    url: str
    gateway_id: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Money may or may not have moved. ``detail`` is for operators and carries no card data."""

    detail: str


Outcome = Succeeded | Failed | ActionRequired | Unknown


@dataclass(frozen=True, slots=True)
class Refunded:
    """``amount_minor`` of the charge ``reference`` went back to the customer."""

    gateway_id: str
    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundRefused:
    """Nothing was given back. ``reason``: "more_than_charged", "not_charged", "no_such_charge" or "gateway_refused"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Booked:
    """One charge of the gateway's own book: what it keeps of it after refunds and disputes, in minor units of
    ``currency``.

    ``kept_minor`` is 0 for a charge that took nothing. What a dispute takes back lowers it as a refund does, for as
    long as the customer's bank has the money.
    """

    reference: str
    gateway_id: str
    kept_minor: int
    currency: str
    created_at: datetime


RefundOutcome = Refunded | RefundRefused | Unknown


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified webhook: a hint that something happened to ``reference``. The truth comes from ``find``."""

    event_id: str
    kind: str
    reference: str


class GatewayUnreachable(Exception):
    """The gateway did not give a usable answer to a question. Nothing follows from that about any charge."""


class ForgedEvent(Exception):
    """A webhook whose signature is missing, wrong or too old, or whose body is not an event: to be refused."""


class Gateway(Protocol):
    """One payment service. ``key_memory_seconds`` is how long it replays the answer of a reference already used."""

    name: str
    key_memory_seconds: int

    def card_fields_url(self, reference: str, *, locale: str, parent_origin: str) -> str:
        """The signed address of the card fields, a page in the gateway's own origin. Makes no network call."""
        ...

    def card_from_fields(self, reference: str) -> Card | None:
        """The card saved in those fields, or None while there is none. Raises GatewayUnreachable."""
        ...

    def charge(self, charge: Charge) -> Outcome:
        """Ask for the money. Never raises for trouble on the way: that is Unknown."""
        ...

    def find(self, reference: str) -> Outcome | None:
        """What became of a charge; None when the gateway surely has no such charge. Raises GatewayUnreachable.

        None speaks of now: a request that is still on its way may arrive later. So after None the same reference may
        be sent again, and must not be replaced by another one before our own time-out of that request has passed.
        """
        ...

    def charges(self) -> Iterator[Booked]:
        """The gateway's whole book, oldest first, a page at a time: what a checker holds beside ours.

        Raises GatewayUnreachable.
        """
        ...

    def cancel(self, reference: str) -> Outcome | None:
        """Give up a charge that is not final and say how it ended: it may have succeeded already. As ``find`` else."""
        ...

    def refund(self, reference: str, *, amount_minor: int, key: str) -> RefundOutcome:
        """Give back a part or all. The same ``key`` is refunded once, however often it is asked while keys are
        remembered; afterwards it is a new refund, so ``refunds`` is asked first."""
        ...

    def refunds(self, reference: str) -> Sequence[Refunded]:
        """All that was given back of a charge, whoever asked for it and however long ago, oldest first.

        Empty where the gateway surely has no such charge. Raises GatewayUnreachable.
        """
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Check a webhook's signature and age against ``now``. Raises ForgedEvent."""
        ...
