"""Public ids in statements: made and read there as they are here."""

from contextlib import suppress
from typing import Final

import pytest
from django.db import connection

from palier.kit import ids

IDENTITIES: Final = (0, 1, 31, 32, ids.new_id(), 2**62, 2**63 - 1)
TEXTS: Final = (
    *(ids.public_id("mem", identity) for identity in IDENTITIES),
    "",
    "clock",
    "operator:somebody",
    "mem_",
    "mem_000000000000",
    "mem_00000000000000",
    "acc_0000000000001",
    "xmem_0000000000001",
    "mem_000000000000l",
    "mem_000000000000A",
    "mem_8000000000000",
    "mem_zzzzzzzzzzzzz",
    "mem_0000000000001\n",
)


def parsed(text: str) -> int | None:
    with suppress(ids.UnknownId):
        return ids.parse("mem", text)
    return None


@pytest.mark.django_db
def test_a_public_id_is_read_in_sql_as_it_is_here() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ids.parsed_in_sql('mem', 'said')} FROM unnest(%s::text[]) said", [list(TEXTS)])
        read = [row[0] for row in cursor.fetchall()]
    assert read == [parsed(text) for text in TEXTS]
    assert read[: len(IDENTITIES)] == list(IDENTITIES)


@pytest.mark.django_db
def test_a_public_id_is_made_in_sql_as_it_is_here() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ids.in_sql('mem', 'id')} FROM unnest(%s) id", [list(IDENTITIES)])
        assert [row[0] for row in cursor.fetchall()] == [ids.public_id("mem", identity) for identity in IDENTITIES]
