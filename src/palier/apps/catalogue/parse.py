"""From the text of ``catalogue.toml`` to a Catalogue, or to every mistake in it with its line and remedy."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Final

from palier.apps.catalogue import offers, sections
from palier.apps.catalogue.mistakes import CatalogueMalformed, Mistake
from palier.apps.catalogue.positions import Positions
from palier.apps.catalogue.reader import Sheet, Table
from palier.apps.catalogue.values import Catalogue

_PLACE: Final = re.compile(r" \(at (?:line (?P<line>[0-9]+), column (?P<column>[0-9]+)|end of document)\)$")
_MOST_SYNTAX_MISTAKES: Final = 50
_REMEDIES: Final = (
    ("Cannot overwrite a value", "this key is written twice", "Keep one of the two."),
    ("Cannot declare", "this table is opened twice", "Put its keys together under one heading."),
    ("Expected '='", "there is no “=” after the key", "Write: key = value"),
    ("Invalid statement", "this is neither a key nor a [heading]", "Write: key = value, or put # before a remark."),
    ("Invalid value", "the value cannot be read", 'Put texts and prices in quotes: "109.00".'),
    (
        "Unclosed array",
        "a list is not closed, or a comma is missing between two entries",
        "Check the commas and the ].",
    ),
    ("Unclosed inline table", "a { … } is not closed, or a comma is missing", "Check the commas and the }."),
    ("Invalid initial character", "a key is missing here, or a comma stands before }", "Remove the comma."),
    ("Expected newline", "something stands after the end of the value", "Put each key on a line of its own."),
    ("Unterminated string", "a text is not closed", "Put a quote at its end."),
    (
        "Illegal character",
        "a character is not allowed here, or a text is not closed",
        "Put a quote at the end of the text.",
    ),
    ("Expected ']'", "a [heading] is not closed", "Put a ] at its end."),
    ("Duplicate inline table key", "a key is written twice within { … }", "Keep one of the two."),
    ("Found invalid character", "a character is not allowed here", "Remove it."),
    ("Unescaped '\\'", "a \\ in quotes is not understood", "Write \\\\ for one \\."),
)


@dataclass(frozen=True, slots=True)
class Sheetful:
    """A file that was read: the catalogue, and what is kept of it on publishing."""

    catalogue: Catalogue
    content: Mapping[str, object]
    positions: Positions

    @property
    def sha256(self) -> str:
        return digest(self.content)


def digest(content: Mapping[str, object]) -> str:
    """The hash of a content's canonical bytes."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def file(path: FilePath) -> Sheetful:
    """Read a file; raises CatalogueMalformed with every mistake, an unreadable file included."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _whole(f"the file {path} cannot be read ({error.strerror})", "Check its path and rights.") from None
    except UnicodeDecodeError as error:
        raise _whole(f"the file is not UTF-8 (byte {error.start})", "Save it as UTF-8 in your editor.") from None
    return toml(text, folder=path.parent)


def toml(text: str, *, folder: FilePath | None = None) -> Sheetful:
    """Read a text; the files of the terms are looked for in ``folder``."""
    text = text.replace("\r\n", "\n")
    readable, data, mistakes = _parsed(text)
    if data is None:
        raise CatalogueMalformed(mistakes)
    sheet = Sheet(Positions(readable))
    catalogue = _catalogue(Table(sheet, data), folder, 0)
    # After lines that could not be read, what seems to be missing may well be on them.
    mistakes += [mistake for mistake in sheet.mistakes if not (mistakes and mistake.absent)]
    if mistakes:
        raise CatalogueMalformed(mistakes)
    terms = {key: value for key, value in data["terms"].items() if key != "files"}
    content = {**data, "terms": {**terms, "texts": dict(catalogue.terms.texts)}}
    return Sheetful(catalogue, content, sheet.positions)


def stored(content: Mapping[str, object], version_id: int) -> Catalogue:
    """Read a published content again."""
    sheet = Sheet(Positions(""))
    catalogue = _catalogue(Table(sheet, content), None, version_id)
    if sheet.mistakes:
        raise CatalogueMalformed(sheet.mistakes)
    return catalogue


def _catalogue(root: Table, folder: FilePath | None, version_id: int) -> Catalogue:
    languages = sections.languages(root)
    seller = sections.seller(root.table("seller"))
    default_currency, currency_by_country = sections.currencies(root.table("currencies"))
    used = tuple(dict.fromkeys([default_currency, *currency_by_country.values()]))
    limits = offers.limits(root)
    plans = offers.plans(root, limits, used)
    add_ons = offers.add_ons(root, limits, used, {plan.key for plan in plans})
    policy = sections.proration(root.table("proration"), seller.time_zone)
    catalogue = Catalogue(
        version_id=version_id,
        languages=languages,
        quote_hold_minutes=root.integer("quote_hold_minutes", least=5, most=24 * 60),
        seller=seller,
        default_currency=default_currency,
        currency_by_country=MappingProxyType(currency_by_country),
        limits=MappingProxyType(limits),
        plans=plans,
        add_ons=add_ons,
        trial=sections.trial(root.table("trial"), plans),
        seats=sections.seats(root.table("seats"), used, policy),
        renewals=sections.renewals(root.table("renewals")),
        dunning=sections.dunning(root.table("dunning")),
        policy=policy,
        terms=sections.terms(root.table("terms"), folder),
    )
    sections.changes(root.table("changes"))
    root.end()
    return catalogue


def _parsed(text: str) -> tuple[str, dict[str, dict[str, object]] | None, list[Mistake]]:
    """The text with unreadable lines blanked out, its values, and a mistake for each such line.

    No values where the rest would say nothing: a heading was unreadable, or the end is missing.
    """
    lines = text.split("\n")
    mistakes: list[Mistake] = []
    lost = False
    while len(mistakes) < _MOST_SYNTAX_MISTAKES:
        try:
            data = tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            mistake = _syntax(str(error), lines)
            if mistakes and not mistake.line:
                break  # the end is missed only because of the lines blanked out
            mistakes.append(mistake)
            at = mistake.line - 1
            if not mistake.line or not lines[at].strip():
                break
            lost = lost or lines[at].lstrip().startswith("[")
            lines[at] = ""
        else:
            return "\n".join(lines), None if lost else data, mistakes
    return "", None, mistakes


def _syntax(message: str, lines: list[str]) -> Mistake:
    place = _PLACE.search(message)
    line = int(place["line"]) if place and place["line"] else 0
    reason = _PLACE.sub("", message)
    # An opening quote without its closing one is met at the end of its line, which the message counts as the next.
    if line > 1 and not lines[line - 1].strip() and place and place["column"] == "1":
        line -= 1
    unknown = (f"this cannot be read ({reason})", "Compare it with the example in the documentation.")
    known = ((what, remedy) for beginning, what, remedy in _REMEDIES if reason.startswith(beginning))
    what, remedy = next(known, unknown)
    if not line:
        what += ", up to the end of the file"
    return Mistake(line, "", what, remedy)


def _whole(what: str, remedy: str) -> CatalogueMalformed:
    return CatalogueMalformed([Mistake(0, "", what, remedy)])
