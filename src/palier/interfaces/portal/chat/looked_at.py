"""What a member looked at when they wrote: it comes with the address of the chat, and stays with the message."""

from collections.abc import Mapping
from typing import Final

from django.urls import Resolver404, resolve

from palier.flows.conversations.converse import Context

FIELDS: Final = ("from", "quote", "order", "invoice", "line", "code")
"""How the address and the form call it; ``from`` is the path of a page."""

LONGEST: Final = 200
SECRETS: Final = frozenset({"token", "key", "uidb36"})
"""Parts of an address that open something for whoever knows them: they are not passed on to the team."""


def told(values: Mapping[str, str]) -> dict[str, str]:
    """What the address or the form says of it, as hidden fields carry it on; nothing empty."""
    found = {name: values.get(name, "").replace("\0", "").strip()[:LONGEST] for name in FIELDS}
    found["from"] = _page(found["from"])
    return {name: value for name, value in found.items() if value}


def context_of(values: Mapping[str, str]) -> Context:
    """The same for the message."""
    known = told(values)
    line = known.get("line", "")
    return Context(
        screen=known.get("from", ""),
        quote=known.get("quote", ""),
        order=known.get("order", ""),
        invoice=known.get("invoice", ""),
        line=int(line) if line.isascii() and line.isdecimal() and len(line) <= 4 else None,
        refusal_code=known.get("code", ""),
    )


def _page(path: str) -> str:
    """A page of this program, without what is secret in its address; anything else is none."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return f"/{match.route}" if SECRETS & match.kwargs.keys() else path
