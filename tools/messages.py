"""The French translations: `python tools/messages.py update | compile | check`. Pure Python, no gettext programs.

A package that speaks to people owns `locale/fr/LC_MESSAGES/django.po`; a string belongs to the nearest such folder
above the file it stands in. English is the msgid.

update   adds what the code asks for, drops what it no longer asks for, sets narrow no-break spaces (U+202F) where
         French wants them; never guesses a translation
compile  writes the .mo files that are older than their .po (they are not committed)
check    fails for a missing, obsolete, untranslated or fuzzy message, for placeholders that differ, and for French
         punctuation after an ordinary space
"""

import io
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
LOCALE = "fr"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATES = {".html", ".txt"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%%")
NARROW = "\u202f"
UNBOUND_PUNCTUATION = re.compile(r"[^\s] [;:!?»](?:\s|$|<)|« |\w[!?;](?:\s|$)")


@dataclass(frozen=True)
class Found:
    """One message in the code."""

    path: Path
    line: int
    key: tuple[str, ...]
    context: str | None


def po_files(sources: Path) -> list[Path]:
    """All catalogues of French messages."""
    return sorted(sources.glob(f"**/locale/{LOCALE}/LC_MESSAGES/django.po"))


def owner(path: Path, sources: Path) -> Path:
    """The package that owns the messages of a file: the nearest with a `locale` folder, else where one belongs."""
    for folder in path.parents:
        if (folder / "locale").is_dir():
            return folder
        if folder == sources:
            break
    inside = path.relative_to(sources).parts
    return sources.joinpath(*inside[: 3 if len(inside) > 3 else len(inside) - 1])


def messages_in(path: Path) -> Iterator[Found]:
    """What one Python file or template asks to translate.

    Django turns a template into something like Python; its indentation means nothing and would confuse the reader.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix in TEMPLATES:
        from django.utils.translation.template import templatize

        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    for line, message, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        key = (message,) if isinstance(message, str) else tuple(message)
        if key[0]:
            yield Found(path, line, key, context)


def wanted(sources: Path) -> dict[Path, list[Found]]:
    """The messages of all packages."""
    result: dict[Path, list[Found]] = defaultdict(list)
    for path in sorted(sources.rglob("*")):
        if path.suffix not in TEMPLATES | {".py"} or "locale" in path.parts or not path.is_file():
            continue
        if path.suffix in TEMPLATES and "templates" not in path.parts:
            continue
        for found in messages_in(path):
            result[owner(path, sources)].append(found)
    return result


def read(path: Path) -> Catalog:
    """A catalogue as it is on disk; an empty one when there is none."""
    if not path.exists():
        return Catalog(locale=LOCALE, domain="django", header_comment="")
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, domain="django")


def po_of(package: Path) -> Path:
    """Where a package keeps its French."""
    return package / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def update(sources: Path) -> None:
    """Rewrites every catalogue: the messages of the code, in order, with the translations that were there."""
    for package, found in wanted(sources).items():
        path = po_of(package)
        old, new = read(path), Catalog(locale=LOCALE, domain="django", fuzzy=False, project="Palier", charset="utf-8")
        for one in found:
            key: str | tuple[str, ...] = one.key if len(one.key) > 1 else one.key[0]
            before = old.get(key, one.context)
            kept = tuple(map(bound, _forms(before))) if before is not None and not before.fuzzy else ("",)
            place = (str(one.path.relative_to(package)), 0)
            new.add(key, kept if len(one.key) > 1 else kept[0], locations=[place], context=one.context)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, new, width=120, omit_header=False, sort_output=False, include_lineno=False)
        _steady_header(path)
        open_ones = sum(not _complete(message) for message in _real(new))
        print(f"{path.relative_to(sources)}: {len(new)} messages, {open_ones} to translate")


def compile_all(sources: Path) -> None:
    """Writes the .mo files that are missing or older than their source, each at once and whole."""
    for path in po_files(sources):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, read(path))
        fresh.replace(target)


def check(sources: Path) -> list[str]:
    """Every mistake, as a sentence with its place."""
    mistakes: list[str] = []
    code = wanted(sources)
    for package in sorted(set(code) | {path.parents[3 - 1].parent for path in po_files(sources)}):
        path, found = po_of(package), code.get(package, [])
        catalog, name = read(path), str(path.relative_to(sources))
        asked = {(one.key[0], one.context) for one in found}
        for one in found:
            if catalog.get(one.key[0], one.context) is None:
                where = f"{one.path.relative_to(sources)}:{one.line}"
                mistakes.append(f"{where}: {one.key[0]!r} is missing in {name}; run `make messages`")
        for message in _real(catalog):
            key = message.id if isinstance(message.id, str) else message.id[0]
            if (key, message.context) not in asked:
                mistakes.append(f"{name}: {key!r} is no longer in the code; run `make messages`")
            mistakes += [f"{name}: {key!r} {mistake}" for mistake in _mistakes(message)]
        mistakes += [f"{name}: {key!r} is obsolete; run `make messages`" for key in catalog.obsolete]
    return list(dict.fromkeys(mistakes))


def unbound_punctuation(text: str) -> bool:
    """Whether French punctuation stands after an ordinary space, or without any, where U+202F belongs."""
    return UNBOUND_PUNCTUATION.search(text) is not None


def bound(text: str) -> str:
    """The text with narrow no-break spaces before French high punctuation and inside guillemets."""
    text = re.sub(r"(?<=[^\s]) (?=[;:!?»](?:\s|$|<))|(?<=«) ", NARROW, text)
    return re.sub(r"(?<=\w)(?=[!?;](?:\s|$))", NARROW, text)


def placeholders(text: str) -> set[str]:
    """The names of what is filled in: %(name)s and {name}."""
    return {found[1] or "{" + found[2] + "}" for found in PLACEHOLDER.finditer(text) if found[0] != "%%"}


def _real(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _complete(message: Message) -> bool:
    return all(form.strip() for form in _forms(message)) and not message.fuzzy


def _mistakes(message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "is marked fuzzy"
    if not _complete(message):
        yield "is not translated"
        return
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    allowed = set().union(*map(placeholders, english))
    needed = allowed if len(english) == 1 else set()
    for form in _forms(message):
        if not needed <= placeholders(form) <= allowed:
            yield f"has other placeholders in French: {sorted(placeholders(form))} for {sorted(allowed)}"
        if unbound_punctuation(form):
            yield f"needs a narrow no-break space (U+202F) at its punctuation: {form!r}"


def _steady_header(path: Path) -> None:
    """Drops the dates and versions of the header: they would change in every commit."""
    noise = re.compile(
        rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid-Bugs-To|Project-Id-Version|Language-Team):'
    )
    lines = path.read_bytes().splitlines(keepends=True)
    body = [line for line in lines if not noise.match(line)]
    first = next(place for place, line in enumerate(body) if line.startswith((b"msgid", b"#: ")))
    path.write_bytes(b"".join(body[first:]))


def main(arguments: list[str]) -> int:
    """Runs one verb; the status is 1 when `check` found a mistake."""
    match arguments:
        case ["update"]:
            update(SOURCES)
        case ["compile"]:
            compile_all(SOURCES)
        case ["check"]:
            mistakes = check(SOURCES)
            print("\n".join(mistakes) or "All messages are translated.")
            return 1 if mistakes else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
