"""On which line of a TOML text each key stands: the standard library reads the values but forgets the places."""

import re
import tomllib
from bisect import bisect_right
from typing import Final

Path = tuple[str | int, ...]

_KEY: Final = re.compile(r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')""")
_DOTTED: Final = re.compile(rf"{_KEY.pattern}(?:[ \t]*\.[ \t]*{_KEY.pattern})*")
_BETWEEN: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRINGS: Final = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_PLAIN: Final = re.compile(r"[^,\]}#\n]*")


class Positions:
    """The lines of the keys and list entries of a text, which must be valid TOML."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._lists: dict[Path, int] = {}
        self._read()

    def line(self, path: Path) -> int:
        """The line of a key, else of the nearest table around it; 0 for the file as a whole."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def _read(self) -> None:
        table: Path = ()
        self._skip()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> Path:
        """``[a.b]`` or ``[[a.b]]``: the path that the following keys belong to."""
        here = self._at
        double = self._text.startswith("[[", here)
        self._at += 2 if double else 1
        keys = self._dotted()
        self._at = self._text.index("]", self._at) + (2 if double else 1)
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if double and position == len(keys) - 1:
                self._lists[path] = self._lists.get(path, -1) + 1
            self._note(path, here)
            if path in self._lists:
                path = (*path, self._lists[path])
        self._lines[path] = self._line_at(here)
        return path

    def _pair(self, table: Path) -> None:
        here = self._at
        path = table
        for key in self._dotted():
            path = (*path, key)
            self._note(path, here)
        self._at = self._text.index("=", self._at) + 1
        self._skip()
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening == "[":
            self._entries(path, "]")
        elif opening == "{":
            self._entries(path, "}")
        else:
            found = next((m for s in _STRINGS if (m := s.match(self._text, self._at))), None)
            found = found or _PLAIN.match(self._text, self._at)
            self._at = found.end() if found else self._at + 1

    def _entries(self, path: Path, closing: str) -> None:
        self._at += 1
        self._skip()
        index = 0
        while self._text[self._at] != closing:
            if closing == "}":
                self._pair(path)
            else:
                self._note((*path, index), self._at)
                self._value((*path, index))
                index += 1
            self._skip()
            if self._text[self._at] == ",":
                self._at += 1
                self._skip()
        self._at += 1

    def _dotted(self) -> list[str]:
        while self._text[self._at] in " \t":
            self._at += 1
        found = _DOTTED.match(self._text, self._at)
        assert found is not None, "the text is not valid TOML"  # noqa: S101 (the caller has parsed it)
        self._at = found.end()
        keys: list[str] = []
        inner: object = tomllib.loads(f"{found.group()} = 0")
        while isinstance(inner, dict):
            keys.extend(inner)
            inner = inner[keys[-1]]
        return keys

    def _skip(self) -> None:
        found = _BETWEEN.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _note(self, path: Path, offset: int) -> None:
        self._lines.setdefault(path, self._line_at(offset))

    def _line_at(self, offset: int) -> int:
        return bisect_right(self._starts, offset)
