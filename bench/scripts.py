"""A recorded confirm as a script for pgbench: the same statements, each time for another buyer."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from palier.kit import ids

LITERAL = re.compile(r"(?P<escaped>E?)'(?P<text>(?:[^']|'')*)'")
NUMBER = re.compile(r"(?<![\w:.])\d+(?!\w)")
PUBLIC_ID = re.compile(rf"(?<![a-zA-Z0-9])([a-z]{{2,3}})_([{ids.ALPHABET}]{{{ids.DIGITS}}})\b")
"""One may stand within a gateway's own id: ``ch_pay_…``."""

SERIES = "invoices_numberseries"
SMALLEST_IDENTITY = 2**40
PUBLIC = "public"
APART = 64
"""Between the identities that two runs make: more than one run makes in a millisecond."""


@dataclass(frozen=True, slots=True)
class Model:
    """The recorded run: the place of its buyer among the seeded ones, whose identities count up with the place."""

    texts: Sequence[str]
    place: int
    seeded: Collection[int]  # the identities of its buyer; all others were made in the run
    last_number: int  # of the invoice series, unlike any other figure of the run


def script(model: Model) -> str:
    """What pgbench runs. Each client takes ``share`` buyers from ``first`` on, one a turn."""
    identities = sorted({number for text in model.texts for number in _identities(text)})
    variables = {identity: f"id{place}" for place, identity in enumerate(identities)}
    lines = [r"\set turn :turn + 1", r"\set buyer :first + :client_id * :share + :turn - 1"]
    for identity, name in variables.items():
        apart = 1 if identity in model.seeded else APART
        lines.append(rf"\set {name} {identity} + (:buyer - {model.place}) * {apart}")
    lines.append(rf"\set {PUBLIC} {10 ** (ids.DIGITS - 1)} + :buyer")
    body = [_statement(text, variables, model.last_number) for text in model.texts]
    return "\n".join([*lines, *body]) + "\n"


def _identities(text: str) -> Iterator[int]:
    """Long identities, bare or inside of literals; a public id is another writing of one."""
    yield from (int(found) for found in re.findall(r"\d{13,19}", text) if int(found) >= SMALLEST_IDENTITY)


def _statement(text: str, variables: Mapping[int, str], last_number: int) -> str:
    """One statement on one line; where the product reads the number of the invoice, so does pgbench."""
    parts, position = [], 0
    for literal in LITERAL.finditer(text):
        parts += [
            _code(text[position : literal.start()], variables, last_number),
            _literal(literal, variables, last_number),
        ]
        position = literal.end()
    parts.append(_code(text[position:], variables, last_number))
    line = " ".join("".join(parts).split())
    reads_number = SERIES in text and ("SELECT" in text or "RETURNING" in text)
    return line.rstrip("; ") + (r" \gset" if reads_number else ";")


def _code(text: str, variables: Mapping[int, str], last_number: int) -> str:
    def exchange(found: re.Match[str]) -> str:
        number = int(found[0])
        if number == last_number:
            return ":last_number"
        return f":{variables[number]}" if number in variables else found[0]

    return NUMBER.sub(exchange, text)


def _literal(literal: re.Match[str], variables: Mapping[int, str], last_number: int) -> str:
    """A text without a colon that pgbench would read, cut where a value of the buyer stands."""
    cuts = rf"{PUBLIC_ID.pattern}|(?P<number>{last_number})|(?P<identity>\d{{13,19}})"
    pieces, position = [], 0
    text = literal["text"] if literal["escaped"] else literal["text"].replace("\\", "\\\\")
    for found in re.finditer(cuts, text):
        if found["number"]:
            before, value = "", ":last_number"
        elif found["identity"]:
            if int(found["identity"]) not in variables:
                continue
            before, value = "", f":{variables[int(found['identity'])]}"
        else:
            before, value = f"{found[1]}_", f":{PUBLIC}"
        pieces += [_quoted(text[position : found.start()] + before), value]
        position = found.end()
    pieces.append(_quoted(text[position:]))
    return pieces[0] if len(pieces) == 1 else f"({' || '.join(pieces)})"


def _quoted(text: str) -> str:
    hidden = text.replace(":", r"\x3A").replace("\n", r"\n")
    return f"E'{hidden}'" if "\\" in hidden else f"'{hidden}'"
