"""A guard before an adapter that somebody else wrote: it may raise, hang or answer anything.

What does not keep the contract is Unknown or GatewayUnreachable, and a forged event: never a success, never a decline.
"""

import logging
import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import Any, Final, NoReturn

from palier.apps.gateways.contract import (
    ActionRequired,
    Booked,
    Card,
    Charge,
    Failed,
    ForgedEvent,
    Gateway,
    GatewayUnreachable,
    Notice,
    Outcome,
    Refunded,
    RefundOutcome,
    RefundRefused,
    Succeeded,
    Unknown,
)
from palier.apps.gateways.reasons import REASONS

log: Final = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 20.0
"""An adapter has time-outs of its own; this is for one that has none. Shorter than ``flows.collect.QUIET``."""

MOST_ABANDONED: Final = 32
"""So many threads may wait for an adapter that does not come back; beyond, it is not asked until one does."""

PAGE: Final = 100
"""So many rows of the book are waited for at a time."""

LONGEST: Final = {"url": 500, "brand": 20, "last4": 4, "detail": 2000, "event_id": 200, "kind": 80, "currency": 3}
"""How long the texts may be that we keep; all others 100 characters."""

WEB_ADDRESS: Final = re.compile(r"https?://[!-~]+")
PRINTABLE: Final = re.compile(r"[ -~]+")
OUTCOMES: Final = (Succeeded, Failed, ActionRequired, Unknown)


class Guarded:
    """An adapter behind the guard; itself a ``contract.Gateway``. ``patience`` in seconds."""

    def __init__(self, adapter: Gateway, *, patience: float = PATIENCE_SECONDS) -> None:
        self._adapter = adapter
        self._patience = patience
        self.name = adapter.name
        self.key_memory_seconds = adapter.key_memory_seconds
        self._abandoned: set[threading.Thread] = set()
        self._counting = threading.Lock()

    def card_fields_url(self, reference: str, *, locale: str, parent_origin: str) -> str:
        address = self._asked(self._adapter.card_fields_url, reference, locale=locale, parent_origin=parent_origin)
        if not isinstance(address, str):
            _junk(address)
        return address

    def card_from_fields(self, reference: str) -> Card | None:
        card = self._asked(self._adapter.card_from_fields, reference)
        if card is not None and not _whole(card, Card):
            _junk(card)
        return card

    def charge(self, charge: Charge) -> Outcome:
        try:
            return self._outcome(self._asked(self._adapter.charge, charge), charge.reference)
        except GatewayUnreachable as trouble:
            return Unknown(str(trouble))

    def find(self, reference: str) -> Outcome | None:
        outcome = self._asked(self._adapter.find, reference)
        return None if outcome is None else self._outcome(outcome, reference)

    def charges(self) -> Iterator[Booked]:
        book = self._asked(lambda: iter(self._adapter.charges()))
        while page := self._asked(lambda: list(islice(book, PAGE))):
            for row in page:
                if not _whole(row, Booked) or row.created_at.tzinfo is None:
                    _junk(row)
                yield row

    def cancel(self, reference: str) -> Outcome | None:
        outcome = self._asked(self._adapter.cancel, reference)
        return None if outcome is None else self._outcome(outcome, reference)

    def refund(self, reference: str, *, amount_minor: int, key: str) -> RefundOutcome:
        try:
            outcome = self._asked(self._adapter.refund, reference, amount_minor=amount_minor, key=key)
        except GatewayUnreachable as trouble:
            return Unknown(str(trouble))
        if not any(_whole(outcome, kind) for kind in (Refunded, RefundRefused, Unknown)):
            return Unknown(f"no outcome of a refund: {outcome!r:.200}")
        if isinstance(outcome, Refunded) and (outcome.reference, outcome.amount_minor) != (reference, amount_minor):
            return Unknown(f"asked to refund {amount_minor} of {reference}, the adapter says {outcome}")
        return outcome

    def refunds(self, reference: str) -> Sequence[Refunded]:
        found = self._asked(lambda: list(self._adapter.refunds(reference)))
        if not all(_whole(each, Refunded) and each.reference == reference for each in found):
            _junk(found)
        return found

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        def verified() -> Notice | ForgedEvent:
            try:
                return self._adapter.verify(headers, body, now=now)
            except ForgedEvent as forged:
                return forged  # an answer here, and here alone

        try:
            notice = self._asked(verified)
        except GatewayUnreachable as trouble:
            raise ForgedEvent(str(trouble)) from trouble
        if isinstance(notice, ForgedEvent):
            raise notice
        if not _whole(notice, Notice):
            raise ForgedEvent("the adapter verified nothing that is an event")
        return notice

    # The guard

    def _asked[**P, T](self, ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """In a thread of its own, which is left behind when it does not come back in time."""
        answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put((ask(*arguments, **named), None))
            except BaseException as error:
                answers.put((None, error))

        asking = threading.Thread(target=run, name=f"gateway {self.name}", daemon=True)
        self._start(asking)
        try:
            answer, trouble = answers.get(timeout=self._patience)
        except queue.Empty:
            with self._counting:
                self._abandoned.add(asking)
            raise GatewayUnreachable(f"the adapter {self.name} has not come back") from None
        if isinstance(trouble, GatewayUnreachable):
            raise trouble
        if trouble is not None:
            log.error("the adapter %s fails", self.name, exc_info=trouble)
            raise GatewayUnreachable(f"the adapter {self.name} fails: {type(trouble).__name__}") from trouble
        return answer  # type: ignore[return-value]

    def _start(self, asking: threading.Thread) -> None:
        """Raises GatewayUnreachable where too many have not come back, or no thread can start."""
        with self._counting:
            self._abandoned = {thread for thread in self._abandoned if thread.is_alive()}
            if len(self._abandoned) >= MOST_ABANDONED:
                raise GatewayUnreachable(f"the adapter {self.name} has not come back {MOST_ABANDONED} times")
        try:
            asking.start()
        except RuntimeError as trouble:
            raise GatewayUnreachable(f"the adapter {self.name} cannot be asked: {trouble}") from trouble

    def _outcome(self, said: object, reference: str) -> Outcome:
        if isinstance(said, OUTCOMES) and type(said) in OUTCOMES and _whole(said, type(said)):
            if isinstance(said, Succeeded) and said.reference != reference:
                return Unknown(f"asked about {reference}, the adapter answered about {said.reference}")
            if not isinstance(said, Failed) or said.reason in REASONS:
                return said
        return Unknown(f"no outcome of a charge: {said!r:.200}")


def _whole(said: object, kind: Any) -> bool:
    """Whether it is of exactly that kind, with the values that its fields are for, and texts that fit where we keep
    them. Only ``gateway_id`` of a failure and ``fingerprint`` may be empty."""
    parts = fields(kind)
    return type(said) is kind and all(_fits(kind, each.name, each.type, getattr(said, each.name)) for each in parts)


def _fits(kind: type, name: str, wanted: object, value: object) -> bool:
    if wanted is not str:
        return type(value) is wanted
    if value == "":
        return name in ("fingerprint", "detail") or (kind, name) == (Failed, "gateway_id")
    pattern = WEB_ADDRESS if name == "url" else PRINTABLE
    return isinstance(value, str) and len(value) <= LONGEST.get(name, 100) and pattern.fullmatch(value) is not None


def _junk(said: object) -> NoReturn:
    raise GatewayUnreachable(f"the adapter's answer is none: {said!r:.200}")
