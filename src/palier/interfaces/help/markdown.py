"""Markdown with marks in it (``reading``) as HTML: no raw HTML, tables that scroll, headings that can be linked to.

A block with the mark of what the catalogue lacks is left out: the list item, the row or else the paragraph it stands
in; under a heading with that mark, everything up to the next heading of its level. A list, a table or a heading that
is then left with nothing goes too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from palier.interfaces.help.reading import CLOSE, LACK, OPEN

Pieces = Sequence[tuple[SafeString, bool]]

_MARK: Final = re.compile(f"{OPEN}(\\d+){CLOSE}")
_ALONE: Final = re.compile(f"{OPEN}(\\d+){CLOSE}")
_TOGETHER: Final = ("list_item_open", "tr_open")  # they are left out as a whole
_EMPTIED: Final = ("bullet_list_open", "ordered_list_open", "tbody_open", "table_open", "blockquote_open")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of an article: ``id`` is its anchor, ``level`` 2 or 3."""

    level: int
    id: str
    text: str


def html_of(text: str, pieces: Pieces) -> tuple[SafeString, tuple[Heading, ...]]:
    """The article's HTML, and its headings in order."""
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = _without_lacking(md.parse(text))
    headings = tuple(_anchored(tokens, pieces))
    html = md.renderer.render(_with_blocks(tokens, pieces), md.options, {})
    filled = _MARK.sub(lambda mark: pieces[int(mark[1])][0], html)
    return mark_safe(filled), headings  # noqa: S308 (Markdown without raw HTML, and pieces that were escaped when kept)


def _without_lacking(tokens: list[Token]) -> list[Token]:
    """The tokens without the blocks that name what the catalogue lacks."""
    closing = _closing(tokens)
    gone: set[int] = set()
    for start, end in _lacking(tokens, closing):
        gone |= set(range(start, end + 1))
    if not gone:
        return tokens
    for start in sorted(closing, reverse=True):  # inner ones first
        if tokens[start].type in _EMPTIED and gone.issuperset(range(start + 1, closing[start])):
            gone |= {start, closing[start]}
        if tokens[start].type == "table_open" and _has_no_rows(tokens[start : closing[start]], gone, start):
            gone |= set(range(start, closing[start] + 1))
    for start in sorted(closing, reverse=True):
        if tokens[start].type == "heading_open" and gone.issuperset(_below(tokens, start, closing)):
            gone |= set(range(start, closing[start] + 1))
    return [token for index, token in enumerate(tokens) if index not in gone]


def _closing(tokens: list[Token]) -> dict[int, int]:
    """Where each block that opens is closed."""
    found, open_ones = {}, []
    for index, token in enumerate(tokens):
        if token.nesting == 1:
            open_ones.append(index)
        elif token.nesting == -1:
            found[open_ones.pop()] = index
    return found


def _lacking(tokens: list[Token], closing: dict[int, int]) -> Iterator[tuple[int, int]]:
    """What is left out, as first and last token."""
    open_ones: list[int] = []
    for index, token in enumerate(tokens):
        if token.nesting == 1:
            open_ones.append(index)
        elif token.nesting == -1:
            open_ones.pop()
        elif LACK in token.content:
            together = [at for at in open_ones if tokens[at].type in _TOGETHER]
            start = together[-1] if together else open_ones[-1] if open_ones else index
            if tokens[start].type == "tr_open" and tokens[start - 1].type == "thead_open":
                start = next(at for at in reversed(open_ones) if tokens[at].type == "table_open")
            yield start, closing.get(start, start)
            if tokens[start].type == "heading_open":
                below = _below(tokens, start, closing)
                yield below.start, below.stop - 1


def _below(tokens: list[Token], start: int, closing: dict[int, int]) -> range:
    """What stands under a heading: up to the next one of its level or above."""
    first = closing[start] + 1
    ends = (
        index
        for index in range(first, len(tokens))
        if tokens[index].type == "heading_open" and tokens[index].tag <= tokens[start].tag
    )
    return range(first, next(ends, len(tokens)))


def _has_no_rows(table: list[Token], gone: set[int], offset: int) -> bool:
    rows = [offset + index for index, token in enumerate(table) if token.type == "tr_open"]
    return all(row in gone for row in rows[1:])


def _anchored(tokens: list[Token], pieces: Pieces) -> Iterator[Heading]:
    """Gives every heading its anchor: its own words, and a number where they come again."""
    taken: set[str] = set()
    for index, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        text = _words(tokens[index + 1], pieces)
        wanted = name = slugify(text) or "part"
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name)
        token.attrSet("id", name)
        yield Heading(int(token.tag[1]), name, text)


def _words(inline: Token, pieces: Pieces) -> str:
    """What a heading says, without marks."""
    said = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
    return unescape(_MARK.sub(lambda mark: strip_tags(pieces[int(mark[1])][0]), said))


def _with_blocks(tokens: list[Token], pieces: Pieces) -> list[Token]:
    """A block stands for the paragraph that holds nothing but its mark; tables get a frame in which they scroll, and
    figures in a column aligned to the right are set by a class, since the policy of our pages forbids styles."""
    made: list[Token] = []
    for token in tokens:
        alone = _ALONE.fullmatch(token.content) if token.type == "inline" else None
        if token.type in ("th_open", "td_open") and "right" in str(token.attrs.pop("style", "")):
            token.attrSet("class", "num")
        if token.type == "table_open":
            token.attrSet("class", "table")
            made += [_raw('<div class="table-wrap" tabindex="0">'), token]
        elif token.type == "table_close":
            made += [token, _raw("</div>\n")]
        elif alone is not None and pieces[int(alone[1])][1] and made[-1].type == "paragraph_open":
            made[-1] = _raw(f"{token.content}\n")
        elif token.type == "paragraph_close" and made[-1].type == "html_block" and _MARK.match(made[-1].content):
            continue
        else:
            made.append(token)
    return made


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html)
