"""Where keys stand in a TOML text."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.apps.catalogue.positions import Path, Positions
from tests.catalogue.toml import TEXT, line_of


def every_path(value: object, path: Path = ()) -> list[Path]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += every_path(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += every_path(inner, (*path, index))
    return found


def test_each_key_of_the_catalogue_is_found_on_a_line_that_names_it() -> None:
    positions = Positions(TEXT)
    lines = TEXT.split("\n")
    for path in every_path(tomllib.loads(TEXT)):
        line = lines[positions.line(path) - 1]
        if isinstance(path[-1], str):
            assert path[-1] in line, path
        else:
            assert line.strip(), path


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("# remark\n\n  a.b . c = 1", ("a", "b", "c"), 3),
        ('"a b" = 1\n"c\\"d" = 2', ('c"d',), 2),
        ("[t]\nx = 1\n[t.u]\ny = 1", ("t", "u", "y"), 4),
        ("[[t]]\nx = 1\n[[t]]\nx = 2", ("t", 1, "x"), 4),
        ("[[t]]\nx = 1\n[t.u]\ny = 1\n[[t]]\n[t.u]\ny = 2", ("t", 1, "u", "y"), 7),
        ("a = [\n 1, # one ]\n 2,\n]\nb = 1", ("a", 1), 3),
        ("a = [\n 1, # one ]\n 2,\n]\nb = 1", ("b",), 5),
        ("a = { b = 1, c = { d = 2 } }\ne = 1", ("a", "c", "d"), 1),
        ('a = """\nb = 1\n\\""" x"""\nb = 2', ("b",), 4),
        ("a = '''\nb = 1'''\nb = 2", ("b",), 3),
        ('a = \'x # ] }\'\nb = "x \\" # ]"\nc = 1', ("c",), 3),
        ("a = 2026-11-23T10:00:00Z\nb = -1.5e3\nc = true", ("c",), 3),
        ("a = 1", ("a", "inside", "nothing"), 1),
        ("a = 1", ("unknown",), 0),
    ],
)
def test_every_shape_of_toml_is_followed(text: str, path: Path, line: int) -> None:
    tomllib.loads(text)
    assert Positions(text).line(path) == line


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8), max_size=6, unique=True))
def test_whatever_stands_in_strings_and_keys_does_not_lead_astray(words: list[str]) -> None:
    def quoted(word: str) -> str:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = "\n".join(f"{quoted(word)} = [{quoted(word)}, {quoted(word)}] # {word}" for word in words)
    positions = Positions(text)
    assert [positions.line((word, 1)) for word in tomllib.loads(text)] == list(range(1, len(words) + 1))


def test_the_line_of_a_missing_key_is_that_of_its_table() -> None:
    assert Positions(TEXT).line(("plans", "business", "nothing")) == line_of("[plans.business]")
