"""What a planted bug is: a known defect that can be switched on, and the check that must notice it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

Switch = Callable[[], AbstractContextManager[None]]
"""While its block lasts, a piece of the program does what it did where the defect was found."""


@dataclass(frozen=True)
class Bug:
    """A defect. ``check`` must find it: an invariant's code (``docs/reference/invariants.md``), or the name of a test's
    own question; ``says`` are words of what it finds.

    ``walls`` are constraints of the database, (table, name), that make the defect impossible: the first one refuses it,
    and once all are gone the check sees what they had kept out.
    """

    name: str
    stands_for: str
    check: str
    says: str
    switch: Switch
    walls: tuple[tuple[str, str], ...] = ()

    def caught_in(self, findings: list[str]) -> bool:
        """Whether the check that must notice is among those that did."""
        return any(each.startswith(f"{self.check} ") and self.says in each for each in findings)

    @property
    def caught_by(self) -> str:
        """What noticed, for the report's table."""
        wall = f"; the database refuses it: {self.walls[0][1]}" if self.walls else ""
        return f"{self.check}: {self.says}{wall}"


@contextmanager
def swapped(*places: tuple[object, str, object]) -> Iterator[None]:
    """Other things in these places, (owner, attribute, instead), until the end of the block."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    try:
        for owner, name, instead in places:
            setattr(owner, name, instead)
        yield
    finally:
        for owner, name, was in before:
            setattr(owner, name, was)


def unlocked(accounts: Any, lock: Callable[[Any], object] = lambda account: None) -> Any:
    """The accounts of a module that takes no lock on them, but ``lock`` if given; they are read all the same."""

    def read(**what: Any) -> Any:
        account = accounts.objects.get(**what)
        lock(account)
        return account

    return SimpleNamespace(
        objects=SimpleNamespace(
            locked=lambda account_id: read(pk=account_id),
            locked_by=read,
            filter=accounts.objects.filter,
            get=accounts.objects.get,
            select_related=accounts.objects.select_related,
        )
    )
