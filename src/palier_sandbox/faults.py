"""The bad days of a payment service, switched on for the next n requests or until they are cleared."""

import json
from dataclasses import dataclass
from typing import Any, Final

from palier_sandbox.book import Book, Row

OPERATIONS: Final = ("charge", "find", "cancel", "refund")

KINDS: Final = {
    "timeout_before_capture": "Does nothing and closes the connection without an answer.",
    "timeout_after_capture": "Does its work, then closes the connection without an answer.",
    "error_after_capture": "Does its work, then answers 500.",
    "error_replayed": "Does its work, answers 500, and says 500 again whenever that key comes back.",
    "rate_limited": "Does nothing and answers 429.",
    "key_in_use": "Does nothing and answers 409 key_in_use.",
    "answer_junk": "Does its work, then answers something that is not JSON.",
    "answer_twice": "Does its work, writes the answer twice and sends each event twice.",
    "lie": "Does its work, but states another amount, currency, reference, card, id or state in all answers about it.",
    "forget_keys": "Forgets the key of a request that it has already answered, and so does the work again.",
    "capture_late": "Closes the connection; takes the money some seconds later, even when the charge was canceled.",
    "slow": "Answers some seconds later.",
    "webhooks_late": "Sends the events of the charge some seconds later.",
    "webhooks_doubled": "Sends each event of the charge twice.",
    "webhooks_reversed": "Keeps the events of the charge until it is final, then sends the last one first.",
    "webhooks_never": "Does not send the events of the charge.",
    "webhooks_before_answer": "Sends the event before it answers the request.",
    "down": "Answers 503 to every request, whatever it asks.",
}

PARAMETERS: Final = {
    "operation": f"one of {', '.join(OPERATIONS)}; charge unless told",
    "hold_seconds": "how long a connection is held before it is closed; 0 unless told",
    "seconds": "for late and slow; 5 unless told",
    "field": "for lie: amount_minor, currency, reference, payment_method, id or state",
    "value": "for lie: what is said instead",
}

LIES: Final = ("amount_minor", "currency", "reference", "payment_method", "id", "state")


class UnknownFault(ValueError):
    """There is no such fault, or its parameters make no sense."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that applies to the request in hand."""

    kind: str
    parameters: dict[str, Any]

    def seconds(self, name: str, default: float) -> float:
        """A duration among the parameters."""
        return float(self.parameters.get(name, default))


class Faults:
    """Which faults are on. Each matching request uses one up."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def set(self, kind: str, *, times: int | None, parameters: dict[str, Any]) -> None:
        """Switch a fault on for the next ``times`` requests, or until cleared when None. Raises UnknownFault."""
        if kind not in KINDS:
            raise UnknownFault(f"{kind!r} is not one of {', '.join(KINDS)}")
        if strange := set(parameters) - set(PARAMETERS):
            raise UnknownFault(f"{', '.join(sorted(strange))} is not one of {', '.join(PARAMETERS)}")
        if parameters.get("operation", "charge") not in OPERATIONS:
            raise UnknownFault(f"operation is not one of {', '.join(OPERATIONS)}")
        if kind == "lie" and parameters.get("field") not in LIES:
            raise UnknownFault(f"lie needs a field: {', '.join(LIES)}")
        for name in ("seconds", "hold_seconds"):
            value = parameters.get(name, 0)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86400:
                raise UnknownFault(f"{name} is a number of seconds, at most a day")
        if times is not None and times < 1:
            raise UnknownFault("times is 1 or more, or null for until cleared")
        self._book.add("faults", {"kind": kind, "remaining": times, "parameters": json.dumps(parameters)})

    def clear(self, kind: str | None = None) -> None:
        """Switch one kind off, or all of them."""
        self._book.run("delete from faults where ? is null or kind = ?", kind, kind)

    def take(self, kind: str, operation: str = "charge") -> Fault | None:
        """The fault that applies now, used up by one; None when none is on."""
        if self._book.one("select 1 from faults where kind = ?", kind) is None:
            return None
        with self._book.writing():
            for row in self._book.all("select * from faults where kind = ? order by number", kind):
                parameters = json.loads(row["parameters"])
                if kind == "down" or parameters.get("operation", "charge") == operation:
                    self._use_up(row)
                    return Fault(kind, parameters)
        return None

    def on(self) -> list[Row]:
        """The faults that are on, as the API shows them."""
        rows = self._book.all("select * from faults order by number")
        return [
            {"kind": row["kind"], "times": row["remaining"], "parameters": json.loads(row["parameters"])}
            for row in rows
        ]

    def _use_up(self, row: Row) -> None:
        if row["remaining"] is None:
            return
        self._book.run("update faults set remaining = remaining - 1 where number = ?", row["number"])
        self._book.run("delete from faults where remaining < 1")
