"""A command that must be refused by name, in both languages, and leave every row of the program as it was."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connection

from palier.kit.refusals import Refusal

NEXT_STEP = re.compile(r"[;.\u202f] *\S[^.;]{3,}\.$")
"""After what happened: a sentence, or half of one, about what can be done now."""


@dataclass(frozen=True)
class Bad:
    """A wrong input or a wrong moment, the code that names it, and the command."""

    what: str
    code: str
    command: Callable[[], object]


def assert_all_refused(*bad: Bad) -> None:
    """Each is refused by its code, says what to do next in English and French, and nothing has changed."""
    before = digest()
    for each in bad:
        with pytest.raises(Refusal) as caught:
            each.command()
        assert caught.value.code == each.code, f"{each.what}: {caught.value}"
        english, french = caught.value.text("en"), caught.value.text("fr")
        assert english != french, each.what
        for text in (english, french):
            assert not re.search(r"[{}]", text), f"{each.what} leaves a gap: {text}"
            assert NEXT_STEP.search(text), f"{each.what} tells no next step: {text}"
        assert digest() == before, f"{each.what} was refused and has changed something"


def digest() -> str:
    """One hash over every row of the program's own tables, and over the jobs."""
    tables = sorted(model._meta.db_table for model in apps.get_models() if model.__module__.startswith("palier."))
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in [*tables, "procrastinate_jobs"]:
            cursor.execute(f"SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) FROM {table} row")
            found.update(cursor.fetchone()[0].encode())
    return found.hexdigest()
