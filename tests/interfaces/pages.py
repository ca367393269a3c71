"""A page as its reader meets it: what it says, what stands in its fields, and what is wrong at which field."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final
from xml.etree.ElementTree import Element

import tinyhtml5  # type: ignore[import-untyped]
from tinyhtml5 import inputstream

UNSEEN: Final = frozenset({"script", "style", "template"})
INLINE: Final = frozenset({"a", "b", "bdi", "code", "em", "span", "strong"})
SPACES: Final = re.compile(r"\s+")


class _Until(dict[tuple[frozenset[str], bool], re.Pattern[str]]):
    """The patterns by which the parser reads on: tinyhtml5 2.1 keeps each under a key by which it never finds it."""

    def __missing__(self, key: tuple[frozenset[str], bool]) -> re.Pattern[str]:
        characters, wanted = key
        listed = "".join(f"\\x{ord(character):02x}" for character in characters)
        self[key] = re.compile(f"[{'' if wanted else '^'}{listed}]+")
        return self[key]


inputstream.characters_until_regex = _Until()


def plain(text: str) -> str:
    """One line, with ordinary spaces in the place of the narrow and the no-break ones, and straight apostrophes."""
    return SPACES.sub(" ", text).replace("’", "'").strip()


class Page:
    """An answer that is an HTML page or a fragment of one."""

    def __init__(self, answer: object) -> None:
        self.status: int = answer.status_code  # type: ignore[attr-defined]
        self.headers: dict[str, str] = answer.headers  # type: ignore[attr-defined]
        self.html: str = answer.content.decode()  # type: ignore[attr-defined]
        assert self.headers["Content-Type"] == "text/html; charset=utf-8", self.headers["Content-Type"]

    @cached_property
    def tree(self) -> Element:
        """Read when it is first looked into: a third of what such a test does."""
        found: Element = tinyhtml5.parse(self.html, namespace_html_elements=False)
        return found

    @property
    def text(self) -> str:
        """All that can be read, as plain text."""
        return plain("".join(_words(self.tree)))

    @property
    def heading(self) -> str:
        """The one ``h1``."""
        (heading,) = self.tree.iter("h1")
        return plain("".join(_words(heading)))

    @property
    def title(self) -> str:
        return plain(self.one("title").text or "")

    @property
    def language(self) -> str:
        return self.tree.get("lang", "")

    def says(self, words: str) -> bool:
        """Whether the words can be read on the page, whatever spaces and apostrophes they are set with."""
        return plain(words) in self.text

    def one(self, tag: str, **attributes: str) -> Element:
        """The only element with that tag and those attributes (``class_`` for class, ``data_net`` for data-net)."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element with that tag and those attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.tree.iter(tag)
            if all(element.get(name) == value for name, value in wanted.items())
        ]

    def words_of(self, identity: str) -> str:
        """What the element with that id says, without the way to an article about it."""
        (found,) = [element for element in self.elements if element.get("id") == identity]
        return plain("".join(_words(found, without="why-link")))

    @property
    def codes(self) -> list[str]:
        """The codes of the refusals and declined payments that the page tells."""
        return [element.get("data-code", "") for element in self.elements if element.get("data-code")]

    @property
    def elements(self) -> Iterator[Element]:
        return self.tree.iter()

    @property
    def links(self) -> list[str]:
        """Where the page leads."""
        return [element.get("href", "") for element in self.tree.iter("a")]

    @property
    def buttons(self) -> list[str]:
        """The accessible names of the buttons, and of the links that look like one."""
        named = [*self.tree.iter("button"), *(a for a in self.tree.iter("a") if "button" in a.get("class", "").split())]
        return [plain(button.get("aria-label") or "".join(_words(button))) for button in named]

    def values(self, name: str) -> list[str]:
        """What a browser would send for a field if the form were sent now."""
        return [value for field, value in _sent(self.tree) if field == name]

    def form(self, identity: str) -> dict[str, str]:
        """All that the form with that id would send."""
        return dict(_sent(self.one("form", id=identity)))

    def value(self, name: str) -> str:
        """The one value of a field."""
        (value,) = self.values(name)
        return value

    def error_at(self, name: str) -> str:
        """What is said to be wrong at a field, read as a screen reader does: by what describes the invalid control."""
        described = {
            identity
            for control in self.elements
            if control.get("name") == name and control.get("aria-invalid") == "true"
            for identity in control.get("aria-describedby", "").split()
        }
        errors = [e for e in self.elements if e.get("id") in described and "error" in e.get("class", "").split()]
        return plain(" ".join("".join(_words(error, without="why-link")) for error in errors))


def _words(element: Element, without: str = "") -> Iterator[str]:
    if element.tag in UNSEEN or element.get("hidden") is not None or (without and without == element.get("class")):
        return
    # Sums stay whole, though their cents are set smaller; blocks stand apart.
    between = "" if element.tag in INLINE else " "
    yield between
    if element.text and isinstance(element.tag, str):
        yield element.text
    for child in element:
        yield from _words(child, without)
        if child.tail:
            yield child.tail
    yield between


def _sent(root: Element) -> Iterator[tuple[str, str]]:
    for control in root.iter():
        name = control.get("name", "")
        if not name:
            continue
        match control.tag:
            case "input" if control.get("type") in {"radio", "checkbox"}:
                if control.get("checked") is not None:
                    yield name, control.get("value", "on")
            case "input":
                yield name, control.get("value", "")
            case "textarea":
                # The parser already drops the line break that HTML ignores after the tag.
                yield name, control.text or ""
            case "select":
                options = list(control.iter("option"))
                chosen = [option for option in options if option.get("selected") is not None] or options[:1]
                yield from ((name, option.get("value", option.text or "")) for option in chosen)
