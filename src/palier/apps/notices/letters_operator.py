"""Letters to the operator's own people, in English: they speak of rows and codes."""

from collections.abc import Sequence
from typing import Final

from palier.apps.notices.letters import Letter

SHOWN: Final = 20

KINDS: Final = ("invariants_broken", "needs_a_person")
"""All letters below."""


def invariants_broken(lines: Sequence[str], *, parked: int) -> Letter:
    """An examination of the books found something that must not be: a line each, and how many accounts are parked."""
    more = len(lines) - SHOWN
    return Letter(
        kind="invariants_broken",
        language="en",
        subject=f"Palier: {len(lines)} broken invariants, {parked} accounts parked",
        paragraphs=(
            "An examination of the books found what must never be. The accounts below are parked: nothing is charged "
            "to them until somebody has looked and released them. No money was changed.",
            *lines[:SHOWN],
            *([f"And {more} more: palier doctor lists them."] if more > 0 else []),
            "See docs/how-to/when-the-doctor-calls.md for what each code means and what to do.",
        ),
    )


def needs_a_person(lines: Sequence[str], commands: Sequence[str]) -> Letter:
    """What goes on only once somebody has looked: a line each, and the commands that list it with the ways out."""
    more = len(lines) - SHOWN
    return Letter(
        kind="needs_a_person",
        language="en",
        subject=f"Palier: {len(lines)} things wait for a person",
        paragraphs=(
            "What follows could not be done and goes on only once somebody has looked. No account is parked by it.",
            *lines[:SHOWN],
            *([f"And {more} more."] if more > 0 else []),
            f"The whole list, and what can be done: {', '.join(commands)}; docs/how-to/when-the-doctor-calls.md.",
        ),
    )
