"""What people type, made fit to be kept and printed: or refused, with the reason."""

import re
import unicodedata
from typing import Final

from palier.apps.tax.refusals import ForbiddenCharacter, Missing, NothingReadable, TooLong, TooManyLines
from palier.kit import card_numbers

# Left by copying from web pages and word processors; they show nothing and change nothing.
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u061c\u2060\ufeff"))
_SPACES: Final = re.compile(r"[^\S\n]+")
_FORBIDDEN_KINDS: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
# They reorder the letters around them, so that what is read is not what is stored.
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
MOST_LINES: Final = 4


def clean(typed: object, field: str, *, most: int, required: bool = False, lines: int = 1) -> str:
    """One field's text: composed (NFC), trimmed, spaces joined. Markup is only text and stays as it is.

    ``lines`` above 1 keeps that many lines. Refuses what is too long (counted in characters), control characters,
    those that turn the direction of text, card numbers and, where required, emptiness. Right-to-left letters are
    welcome.
    """
    text = typed if isinstance(typed, str) else ""
    if len(text) > most * 4 + 64:
        raise TooLong(field, most=most, length=len(text))
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip().translate(_INVISIBLE)
    if lines == 1 and "\n" not in text:
        text = text.replace("\t", " ")
    for letter in text:
        if letter in _REORDERING or (unicodedata.category(letter) in _FORBIDDEN_KINDS and not _kept(letter, lines)):
            raise ForbiddenCharacter(field, character=f"U+{ord(letter):04X}")
    text = unicodedata.normalize("NFC", _SPACES.sub(" ", text))
    rows = [row for row in (row.strip() for row in text.split("\n")) if row]
    if len(rows) > lines:
        raise TooManyLines(field, most=lines)
    text = "\n".join(rows)
    if len(text) > most:
        raise TooLong(field, most=most, length=len(text))
    if required and not text:
        raise Missing(field)
    if text and required and not any(letter.isalnum() for letter in text):
        raise NothingReadable(field)
    card_numbers.refuse(text, field)
    return text


def _kept(letter: str, lines: int) -> bool:
    return letter == "\t" or (letter == "\n" and lines > 1)
