"""What nobody types by mistake, and some type on purpose."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import transaction
from django.test import Client

FORM: Final = "application/x-www-form-urlencoded"

VALUES: Final = (
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "1e9",
    "1000000000",
    "9" * 400,
    "-9223372036854775809",
    "NaN",
    "٣",
    "½",
    "null",
    "[]",
    "{}",
    "true",
    "\0",
    "a\0b",
    "\x01\x1b[31m",
    "line\r\nSet-Cookie: a=b",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "%s%n%(name)s {0} {label_en}",
    "'; DROP TABLE orders_order; --",
    "\u202egnirts desrever",
    "\u2066isolated\u2069\u200b\ufeff",
    "ﷺ" * 100,
    "🧾" * 60,
    "e\u0301" * 200,
    "\ud800",  # half of a pair: not a character
    "x" * 10_000,
    "../../etc/passwd",
    "//evil.example/",
    "javascript:alert(1)",
    "a@b\nBcc: everybody@example.org",
    "quo_0000000000000",
)
"""Each goes into every field that an address knows, together with others."""

WORST: Final = ("a\0b", "\ud800", "x" * 10_000)
"""These go also alone into each field of a form that is right otherwise."""


def encoded(sent: Mapping[str, str]) -> str:
    """As a form sends it; half of a character too."""
    return urlencode({name: value.encode(errors="surrogatepass") for name, value in sent.items()})


def answered(client: Client, method: str, path: str, body: bytes | str = b"", kind: str = FORM, **more: Any) -> int:
    """The status, which is none of an error of ours; what was sent changes nothing for the next one."""
    client.raise_request_exception = False
    cache.clear()
    with transaction.atomic():
        answer = client.generic(method, path, body, kind, **more)
        answer.getvalue()  # read to its end, a file is closed
        transaction.set_rollback(True)
    assert answer.status_code < 500, f"{method} {path[:300]} {str(body)[:1500]} {more} -> {answer.status_code}"
    return answer.status_code
