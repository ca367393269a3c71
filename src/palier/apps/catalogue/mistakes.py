"""What is wrong with a catalogue, where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from palier.kit.refusals import Refusal


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake. ``line`` counts from 1, 0 where the file as a whole is meant; ``absent`` marks something missing."""

    line: int
    where: str
    what: str
    remedy: str
    absent: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class CatalogueMalformed(Refusal):
    """Carries every mistake, in the order of the file."""

    code = "catalogue.malformed"
    en = "The catalogue has {count} mistakes. Nothing was published; run “palier catalogue check” to see each of them."
    fr = (
        "Le catalogue comporte {count} erreurs. Rien n’a été publié\u202f; lancez «\u202fpalier catalogue check\u202f» "
        "pour les voir une à une."
    )

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__(count=len(self.mistakes))


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty if none is near."""
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=0.6)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "Did you mean “seats”?", or the list of what is known."""
    known = sorted(known)
    if close := closest(word, known):
        return f"Did you mean “{close}”?"
    return f"Known here: {', '.join(known)}." if known else "Remove it."
