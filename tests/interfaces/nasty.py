"""What nobody types by mistake, and some type on purpose."""

from typing import Final

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
