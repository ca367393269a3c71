"""Chatwoot, in the cloud or on a server of one's own. Sources: docs/reference/chat-providers.md."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from palier.interfaces.ui.chat.contract import INLINE_STYLES, Additions, Reader, signature


@dataclass(frozen=True, slots=True)
class Chatwoot:
    """``site`` is the website token of the inbox, ``url`` the origin of the installation."""

    site: str
    secret: str = field(repr=False)
    url: str

    kind: ClassVar[str] = "chatwoot"
    name: ClassVar[str] = "Chatwoot"

    @property
    def script(self) -> str:
        return f"{self.url}/packs/js/sdk.js"

    @property
    def additions(self) -> Additions:
        """The conversation is a frame, whose requests are its own affair; the page itself only fetches a sound."""
        here = (self.url,)
        return {"script-src": here, "frame-src": here, "connect-src": here, "style-src": INLINE_STYLES}

    def told(self, reader: Reader | None, *, language: str, now: datetime) -> dict[str, Any]:
        told: dict[str, Any] = {"url": self.url, "site": self.site}
        if reader is not None:
            told["user"] = {
                "identifier_hash": signature(self.secret, reader.id),
                "name": reader.name,
                "email": reader.email,
                "company_name": reader.account,
            }
            told["attributes"] = {"account": reader.account_id, "plan": reader.plan, "language": language}
        return told
