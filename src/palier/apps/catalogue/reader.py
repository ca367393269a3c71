"""Reading values out of parsed TOML so that nothing wrong is passed over and nothing stops at the first mistake.

A method that meets a mistake notes it and returns a harmless stand-in; the catalogue made from stand-ins is never given
out, because ``parse`` raises once everything was read.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from palier.apps.catalogue.mistakes import Mistake, closest, did_you_mean
from palier.apps.catalogue.positions import Path, Positions
from palier.engine.errors import EngineError
from palier.engine.money import exponent, parse_amount

KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DECIMAL: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_KINDS: Final = {bool: "true or false", int: "a whole number", float: "a decimal number", str: "a text"}


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else _KINDS.get(type(value), "a date")


def _where(path: Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


class Sheet:
    """What is shared while one catalogue is read: places, languages, mistakes."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.languages: tuple[str, ...] = ("en", "fr")
        self.mistakes: list[Mistake] = []

    def note(self, path: Path, what: str, remedy: str, *, absent: bool = False) -> None:
        self.mistakes.append(Mistake(self.positions.line(path), _where(path), what, remedy, absent))

    def forget_absent(self, path: Path) -> None:
        """Take back that something is missing: it is there, misspelt."""
        self.mistakes = [m for m in self.mistakes if not (m.absent and m.where == _where(path))]


class Table:
    """One table of the file. Every key is taken once; ``end`` notes the keys that nobody knows."""

    def __init__(self, sheet: Sheet, values: Mapping[str, object] | None, path: Path = ()) -> None:
        self.sheet = sheet
        self.path = path
        self._values = values or {}
        self._missing = values is None  # the table itself was noted, or may be left out
        self._known: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        return list(self._values)

    def note(self, key: str, what: str, remedy: str) -> None:
        self.sheet.note((*self.path, key), what, remedy)

    def end(self) -> None:
        """Note every key that was not taken."""
        for key in self._values:
            if key not in self._known:
                meant = closest(key, self._known - self._values.keys()) or closest(key, self._known)
                self.sheet.forget_absent((*self.path, meant))  # one mistake, not two
                self.note(key, "this key is unknown", did_you_mean(key, [meant] if meant else self._known))

    def _take[T](self, key: str, kind: type[T], example: str, optional: bool) -> T | None:
        self._known.add(key)
        if key not in self._values:
            if not optional and not self._missing:
                heading = ".".join(map(str, (*self.path, key)))
                remedy = f"Add the heading [{heading}] with its keys." if kind is dict else f"Write: {key} = {example}"
                self.sheet.note((*self.path, key), "this is missing", remedy, absent=True)
            return None
        value = self._values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            wanted = "a table" if kind is dict else "a list" if kind is list else _KINDS[kind]
            self.note(key, f"this must be {wanted}, and is {_kind(value)}", f"Write: {key} = {example}")
            return None
        return value

    def table(self, key: str, *, optional: bool = False) -> "Table":
        found = self._take(key, dict, "{ … }", optional)
        return Table(self.sheet, found, (*self.path, key))

    def tables(self, key: str, *, optional: bool = False) -> Iterator[tuple[str, "Table"]]:
        """The tables below a key by their own keys, such as every plan."""
        inner = self.table(key, optional=optional)
        for name in inner.names():
            if not KEY.fullmatch(name):
                inner.note(
                    name,
                    f"“{name}” cannot be a key",
                    "Use lower-case letters, digits and _, beginning with a letter, at most 40 of them.",
                )
            yield name, inner.table(name)

    def text(
        self,
        key: str,
        *,
        example: str,
        longest: int = 200,
        optional: bool = False,
        check: Callable[[str], str | None] | None = None,
    ) -> str:
        """A text on one line. ``check`` returns what is wrong with it, or None."""
        found = self._take(key, str, f'"{example}"', optional)
        if found is None:
            return ""
        if not found.strip() and not optional:
            self.note(key, "this is empty", f'Write: {key} = "{example}"')
        elif len(found) > longest:
            self.note(key, f"this has {len(found)} characters", f"Use at most {longest}.")
        elif not found.isprintable() and any(ord(letter) < 32 or ord(letter) == 127 for letter in found):
            self.note(key, "this holds a line break or another control character", "Write it on one line.")
        elif found and check and (wrong := check(found)):
            self.note(key, wrong, f'Write for example: {key} = "{example}"')
        return found.strip()

    def long_text(self, key: str) -> str:
        """A text of any length, on any number of lines."""
        return self._take(key, str, '"…"', optional=False) or ""

    def is_text(self, key: str) -> bool:
        return isinstance(self._values.get(key), str)

    def forgive(self, key: str) -> None:
        """Count a key as known: what is wrong with it has been said."""
        self._known.add(key)

    def integer(
        self, key: str, *, least: int, most: int, default: int | None = None, stand_in: int | None = None
    ) -> int:
        """A whole number from ``least`` to ``most``; ``stand_in`` (else ``least``) is what a mistake gives."""
        stand_in = least if stand_in is None else stand_in
        found = self._take(key, int, str(default if default is not None else least), default is not None)
        if found is None:
            return stand_in if default is None else default
        if not least <= found <= most:
            self.note(key, f"{found} is out of range", f"Use a whole number from {least} to {most}.")
            return stand_in
        return found

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        found = self._take(key, bool, "false", default is not None)
        return bool(default) if found is None else found

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """One of a few words; the first is the stand-in."""
        first = next(iter(allowed))
        found = self._take(key, str, f'"{first}"', optional=False)
        if found is None:
            return first
        if found not in allowed:
            words = ", ".join(f'"{word}"' for word in allowed)
            self.note(key, f"“{found}” is not allowed here", f"Write one of: {words}.")
            return first
        return found

    def amount(self, key: str, currency: str) -> int:
        """A price in quotes, exact, above zero, as minor units of the currency; 0 is the stand-in."""
        self._known.add(key)
        value = self._values.get(key)
        places = exponent(currency)
        example = f'{key} = "109{"." + "0" * places if places else ""}"'
        if key not in self._values:
            if not self._missing:
                remedy = f"Write for example: {example}"
                self.sheet.note((*self.path, key), "this price is missing", remedy, absent=True)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            self.note(
                key, f"the price {value} is without quotes", f"Put it in quotes so that it stays exact: {example}"
            )
        elif not isinstance(value, str):
            self.note(key, f"a price must be a text in quotes, and this is {_kind(value)}", f"Write: {example}")
        else:
            return self._exact(key, value, currency, places, example)
        return 0

    def _exact(self, key: str, text: str, currency: str, places: int, example: str) -> int:
        whole, _, part = text.partition(".")
        if "," in text:
            self.note(key, f"“{text}” has a comma", f"Write a point before the decimals, nothing else: {example}")
        elif text.startswith("-"):
            self.note(key, f"the price {text} is below zero", "A price is above zero.")
        elif whole.isdecimal() and part.isdecimal() and len(part) > places:
            fewer = f"{whole}.{part[:places]}" if places else whole
            self.note(key, f"{text} has {len(part)} decimals; {currency} has {places}", f'Write: {key} = "{fewer}"')
        else:
            return self._parsed(key, text, currency, example)
        return 0

    def _parsed(self, key: str, text: str, currency: str, example: str) -> int:
        try:
            minor = parse_amount(text, currency)
        except EngineError:
            self.note(key, f"“{text}” is not an amount", f"Write digits, with a point before the decimals: {example}")
            return 0
        if minor == 0:
            self.note(key, "the price is zero", "A price is above zero; what costs nothing belongs to the free plan.")
        elif minor > 10**11:
            self.note(key, f"the price {text} is too large", "Check the number of digits.")
        return minor

    def decimal(self, key: str, *, example: str) -> str:
        """A number of zero or more, in quotes."""
        return self.text(
            key,
            example=example,
            longest=12,
            check=lambda text: None if _DECIMAL.fullmatch(text) else f"“{text}” is not a number in digits",
        )

    def strings(self, key: str, *, example: str, optional: bool = False) -> list[tuple[Path, str]]:
        """A list of texts, each with its place."""
        texts: list[tuple[Path, str]] = []
        for index, entry in enumerate(self._take(key, list, example, optional) or []):
            path = (*self.path, key, index)
            if isinstance(entry, str) and entry.strip():
                texts.append((path, entry))
            else:
                self.sheet.note(
                    path, "this entry is not a text" if entry != "" else "this entry is empty", "Put text in quotes."
                )
        return texts

    def days(self, key: str, *, most: int) -> tuple[int, ...]:
        """A list of different numbers of days, each from 1 to ``most``; an empty one is allowed."""
        found: list[int] = []
        for index, entry in enumerate(self._take(key, list, "[7, 1]", optional=False) or []):
            path = (*self.path, key, index)
            if not isinstance(entry, int) or isinstance(entry, bool) or not 1 <= entry <= most:
                self.sheet.note(path, "this is not a number of days", f"Use whole numbers from 1 to {most}.")
            elif entry in found:
                self.sheet.note(path, f"{entry} is named twice", "Keep one.")
            else:
                found.append(entry)
        return tuple(found)

    def texts(self, key: str, *, example: str, longest: int = 120) -> dict[str, str]:
        """One text for every language of the catalogue."""
        inner = self.table(key)
        found = {language: inner.text(language, example=example, longest=longest) for language in self.sheet.languages}
        inner.end()
        return found
