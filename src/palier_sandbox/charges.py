"""Charges: from the merchant's wish to money taken, declined, waiting for the bank's page, or canceled."""

import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

from palier_sandbox.book import Book, Row
from palier_sandbox.clock import Clock, iso
from palier_sandbox.faults import Faults
from palier_sandbox.settings import Settings
from palier_sandbox.webhooks import Events

KEY_MEMORY_SECONDS: Final = 24 * 3600
CONFIRMATION_SECONDS: Final = 24 * 3600
WEBHOOK_FAULTS: Final = (
    "webhooks_late",
    "webhooks_doubled",
    "webhooks_reversed",
    "webhooks_never",
    "webhooks_before_answer",
    "answer_twice",
)


class Refused(Exception):
    """A request that was not carried out: the HTTP status, a stable code and a sentence for the programmer."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Wish:
    """What a merchant asks for, already checked. ``reference`` is the idempotency key."""

    reference: str
    amount_minor: int
    currency: str
    payment_method: str
    description: str
    return_url: str
    on_session: bool


def read_wish(body: dict[str, Any]) -> Wish:
    """Check a request to charge. Raises Refused 422: nothing was taken under this request."""
    rules: dict[str, Callable[[Any], bool]] = {
        "reference": lambda value: _text(value, r"[A-Za-z0-9_.:-]{1,80}"),
        "amount_minor": lambda value: _whole(value) and 1 <= value <= 10**12,
        "currency": lambda value: _text(value, r"[A-Z]{3}"),
        "payment_method": lambda value: _text(value, r"[a-z0-9_]{1,80}"),
        "description": lambda value: isinstance(value, str) and len(value) <= 500,
        "return_url": lambda value: _text(value, r"https?://[^\s\"'<>;,]{1,2000}"),
        "on_session": lambda value: isinstance(value, bool),
    }
    if strange := set(body) - set(rules):
        raise Refused(422, "unknown_parameter", f"{', '.join(sorted(strange))} is not known")
    for name, passes in rules.items():
        if name not in body or not passes(body[name]):
            raise Refused(422, "invalid_parameter", f"{name} is missing or not valid")
    return Wish(**body)


class Charges:
    """All charges of the book. Every change and the event that reports it are one transaction."""

    def __init__(self, book: Book, clock: Clock, faults: Faults, events: Events, settings: Settings) -> None:
        self._book = book
        self._clock = clock
        self._faults = faults
        self._events = events
        self._settings = settings
        self._changed = threading.Condition()
        self._changes = 0

    # The merchant's side

    def create(self, wish: Wish) -> Row:
        """Charge, or say again what the reference already did; a slow card is still processing. Raises Refused."""
        with self._book.writing():
            charge = self._known(wish) or self._start(wish)
        self._tell_changed()
        if json.loads(charge["webhooks"]).get("mode") == "webhooks_before_answer":
            self._events.deliver_now(charge["id"])
        return charge

    def answers_error(self, reference: str) -> bool:
        """Whether the first answer under this key was an error, which is said again as long as keys are remembered."""
        self.forget("errors")
        return self._book.one("select 1 from errors where key = ?", reference) is not None

    def remember_error(self, reference: str) -> None:
        """From now on this key is answered with an error, whatever was done under it."""
        now = self._clock.now()
        self._book.run("insert or ignore into errors (key, created_at) values (?, ?)", reference, now)

    def forget(self, table: str) -> None:
        """Drop the ``keys`` or ``errors`` that are too old to be remembered."""
        expired = self._clock.now() - KEY_MEMORY_SECONDS
        self._book.run(f"delete from {table} where created_at <= ?", expired)  # noqa: S608 - one of our two tables

    def wait_for_bank(self, charge: Row, timeout_seconds: float) -> Row:
        """The charge once it is no longer processing, or as it is after ``timeout_seconds``."""
        ends_at = time.monotonic() + timeout_seconds
        while True:
            seen = self._changes
            current = self._by_id(charge["id"])
            left = ends_at - time.monotonic()
            if current["state"] != "processing" or left <= 0:
                return current
            with self._changed:  # the book is never touched in here: its lock may be held by the one who notifies
                self._changed.wait_for(partial(self._changed_since, seen), left)

    def by_reference(self, reference: str) -> Row:
        """The charge with this reference; when there are several (forgotten keys), a captured one first.

        Raises Refused 404.
        """
        self.settle_due()
        row = self._book.one(
            "select * from charges where reference = ? order by state = 'succeeded' desc, created_at limit 1", reference
        )
        if row is None:
            raise Refused(404, "no_such_charge", f"there is no charge {reference!r}")
        return row

    def cancel(self, reference: str) -> Row:
        """Give up a charge that is not final; a final one is returned as it is. Raises Refused 404."""
        with self._book.writing():
            charge = self.by_reference(reference)
            if charge["state"] in ("action_required", "processing"):
                if not charge["capture_anyway"]:
                    self._book.run("update charges set capture_at = null where id = ?", charge["id"])
                charge = self._end(charge, "canceled")
        self._tell_changed()
        return charge

    # The bank's side

    def to_confirm(self, secret: str) -> Row | None:
        """The charge behind an address of the bank's page."""
        self.settle_due()
        return self._book.one("select * from charges where secret = ?", secret)

    def decide(self, secret: str, *, confirmed: bool) -> Row | None:
        """The customer's answer on the bank's page; a second answer changes nothing."""
        self.settle_due()
        with self._book.writing():
            charge = self._book.one("select * from charges where secret = ?", secret)
            if charge is None or charge["state"] != "action_required":
                return charge
            charge = self._confirmed(charge) if confirmed else self._end(charge, "failed", "authentication_refused")
        self._tell_changed()
        return charge

    def settle_due(self) -> float | None:
        """Capture what is due and end confirmations that came too late; the seconds until the next capture, or None."""
        now = self._clock.now()
        due = "select * from charges where capture_at <= ?"
        late = "select * from charges where state = 'action_required' and created_at <= ?"
        if self._book.one(due, now) or self._book.one(late, now - CONFIRMATION_SECONDS):
            with self._book.writing():
                for charge in self._book.all(due, now):
                    self._book.run("update charges set capture_at = null where id = ?", charge["id"])
                    self._end(charge, "succeeded")
                for charge in self._book.all(late, now - CONFIRMATION_SECONDS):
                    self._end(charge, "failed", "authentication_expired")
            self._tell_changed()
        row = self._book.one("select min(capture_at) as at from charges where capture_at is not null")
        return None if row is None or row["at"] is None else max(0.0, row["at"] - now)

    def shown(self, charge: Row) -> Row:
        """A charge as answers and events state it, with the lies that a fault has told it to tell."""
        stated = {
            "id": charge["id"],
            "reference": charge["reference"],
            "amount_minor": charge["amount_minor"],
            "currency": charge["currency"],
            "state": charge["state"],
            "reason": charge["reason"],
            "payment_method": charge["token"],
            "refunded_minor": charge["refunded_minor"],
            "created_at": iso(charge["created_at"]),
            "ended_at": iso(charge["ended_at"]),
        }
        if charge["state"] == "action_required":
            stated["action_url"] = f"{self._settings.public_url}/confirm/{charge['secret']}"
        return {**stated, **json.loads(charge["told"])}

    # One step each

    def _known(self, wish: Wish) -> Row | None:
        self.forget("keys")
        key = self._book.one("select * from keys where key = ?", wish.reference)
        if key is None:
            return None
        if self._faults.take("forget_keys"):
            self._book.run("delete from keys where key = ?", wish.reference)
            return None
        if key["parameters"] != _canonical(wish):
            raise Refused(409, "other_parameters", "this reference was used with other parameters")
        charge = self._by_id(key["subject"])
        if charge["state"] == "processing":
            raise Refused(409, "key_in_use", "this reference is being charged by another request")
        return charge

    def _start(self, wish: Wish) -> Row:
        card = self._book.one("select * from cards where token = ? and detached_at is null", wish.payment_method)
        if card is None:
            raise Refused(422, "no_such_payment_method", "there is no such payment method")
        now = self._clock.now()
        charge_id = f"ch_{secrets.token_hex(12)}"
        late = self._faults.take("capture_late")
        slow = card["behaviour"] == "slow"
        delay = late.seconds("seconds", 5) if late else self._settings.slow_seconds
        self._book.add(
            "charges",
            {
                "id": charge_id,
                "reference": wish.reference,
                "token": wish.payment_method,
                "amount_minor": wish.amount_minor,
                "currency": wish.currency,
                "description": wish.description,
                "return_url": wish.return_url,
                "on_session": int(wish.on_session),
                "state": "processing",
                "secret": secrets.token_urlsafe(24),
                "told": json.dumps(self._lie()),
                "webhooks": json.dumps(self._webhook_fault()),
                "capture_at": now + delay if slow or late else None,
                "capture_anyway": int(late is not None),
                "created_at": now,
            },
        )
        self._book.add(
            "keys",
            {"key": wish.reference, "parameters": _canonical(wish), "subject": charge_id, "created_at": now},
        )
        charge = self._by_id(charge_id)
        return charge if slow or late else self._asked_bank(charge, card)

    def _asked_bank(self, charge: Row, card: Row) -> Row:
        behaviour = card["behaviour"]
        today = self._clock.today()
        if (card["expiry_year"], card["expiry_month"]) < (today.year, today.month):
            return self._end(charge, "failed", "expired_card")
        if behaviour.startswith("ask_always:") or (behaviour.startswith("ask:") and card["authenticated_at"] is None):
            return self._end(charge, "action_required")
        if behaviour.startswith("decline:"):
            return self._end(charge, "failed", behaviour.removeprefix("decline:"))
        return self._end(charge, "succeeded") if charge["on_session"] else self._asked_alone(charge, behaviour)

    def _asked_alone(self, charge: Row, behaviour: str) -> Row:
        """The customer is not at the screen: some cards then behave otherwise."""
        kind, _, then = behaviour.partition(":")
        if kind == "ask_later":
            return self._end(charge, "action_required")
        if kind == "decline_later" or (kind == "decline_twice_later" and self._declined_alone(charge["token"]) < 2):
            return self._end(charge, "failed", then)
        return self._end(charge, "succeeded")

    def _declined_alone(self, token: str) -> int:
        declined = "select count(*) as n from charges where token = ? and on_session = 0 and state = 'failed'"
        return int((self._book.one(declined, token) or {})["n"])

    def _confirmed(self, charge: Row) -> Row:
        card = self._book.one("select * from cards where token = ?", charge["token"]) or {}
        _, _, then = card["behaviour"].partition(":")
        if then == "silent":
            return charge
        if then.startswith("decline:"):
            return self._end(charge, "failed", then.removeprefix("decline:"))
        self._book.run("update cards set authenticated_at = ? where token = ?", self._clock.now(), charge["token"])
        return self._end(charge, "succeeded")

    def _end(self, charge: Row, state: str, reason: str = "") -> Row:
        ended_at = None if state == "action_required" else self._clock.now()
        self._book.run(
            "update charges set state = ?, reason = ?, ended_at = ? where id = ?", state, reason, ended_at, charge["id"]
        )
        after = self._by_id(charge["id"])
        self._events.emit(after, f"charge.{state}", self.shown(after))
        return after

    def _lie(self) -> Row:
        fault = self._faults.take("lie")
        return {fault.parameters["field"]: fault.parameters.get("value")} if fault else {}

    def _webhook_fault(self) -> Row:
        for kind in WEBHOOK_FAULTS:
            if fault := self._faults.take(kind):
                return {"mode": kind, "seconds": fault.seconds("seconds", 5)}
        return {}

    def _by_id(self, charge_id: str) -> Row:
        row = self._book.one("select * from charges where id = ?", charge_id)
        if row is None:
            raise Refused(404, "no_such_charge", "there is no such charge")
        return row

    def _tell_changed(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()
        self._events.wake()

    def _changed_since(self, seen: int) -> bool:
        return self._changes != seen


def _canonical(wish: Wish) -> str:
    return json.dumps(asdict(wish), sort_keys=True)


def _text(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
