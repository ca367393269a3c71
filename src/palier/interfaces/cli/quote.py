"""`palier quote`: JSON in, JSON out, by the very engine that makes the screens. No database is read.

    palier quote order.json           one object in, one object out
    palier quote --batch orders.jsonl one object a line in, one answer a line out
    palier quote --format             every key of the input, explained

Exit code 0: every object was quoted. 2: at least one was not; its answer is {"error": {code, path, message, remedy}}.
docs/reference/quote.md describes input and output with examples.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import django
from django.utils import translation

from palier.engine import wire
from palier.engine.drafts import Draft
from palier.engine.explain import steps, steps_to_json
from palier.engine.lines import Line
from palier.engine.money import format_amount
from palier.interfaces.cli.quote_catalogue import catalogue_prices
from palier.interfaces.cli.quote_facts import draft_of
from palier.interfaces.cli.quote_prices import LANGUAGES, PriceList, Titles, listed_prices
from palier.interfaces.cli.quote_reading import FORMAT, Mistake, Node
from palier.interfaces.ui import explanations as ui

Explain = Callable[[Line, Draft, Titles], dict[str, list[str]]]


def main(arguments: Sequence[str]) -> int:
    """Run the command with the process's own input and output; returns the exit code."""
    options = add_arguments(argparse.ArgumentParser(prog="palier quote")).parse_args(arguments)
    django.setup()  # for the translations; no database is opened
    return run(options, sys.stdin.buffer, sys.stdout.buffer)


def add_arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The command's arguments, on the parser of `palier quote`."""
    parser.description = "Compute what a purchase or a change costs: JSON in, JSON out, with every step explained."
    parser.add_argument("file", nargs="?", default="-", help="the input; - or nothing: standard input")
    parser.add_argument("--batch", action="store_true", help="JSON Lines: one object a line, one answer a line")
    parser.add_argument("--format", action="store_true", help="explain every key of the input, and stop")
    return parser


def run(options: argparse.Namespace, stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Answer on `stdout`; 0 if everything was quoted, 2 if something was not."""
    if options.format:
        stdout.write("".join(f"{key}\n    {meaning}\n" for key, meaning in FORMAT.items()).encode())
        return 0
    try:
        data = stdin.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as problem:
        stdout.write(_text({"error": _unreadable_file(options.file, problem).to_json()}, indent=2))
        return 2
    folder = Path() if options.file == "-" else Path(options.file).parent
    explain = explanations()
    if not options.batch:
        answer = answer_to(data, folder, explain)
        stdout.write(_text(answer, indent=2))
        return 2 if "error" in answer else 0
    worst = 0
    for answer in (answer_to(line, folder, explain) for line in data.splitlines() if line.strip()):
        stdout.write(_text(answer))
        worst = 2 if "error" in answer else worst
    return worst


def answer_to(data: bytes, folder: Path, explain: Explain) -> dict[str, Any]:
    """The answer to one JSON object, or its mistake; paths of catalogues are relative to `folder`."""
    known: dict[str, Any] = {}
    try:
        root = Node(_parsed(data))
        root.members()
        if "id" in root.value:
            known = {"id": root.value["id"]}
        sold = _sold(root, folder)
        return known | answer_of(draft_of(root, sold), sold.titles, explain)
    except Mistake as mistake:
        return known | {"error": mistake.to_json()}


def answer_of(draft: Draft, titles: Titles, explain: Explain) -> dict[str, Any]:
    """The draft as JSON, its sums also as texts, and on each line why it is so."""
    currency = draft.currency
    answer = wire.draft_to_json(draft)
    for line, said in zip(draft.lines, answer["lines"], strict=True):
        said["amount"] = format_amount(line.amount_minor, currency)
        said["title"] = {language: titles[language].get(line.key, line.key) for language in LANGUAGES}
        said["steps"] = steps_to_json(steps(line, draft))
        said["explanation"] = explain(line, draft, titles)
    for name in ("net", "tax", "total"):
        answer[name] = format_amount(answer[f"{name}_minor"], currency)
        answer["renewal"][name] = format_amount(answer["renewal"][f"{name}_minor"], currency)
    return answer | {"digest": wire.digest(draft)}


def explanations() -> Explain:
    """The sentences of the screens, in every language."""

    def explain(line: Line, draft: Draft, titles: Titles) -> dict[str, list[str]]:
        said = {}
        for language in LANGUAGES:
            with translation.override(language):
                said[language] = ui.sentences(steps(line, draft), titles=titles[language])
        return said

    return explain


def _sold(root: Node, folder: Path) -> PriceList:
    catalogue = root.child("catalogue")
    if catalogue is None:
        return listed_prices(root)
    if root.child("prices") is not None:
        raise root.mistake("said_twice", "both a catalogue and prices are given", "keep one of them")
    return catalogue_prices(catalogue, root.required("currency").currency(), folder)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Mistake("not_utf_8", "$", "the input is not UTF-8", "save it as UTF-8") from None
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise Mistake("malformed_json", "$", f"not JSON: {problem.msg} at {place}", "correct it there") from None
    except (ValueError, RecursionError):
        raise Mistake(
            "malformed_json", "$", "a number or a nesting is too large to be read", "make it smaller"
        ) from None


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Mistake("key_twice", f"$..{key}", f"{key!r} is given twice in one object", "keep one of them")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise Mistake("malformed_json", "$", f"{name} is not a number of JSON", "write a whole number or a text")


def _unreadable_file(name: str, problem: OSError) -> Mistake:
    return Mistake("unreadable_file", "$", f"{name} cannot be read: {problem.strerror}", "check the path")


def _text(answer: dict[str, Any], indent: int | None = None) -> bytes:
    # A lone surrogate that came in with a title goes out as the escape it came as.
    return (json.dumps(answer, ensure_ascii=False, indent=indent) + "\n").encode(errors="backslashreplace")
