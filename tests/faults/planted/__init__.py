"""The 24 planted bugs: known defects of billing systems, each as a switch, in the tests alone.

``with planted("unknown_read_as_declined"):`` makes the program do what it did where the defect was published. A harness
that never fails proves nothing: each bug is played in a scenario that is clean without it, and a named check has to see
it (``tests/faults/test_planted_*.py``). The list is that of the project's bar for reliability, section 6.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.faults.planted import attempts, books, debts, doors, locks
from tests.faults.planted.bug import Bug

BUGS: Final[dict[str, Bug]] = {
    bug.name: bug for family in (attempts, debts, books, locks, doors) for bug in family.BUGS
}


@contextmanager
def planted(name: str) -> Iterator[Bug]:
    """The program with one defect, until the end of the block."""
    bug = BUGS[name]
    with bug.switch():
        yield bug
