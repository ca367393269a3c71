"""What an invariant is: a sentence that is always true, and a question that finds where it is not."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from palier.kit import ids

SOON: Final = timedelta(minutes=15)
"""How long the answer about a payment may be missing while the gateway answers (I08)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the books. ``now`` is the present; ``patience`` is how long work may be on its way before it counts
    as left undone: a day in production, nothing once a test has let the dust settle. ``soon``: how long the answer
    about a payment may be missing while the gateway answers others."""

    now: datetime
    patience: timedelta
    soon: timedelta = SOON

    @property
    def settled_before(self) -> datetime:
        """What was begun before this instant must be over."""
        return self.now - self.patience

    @property
    def answered_before(self) -> datetime:
        """What was asked of a gateway before this instant must have its answer, if the gateway answers."""
        return self.now - self.soon


@dataclass(frozen=True, slots=True)
class Breach:
    """Where an invariant does not hold: of which account (None: of no single one), about what, and what is the case."""

    code: str
    account_id: int | None
    subject: str
    fact: str


type Found = tuple[int | None, str, str]
"""An account's id, a subject, a fact."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """``code`` is that of the table of invariants (``docs/reference/invariants.md``)."""

    code: str
    sentence: str
    ask: Callable[[Look], Iterable[Found]]

    def breaches(self, look: Look) -> list[Breach]:
        """Everywhere it does not hold now."""
        return [Breach(self.code, account_id, subject, fact) for account_id, subject, fact in self.ask(look)]


def rows(statement: str, **values: Any) -> Callable[[Look], Iterator[Found]]:
    """A question in SQL. Its rows are: account id, prefix of the subject's public id (or ""), subject's id, fact.

    It may name ``%(now)s``, ``%(settled_before)s`` and ``%(answered_before)s``.
    """

    def ask(look: Look) -> Iterator[Found]:
        with connection.cursor() as cursor:
            times = {"now": look.now, "settled_before": look.settled_before, "answered_before": look.answered_before}
            cursor.execute(statement, {**times, **values})
            for account_id, prefix, subject, fact in cursor.fetchall():
                yield account_id, ids.public_id(prefix, subject) if prefix else str(subject), str(fact)

    return ask


def all_of(*questions: Callable[[Look], Iterable[Found]]) -> Callable[[Look], Iterator[Found]]:
    """Several questions as one."""

    def ask(look: Look) -> Iterator[Found]:
        for question in questions:
            yield from question(look)

    return ask
