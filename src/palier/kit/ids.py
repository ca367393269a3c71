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
BITS: Final = 5
"""Of a digit."""
PAIRS: Final = [high + low for high in ALPHABET for low in ALPHABET]


class UnknownId(ValueError):
    """The text is not a public id of this kind."""


class _Counter:
    """The last identity that this process gave out."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self, fresh: int, count: int = 1) -> int:
        with self._lock:
            first = max(fresh, self._last + 1)
            self._last = first + count - 1
            return first


_counter: Final = _Counter()


def new_id() -> int:
    """A new identity, greater than every one that this process gave out before, even in the same millisecond."""
    return _counter.next(_fresh())


def block(count: int) -> range:
    """So many new identities that follow one another, for rows written together.

    Two processes that take identities for one table in the same millisecond meet once in thousands of such times; the
    table's key then refuses the later one, which tries again.
    """
    first = _counter.next(_fresh(), count)
    return range(first, first + count)


def first_of(at: datetime) -> int:
    """The least identity of an instant: all that are smaller were made before it."""
    return int((at - EPOCH).total_seconds() * 1000) << RANDOM_BITS


def _fresh() -> int:
    return first_of(clock.now()) | secrets.randbits(RANDOM_BITS)


def public_id(prefix: str, identity: int) -> str:
    """``public_id("ord", 5)`` is ``"ord_0000000000005"``: the prefix names the kind."""
    i, pairs = identity, PAIRS
    digits = (
        f"{pairs[i >> 50 & 1023]}{pairs[i >> 40 & 1023]}{pairs[i >> 30 & 1023]}"
        f"{pairs[i >> 20 & 1023]}{pairs[i >> 10 & 1023]}{pairs[i & 1023]}"
    )
    return f"{prefix}_{ALPHABET[i >> 60]}{digits}"


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


def in_sql(prefix: str, identity: str) -> str:
    """The SQL of ``public_id`` for a column, e.g. ``in_sql("mem", "member.id")``."""
    shifts = range(BITS * (DIGITS - 1), -1, -BITS)
    digits = (f"substr('{ALPHABET}', ({identity} >> {shift} & {len(ALPHABET) - 1})::int + 1, 1)" for shift in shifts)
    return f"('{prefix}_' || {' || '.join(digits)})"


def parsed_in_sql(prefix: str, text: str) -> str:
    """The SQL of ``parse`` for a column, NULL where that raises: to find by its key what a public id names."""
    first = len(f"{prefix}_") + 1
    digits = (
        f"((strpos('{ALPHABET}', substr({text}, {first + place}, 1)) - 1)::bigint << {BITS * (DIGITS - 1 - place)})"
        for place in range(DIGITS)
    )
    shape = f"^{prefix}_[0-7][{ALPHABET}]{{{DIGITS - 1}}}$"
    return f"(CASE WHEN {text} ~ '{shape}' THEN {' | '.join(digits)} END)"
