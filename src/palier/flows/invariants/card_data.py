"""Card numbers: in no text of any table, jobs and files of text included. Pictures and PDFs are not read.

What people may have written is read as ``card_numbers`` reads it where it hides them, so that a place which forgot to
ask it is seen. What only the program and payment services write holds digits by chance, and is read strictly.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from django.db import connection
from psycopg import sql

from palier.flows.conversations import attachments
from palier.flows.invariants.rule import Found, Invariant, Look
from palier.kit import card_numbers

_COLUMNS: Final = """
SELECT table_name, column_name, data_type = 'jsonb' FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying', 'jsonb')
ORDER BY table_name, column_name
"""

_OURS: Final = {
    ("account_emailconfirmation", "key"),
    ("chat_message", "key"),
    ("accounts_countedtry", "cache_key"),
    ("accounts_countedtry", "value"),
    ("accounts_user", "password"),
    ("django_session", "session_data"),
    ("django_session", "session_key"),
    ("gateways_gatewayevent", "external_id"),
    ("gateways_gatewayevent", "payload"),
    ("help_opinion", "visitor"),
    ("notices_mail", "key"),
    ("orders_quote", "digest"),
    ("payments_payment", "action_url"),
    ("payments_payment", "gateway_id"),
    ("payments_payment", "quote_digest"),
    ("payments_paymentmethod", "fingerprint"),
    ("payments_paymentmethod", "token"),
    ("procrastinate_jobs", "lock"),
    ("procrastinate_jobs", "queueing_lock"),
}
"""Columns that no person writes: digests, secrets, and the names that payment services give; every ``sha256`` too. A
message's key that looks like a card's number is kept as its digest."""

_LOOKS_LIKE_ONE: Final = r"(^|[^0-9A-Za-z_])[2-6]([ .-]?[0-9]){12,18}($|[^0-9A-Za-z])"

_RUN: Final = re.compile(r"(?<![0-9A-Za-z_])[2-6](?:[ .-]?[0-9]){12,18}(?![0-9A-Za-z])")

LENGTHS: Final = {2: (16,), 3: (14, 15, 16), 4: (13, 16, 19), 5: (16,), 6: (16, 17, 19)}
"""How many digits a card number has, by its first one (ISO/IEC 7812-1 issuer ranges of the great networks). Of 18, as
few of UnionPay have, are our own identities until 2031."""

_TEXTS_WITHIN: Final = """jsonb_path_query_array({column}, 'strict $.** ? (@.type() == "string")')::text"""

_TEXT_OF: Final = {("procrastinate_jobs", "args"): _TEXTS_WITHIN}
"""What of a column is text, where not all is: a job's arguments hold our own integers, of up to 19 digits, as well."""

_FILES: Final = "SELECT ctid::text, content FROM chat_attachment WHERE content_type LIKE 'text/%'"


def _scan(look: Look) -> Iterator[Found]:
    """A place where digits have the length and the beginning of a card's number, and their check digit is right."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column, is_json in cursor.fetchall():
            ours = column.endswith("sha256") or (table, column) in _OURS
            text_of = sql.SQL(_TEXT_OF.get((table, column), "{column}::text")).format(column=sql.Identifier(column))
            cursor.execute(
                sql.SQL("SELECT ctid::text, {text} FROM {table} WHERE {text} ~ %s").format(
                    text=text_of, table=sql.Identifier(table)
                ),
                [_LOOKS_LIKE_ONE if ours else card_numbers.in_sql()],
            )
            found = (place for place, text in cursor.fetchall() if _holds_one(text, is_json=is_json, ours=ours))
            yield from _named(f"{table}.{column}", found)
        cursor.execute(_FILES)
        files = ((place, bytes(content).decode("utf-8-sig", "replace")) for place, content in cursor.fetchall())
        yield from _named("chat_attachment.content", (place for place, text in files if attachments.names_a_card(text)))


def _named(column: str, places: Iterable[str]) -> Iterator[Found]:
    for place in places:
        yield None, column, f"holds a card number at {place}"


def _holds_one(text: str, *, is_json: bool, ours: bool) -> bool:
    if ours:
        return _is_one_by_itself(text)
    return any(
        card_numbers.mask(said)[1] if isinstance(said, str) else _is_one_by_itself(str(said))
        for said in (_said(json.loads(text)) if is_json else (text,))
    )


def _said(value: object) -> Iterator[object]:
    """Every text and number in a JSON value, names of its parts included."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _said(part)
    elif isinstance(value, list):
        for part in value:
            yield from _said(part)
    else:
        yield value


def _is_one_by_itself(text: str) -> bool:
    """Whether a run of digits, no letter beside it, has the length of its network and the right check digit."""
    for run in _RUN.finditer(text):
        digits = [int(letter) for letter in run.group() if letter.isdigit()]
        if len(digits) in LENGTHS.get(digits[0], ()) and _checks(digits):
            return True
    return False


def _checks(digits: list[int]) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


INVARIANTS = (Invariant("I27", "No text holds a card number", _scan),)
