"""What every provider of a chat answers, and how a policy grows by what it needs."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from django.utils.csp import CSP

Additions = Mapping[str, tuple[str, ...]]
"""What a policy must let through besides what it lets through already: sources by directive."""

INLINE_STYLES: Final = (str(CSP.UNSAFE_INLINE),)
"""All three put a sheet of their own into the page, without a nonce and with other words in each version."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The member who looks at the page, as far as a provider may know them. ``id`` and ``account_id`` are public ids;
    ``plan`` is the plan's name in the member's language."""

    id: str
    name: str
    email: str
    account_id: str
    account: str
    plan: str


class Provider(Protocol):
    """A chat that somebody else runs."""

    @property
    def kind(self) -> str:
        """The word of ``PALIER_CHAT``, which is also the name of the starter in ``ui/chat_provider.js``."""

    @property
    def name(self) -> str:
        """As its makers write it."""

    @property
    def script(self) -> str:
        """The address of its script."""

    @property
    def additions(self) -> Additions:
        """Exactly what it needs of the policy of a page that shows it."""

    def told(self, reader: Reader | None, *, language: str, now: datetime) -> dict[str, Any]:
        """What its script is told, as JSON: who reads, proved by a signature; nothing of anybody for None.

        The secret is not in it, and nothing from which it could be computed.
        """


def widened(policy: Mapping[str, Sequence[str]], additions: Additions) -> dict[str, list[str]]:
    """A policy that lets the additions through and is otherwise the same. A directive that it lacks is opened for the
    additions alone: ``default-src`` is ``'none'``."""
    grown = {directive: list(sources) for directive, sources in policy.items()}
    for directive, sources in additions.items():
        known = [source for source in grown.get(directive, []) if source != CSP.NONE]
        grown[directive] = known + [source for source in sources if source not in known]
    return grown


def signature(secret: str, message: str) -> str:
    """HMAC-SHA256 (RFC 2104) in hexadecimal."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def token(secret: str, claims: Mapping[str, Any]) -> str:
    """A JSON Web Token signed by HMAC-SHA256 (RFC 7515, "HS256")."""
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    text = ".".join(_base64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{text}.{_base64(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
