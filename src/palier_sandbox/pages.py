"""Pages: HTML templates beside this file, filled with escaped values, under a strict content security policy."""

import html
from functools import cache
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit

from palier_sandbox.web import Response

FOLDER: Final = Path(__file__).parent
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
THREE_DECIMALS: Final = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
NO_DECIMALS: Final = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)


class Html(str):
    """Text that is HTML already; everything else is escaped when a template takes it in."""

    __slots__ = ()


def fill(name: str, /, **values: object) -> Html:
    """The template ``pages/<name>.html`` with these values."""
    escaped = {key: value if isinstance(value, Html) else html.escape(str(value)) for key, value in values.items()}
    return Html(_template(name).substitute(escaped))


def joined(parts: list[Html], between: str = "") -> Html:
    """Several pieces as one."""
    return Html(between.join(parts))


def page(name: str, /, *, status: int = 200, frame: str = "'none'", form: str = "'self'", **values: object) -> Response:
    """A whole page. ``frame`` is who may embed it, ``form`` where its forms may lead, as policy sources."""
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"base-uri 'none'; form-action {form}; frame-ancestors {frame}"
    )
    headers = {"Content-Security-Policy": policy}
    if frame == "'none'":
        headers["X-Frame-Options"] = "DENY"
    return Response(status, fill(name, **values).encode(), "text/html; charset=utf-8", headers)


def see_other(address: str) -> Response:
    """Go there with GET."""
    return Response(303, headers={"Location": address})


def static(name: str) -> Response | None:
    """A style sheet or script of ours, by its exact name."""
    files = {file.name: file for file in (FOLDER / "static").iterdir()}
    if name not in files:
        return None
    return Response(
        200, files[name].read_bytes(), CONTENT_TYPES[files[name].suffix], {"Cache-Control": "public, max-age=300"}
    )


def origin_of(url: str) -> str | None:
    """``https://host:port`` of an http address, or None when it is not a plain one."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not parts.hostname.isascii():
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if not all(letter.isalnum() or letter in ".-:[]" for letter in host):
        return None
    return f"{parts.scheme}://{host}{port}"


def money(amount_minor: int, currency: str, language: str) -> str:
    """An amount as the language writes it: 1,234.00 EUR or 1 234,00 EUR, with the digits of its currency."""
    digits = 3 if currency in THREE_DECIMALS else 0 if currency in NO_DECIMALS else 2
    whole, rest = divmod(abs(amount_minor), 10**digits)
    grouped = f"{whole:,}"
    point = "."
    if language == "fr":
        grouped, point = grouped.replace(",", "\u202f"), ","
    cents = f"{point}{rest:0{digits}d}" if digits else ""
    return f"{'-' if amount_minor < 0 else ''}{grouped}{cents}\u00a0{currency}"


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / "pages" / f"{name}.html").read_text(encoding="utf-8"))
