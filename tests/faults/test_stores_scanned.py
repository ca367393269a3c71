"""After customers have paid on the whole program: their cards and our secrets are in no table, no log and no letter."""

import re
from collections.abc import Iterator
from typing import Final

import psycopg
from psycopg import sql

from tests.browser.registrar import PASSWORD
from tests.faults.stand import Stand
from tests.faults.witness_clients import DECLINED, GOOD
from tests.faults.witness_load import load
from tests.report.happened import happened

SECRETS: Final = ("PALIER_SECRET_KEY", "PALIER_SANDBOX_SECRET_KEY", "PALIER_SANDBOX_WEBHOOK_SECRET")
TABLES: Final = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type <> 'VIEW'"
)


def dump(url: str) -> str:
    """Every row of every table, as PostgreSQL writes them out for a backup."""
    written: list[bytes] = []
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
                written += [bytes(row) for row in rows]
    return b"".join(written).decode()


def stores(stand: Stand) -> Iterator[tuple[str, str]]:
    """What remains of an evening, by its name: whoever steals one of them must find no card and no key."""
    yield "tables", dump(stand.server.url())
    yield "letters", "".join(path.read_text(errors="replace") for path in (stand.stack.folder / "mails").glob("*.eml"))
    yield "log of PostgreSQL", stand.server.log.read_text(errors="replace")
    for name, program in stand.stack.programs.items():
        yield f"log of {name}", program.log.read_text(errors="replace") if program.log.exists() else ""


def digits_of(number: str) -> re.Pattern[str]:
    """A card's number with whatever stands between its digits in a log or a form."""
    return re.compile(r"(?<!\d)" + r"[\s.\-+%/_]{0,3}".join(re.sub(r"\D", "", number)) + r"(?!\d)")


def found_in(text: str, secrets: list[str]) -> list[str]:
    """The cards and secrets that a text gives away."""
    cards = [number for number in (GOOD, DECLINED) if digits_of(number).search(text)]
    return cards + [secret for secret in secrets if secret in text]


def test_no_card_and_no_secret_is_kept_anywhere(stand: Stand) -> None:
    with load(stand, 2) as customers:
        customers.ask(40)
    stand.quiet()
    secrets = [stand.stack.settings[name] for name in SECRETS] + [PASSWORD]
    scanned = 0
    for name, text in stores(stand):
        assert found_in(text, secrets) == [], f"the {name} give something away"
        for canary in (GOOD, GOOD.replace(" ", "-"), DECLINED, *secrets):
            assert found_in(f"{text}\n{canary}\n", secrets), f"the scanner is blind for {canary} in the {name}"
        scanned += 1
    happened("card_scans", scanned)


def test_the_tables_hold_what_was_done(stand: Stand) -> None:
    """The dump is no empty page."""
    stand.reserve(1)
    assert all(email in dump(stand.server.url()) for email in stand.known)
