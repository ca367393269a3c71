"""What an account may have of each thing: the allowances of its plan, pooled over its seats, and its add-ons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from palier.engine.errors import EngineError

THRESHOLDS: Final = (100, 80)
"""Percent of a limit at which its use is worth a word, the highest first."""


class GrantOutOfRange(EngineError):
    """An allowance, a number of seats or of units below zero."""

    code: ClassVar[str] = "grant_out_of_range"


class Per(StrEnum):
    """Whether an allowance is each seat's, or one for the account."""

    SEAT = "seat"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Share:
    """Seats of one plan and what the plan allows, by limit: a number, None for unlimited. A limit that is not named is
    not included."""

    seats: int
    allowances: Mapping[str, int | None]

    def __post_init__(self) -> None:
        if self.seats < 0 or any(number is not None and number < 0 for number in self.allowances.values()):
            raise GrantOutOfRange("seats and allowances start at 0")


@dataclass(frozen=True, slots=True)
class Extra:
    """Units of an add-on; each raises ``limit`` by ``adds``."""

    key: str
    limit: str
    adds: int
    units: int

    def __post_init__(self) -> None:
        if self.adds < 0 or self.units < 0:
            raise GrantOutOfRange("add-ons add 0 or more")


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a pooled limit: ``allowance`` for each of ``seats``."""

    allowance: int
    seats: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account may have of one thing and where it comes from. ``parts`` are empty where it is unlimited; of an
    allowance for the account there is one, with one seat."""

    key: str
    per: Per
    unlimited: bool
    parts: tuple[Part, ...]
    extras: tuple[Extra, ...]

    @property
    def limit(self) -> int | None:
        """None: unlimited. 0: not included."""
        if self.unlimited:
            return None
        return sum(part.allowance * part.seats for part in self.parts) + sum(
            extra.adds * extra.units for extra in self.extras
        )

    def allows(self, used: int, more: int) -> bool:
        """Whether so many more may be created beside those that are used."""
        limit = self.limit
        return limit is None or used + more <= limit

    def left(self, used: int) -> int | None:
        """How many more there may be; None for any number, 0 also where more is used than is allowed."""
        limit = self.limit
        return None if limit is None else max(0, limit - used)

    def exceeded_by(self, used: int) -> int:
        """How many too many are used."""
        limit = self.limit
        return 0 if limit is None else max(0, used - limit)

    def reached(self, used: int) -> int:
        """The highest threshold, in percent, that a use has reached; 0 for none, or where there is no limit to
        reach."""
        limit = self.limit
        if not limit:
            return 0
        return next((threshold for threshold in THRESHOLDS if used * 100 >= threshold * limit), 0)


def granted(kinds: Mapping[str, Per], shares: Sequence[Share], extras: Sequence[Extra]) -> tuple[Grant, ...]:
    """The grants of an account, in the order of ``kinds``.

    Allowances per seat add up over the shares, and so do the two subscriptions of mixed billing. Of allowances for the
    account the most generous one holds: it is not given twice. Unlimited anywhere is unlimited.
    """
    return tuple(
        _grant(key, per, shares, [extra for extra in extras if extra.limit == key]) for key, per in kinds.items()
    )


def _grant(key: str, per: Per, shares: Sequence[Share], extras: Sequence[Extra]) -> Grant:
    numbers = [(share.allowances.get(key, 0), share.seats) for share in shares]
    if any(allowance is None for allowance, _ in numbers):
        return Grant(key, per, unlimited=True, parts=(), extras=())
    pooled: dict[int, int] = {}
    if per is Per.SEAT:
        for allowance, seats in numbers:
            pooled[allowance or 0] = pooled.get(allowance or 0, 0) + seats
    else:
        pooled[max((allowance or 0 for allowance, _ in numbers), default=0)] = 1
    parts = tuple(Part(allowance, seats) for allowance, seats in pooled.items())
    return Grant(key, per, unlimited=False, parts=parts, extras=tuple(extra for extra in extras if extra.units))
