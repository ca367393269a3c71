"""Refunds: at most what was charged, and once for each key that is remembered."""

import json
import secrets
from typing import Any

from palier_sandbox.book import Book, Row
from palier_sandbox.charges import Charges, Refused
from palier_sandbox.clock import Clock, iso
from palier_sandbox.webhooks import Events


class Refunds:
    """All refunds of the book."""

    def __init__(self, book: Book, clock: Clock, charges: Charges, events: Events) -> None:
        self._book = book
        self._clock = clock
        self._charges = charges
        self._events = events

    def create(self, reference: str, body: dict[str, Any]) -> Row:
        """Give back ``amount_minor`` under ``key``, or replay what that key gave back. Raises Refused."""
        amount, key = body.get("amount_minor"), body.get("key")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
            raise Refused(422, "invalid_parameter", "amount_minor is missing or not valid")
        if not isinstance(key, str) or not 1 <= len(key) <= 80:
            raise Refused(422, "invalid_parameter", "key is missing or not valid")
        parameters = json.dumps([reference, amount])
        with self._book.writing():
            self._charges.forget("keys")
            known = self._book.one("select * from keys where key = ?", f"refund {key}")
            if known and known["parameters"] != parameters:
                raise Refused(409, "other_parameters", "this key was used with other parameters")
            if known:
                return self._by_id(known["subject"])
            return self._new(reference, amount, key, parameters)

    def of(self, reference: str) -> list[Row]:
        """Everything given back of a charge, oldest first. Raises Refused 404."""
        self._charges.by_reference(reference)
        made = "select * from refunds where reference = ? order by rowid"
        return [shown(refund) for refund in self._book.all(made, reference)]

    def _new(self, reference: str, amount: int, key: str, parameters: str) -> Row:
        charge = self._charges.by_reference(reference)
        if charge["state"] != "succeeded":
            raise Refused(422, "not_charged", "nothing was taken with this charge")
        if amount > charge["amount_minor"] - charge["refunded_minor"]:
            raise Refused(422, "more_than_charged", "this is more than what is left of the charge")
        now = self._clock.now()
        refund = {
            "id": f"re_{secrets.token_hex(12)}",
            "reference": reference,
            "charge": charge["id"],
            "key": key,
            "amount_minor": amount,
            "currency": charge["currency"],
            "created_at": now,
        }
        self._book.add("refunds", refund)
        self._book.add(
            "keys", {"key": f"refund {key}", "parameters": parameters, "subject": refund["id"], "created_at": now}
        )
        self._book.run("update charges set refunded_minor = refunded_minor + ? where id = ?", amount, charge["id"])
        stated = shown(refund)
        self._events.emit(charge, "refund.succeeded", stated)
        self._events.wake()
        return stated

    def _by_id(self, refund_id: str) -> Row:
        return shown(self._book.one("select * from refunds where id = ?", refund_id) or {})


def shown(refund: Row) -> Row:
    """A refund as answers and events state it."""
    return {**refund, "created_at": iso(refund["created_at"])}
