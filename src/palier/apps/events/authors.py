"""Who changed something: a person, in the role that they had, or one of the voices that are nobody's."""

from dataclasses import dataclass
from typing import Final

from palier.kit import card_numbers

LONGEST: Final = 120
"""Of the name of an operator's person, in characters."""


@dataclass(frozen=True, slots=True)
class Author:
    """``name`` is a member's public id, or says who else it was; ``role`` is what they were at that moment."""

    name: str
    role: str


CLOCK: Final = Author("clock", "clock")
"""Palier by itself: what falls due, and what a policy of the catalogue makes of something that happened."""

GATEWAY: Final = Author("gateway", "gateway")
"""The payment gateway's word about a payment."""

HOST: Final = Author("host", "host")
"""The product that Palier sells, by its API."""

OPERATOR: Final = "operator"
"""The role of the operator's people, who act by ``palier``."""

VOICES: Final = (CLOCK.role, GATEWAY.role, HOST.role, OPERATOR)
"""The roles that no member has."""


def operator(name: str) -> Author:
    """One of the operator's people, by the name under which they logged in or that they gave."""
    return Author(f"{OPERATOR}:{card_numbers.hidden(name)[:LONGEST]}", OPERATOR)
