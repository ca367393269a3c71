"""Intercom. Sources: docs/reference/chat-providers.md."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from palier.interfaces.ui.chat.contract import INLINE_STYLES, Additions, Reader, token

TOKEN_LIVES: Final = timedelta(hours=1)
"""Each page brings a new one; the Messenger prolongs what it has already accepted by itself."""

SCRIPTS: Final = "https://js.intercomcdn.com"
EVERYWHERE: Final[Additions] = {
    "script-src": ("https://app.intercom.io", "https://widget.intercom.io", SCRIPTS),
    "style-src": INLINE_STYLES,
    "font-src": (SCRIPTS, "https://fonts.intercomcdn.com"),
    "frame-src": ("https://intercom-sheets.com", "https://www.intercom-reporting.com"),
    "form-action": ("https://intercom.help", "https://api-iam.intercom.io"),
    "media-src": (SCRIPTS, "https://downloads.intercomcdn.com"),
    "img-src": (
        "blob:",
        SCRIPTS,
        "https://static.intercomassets.com",
        "https://downloads.intercomcdn.com",
        "https://uploads.intercomusercontent.com",
        "https://gifs.intercomcdn.com",
        "https://video-messages.intercomcdn.com",
        "https://messenger-apps.intercom.io",
        *(f"https://*.intercom-attachments-{number}.com" for number in range(1, 10)),
    ),
    "connect-src": (
        "https://via.intercom.io",
        "https://api.intercom.io",
        "https://api-iam.intercom.io",
        "https://api-ping.intercom.io",
        "https://*.intercom-messenger.com",
        "wss://*.intercom-messenger.com",
        "https://nexus-websocket-a.intercom.io",
        "wss://nexus-websocket-a.intercom.io",
        "https://nexus-websocket-b.intercom.io",
        "wss://nexus-websocket-b.intercom.io",
        "https://uploads.intercomcdn.com",
        "https://uploads.intercomusercontent.com",
    ),
}
REGIONS: Final[dict[str, Additions]] = {
    "us": {},
    "eu": {
        "form-action": ("https://api-iam.eu.intercom.io",),
        "media-src": ("https://downloads.intercomcdn.eu",),
        "img-src": (
            "https://static.intercomassets.eu",
            "https://downloads.intercomcdn.eu",
            "https://messenger-apps.eu.intercom.io",
            "https://*.intercom-attachments.eu",
        ),
        "connect-src": (
            "https://api.eu.intercom.io",
            "https://api-iam.eu.intercom.io",
            "https://nexus-europe-websocket.intercom.io",
            "wss://nexus-europe-websocket.intercom.io",
            "https://uploads.intercomcdn.eu",
            "https://uploads.eu.intercomcdn.com",
        ),
    },
    "au": {
        "form-action": ("https://api-iam.au.intercom.io",),
        "media-src": ("https://downloads.au.intercomcdn.com",),
        "img-src": (
            "https://static.au.intercomassets.com",
            "https://downloads.au.intercomcdn.com",
            "https://messenger-apps.au.intercom.io",
            "https://*.au.intercom-attachments.com",
        ),
        "connect-src": (
            "https://api.au.intercom.io",
            "https://api-iam.au.intercom.io",
            "https://nexus-australia-websocket.intercom.io",
            "wss://nexus-australia-websocket.intercom.io",
            "https://uploads.au.intercomcdn.com",
        ),
    },
}
"""What only the workspaces of a region need: the hosts that carry its name."""


@dataclass(frozen=True, slots=True)
class Intercom:
    """``site`` is the id of the workspace, ``region`` where it is kept: "us", "eu" or "au"."""

    site: str
    secret: str = field(repr=False)
    region: str = "us"

    kind: ClassVar[str] = "intercom"
    name: ClassVar[str] = "Intercom"

    @property
    def script(self) -> str:
        return f"https://widget.intercom.io/widget/{self.site}"

    @property
    def additions(self) -> Additions:
        """What Intercom lists, of this region, without the players of YouTube, Vimeo and Wistia."""
        region = REGIONS[self.region]
        return {directive: sources + region.get(directive, ()) for directive, sources in EVERYWHERE.items()}

    def told(self, reader: Reader | None, *, language: str, now: datetime) -> dict[str, Any]:
        middle = "" if self.region == "us" else f".{self.region}"
        told: dict[str, Any] = {
            "app_id": self.site,
            "api_base": f"https://api-iam{middle}.intercom.io",
            "language_override": language,
        }
        if reader is not None:
            claims = {
                "user_id": reader.id,
                "email": reader.email,
                "name": reader.name,
                "plan": reader.plan,
                "exp": int((now + TOKEN_LIVES).timestamp()),
            }
            told["intercom_user_jwt"] = token(self.secret, claims)
            told["company"] = {"company_id": reader.account_id, "name": reader.account, "plan": reader.plan}
        return {"boot": told}
