"""Identities: 63-bit integers in order of time inside, ``ord_0abc…`` outside.

The integer is 41 bits of milliseconds since 2024 and 22 random bits, and one process never counts down. Rows written
together lie together in every index (a random UUID costs several times the writes), and a database restored from a
backup never gives an identity out twice, which matters because a payment's public id is also its idempotency key at
the gateway.
"""

import secrets
import threading
from datetime import UTC, datetime
from typing import Final

from palier.kit import clock

EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
RANDOM_BITS: Final = 22
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
DIGITS: Final = 13


class UnknownId(ValueError):
    """The text is not a public id of this kind."""


class _Counter:
    """The last identity that this process gave out."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self, fresh: int) -> int:
        with self._lock:
            self._last = max(fresh, self._last + 1)
            return self._last


_counter: Final = _Counter()


def new_id() -> int:
    """A new identity, greater than every one that this process gave out before, even in the same millisecond."""
    milliseconds = int((clock.now() - EPOCH).total_seconds() * 1000)
    return _counter.next((milliseconds << RANDOM_BITS) | secrets.randbits(RANDOM_BITS))


def public_id(prefix: str, identity: int) -> str:
    """``public_id("ord", 5)`` is ``"ord_0000000000005"``: the prefix names the kind."""
    digits = ""
    rest = identity
    for _ in range(DIGITS):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return f"{prefix}_{digits}"


def parse(prefix: str, text: str) -> int:
    """The identity behind a public id; raises UnknownId for anything else, another kind's id included."""
    kind, _, digits = text.partition("_")
    if kind != prefix or len(digits) != DIGITS or not set(digits) <= set(ALPHABET):
        raise UnknownId(text[:40])
    identity = 0
    for digit in digits:
        identity = identity * len(ALPHABET) + ALPHABET.index(digit)
    if identity >= 2**63:
        raise UnknownId(text[:40])
    return identity
