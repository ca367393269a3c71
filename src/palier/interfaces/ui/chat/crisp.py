"""Crisp. Sources: docs/reference/chat-providers.md."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from palier.interfaces.ui.chat.contract import INLINE_STYLES, Additions, Reader, signature

CLIENT: Final = "https://client.crisp.chat"
FILES: Final = "https://storage.crisp.chat"


@dataclass(frozen=True, slots=True)
class Crisp:
    """``site`` is the website id."""

    site: str
    secret: str = field(repr=False)

    kind: ClassVar[str] = "crisp"
    name: ClassVar[str] = "Crisp"
    script: ClassVar[str] = f"{CLIENT}/l.js"

    @property
    def additions(self) -> Additions:
        """What Crisp calls required, and the relay that takes over when the first one is down. Not the game, calls and
        co-browsing, which it calls optional."""
        return {
            "script-src": (CLIENT,),
            "style-src": (*INLINE_STYLES, CLIENT),
            "font-src": (CLIENT,),
            "img-src": (CLIENT, "https://image.crisp.chat", FILES),
            "media-src": (CLIENT, FILES),
            "worker-src": ("blob:",),
            "connect-src": (
                CLIENT,
                FILES,
                "wss://client.relay.crisp.chat",
                "wss://client.relay.rescue.crisp.chat",
            ),
        }

    def told(self, reader: Reader | None, *, language: str, now: datetime) -> dict[str, Any]:
        """Crisp proves an e-mail address and knows no identifier of ours. Which conversation is the member's is said by
        a token that nobody can guess: their public id, signed."""
        told: dict[str, Any] = {"site": self.site}
        if reader is not None:
            told["token"] = signature(self.secret, f"conversation of {reader.id}")
            told["email"] = [reader.email, signature(self.secret, reader.email)]
            told["name"] = reader.name
            told["company"] = reader.account
            told["data"] = [
                ["member", reader.id],
                ["account", reader.account_id],
                ["plan", reader.plan],
                ["language", language],
            ]
        return told
