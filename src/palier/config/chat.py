"""Which chat the environment asks for. What cannot work is refused at the start, with a sentence."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from palier.interfaces.ui.chat.chatwoot import Chatwoot
from palier.interfaces.ui.chat.contract import Provider
from palier.interfaces.ui.chat.crisp import Crisp
from palier.interfaces.ui.chat.intercom import REGIONS, Intercom

SITES: Final = {
    "chatwoot": ("the website token of the inbox", r"[A-Za-z0-9]{8,64}"),
    "crisp": ("the website id, a UUID", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "intercom": ("the workspace id", r"[a-z0-9]{4,32}"),
}
"""What a provider calls the place where the conversations go, and how it is written."""

CHATWOOT_CLOUD: Final = "https://app.chatwoot.com"
WITHOUT_PROVIDER: Final = ("builtin", "none")


def provider_of(kind: str, environment: Mapping[str, str], *, https: bool) -> Provider | None:
    """The provider that takes the place of the built-in chat; None for ``builtin`` and ``none``.

    :param https: whether Palier is served so; then browsers refuse a provider that is not.
    :raises ImproperlyConfigured: for an unknown word, and for what a provider cannot do without.
    """
    if kind in WITHOUT_PROVIDER:
        return None
    if kind not in SITES:
        raise ImproperlyConfigured(f"PALIER_CHAT is builtin, chatwoot, crisp, intercom or none, not {kind!r}.")
    site, secret = environment.get("PALIER_CHAT_SITE", ""), environment.get("PALIER_CHAT_SECRET", "")
    what, written = SITES[kind]
    if not re.fullmatch(written, site):
        raise ImproperlyConfigured(f"PALIER_CHAT={kind} needs PALIER_CHAT_SITE: {what}.")
    if not secret:
        raise ImproperlyConfigured(
            f"PALIER_CHAT={kind} needs PALIER_CHAT_SECRET: without it anybody could speak in a member's name."
        )
    if kind == "crisp":
        return Crisp(site, secret)
    if kind == "intercom":
        region = environment.get("PALIER_CHAT_REGION") or "us"
        if region not in REGIONS:
            raise ImproperlyConfigured(f"PALIER_CHAT_REGION is us, eu or au, not {region!r}.")
        return Intercom(site, secret, region)
    return Chatwoot(site, secret, _origin(environment.get("PALIER_CHAT_URL") or CHATWOOT_CLOUD, https=https))


def _origin(url: str, *, https: bool) -> str:
    """The origin, for it goes into the policy of pages: no path, no blank, no second policy behind a semicolon."""
    parts = urlsplit(url.rstrip("/"))
    origin = f"{parts.scheme}://{parts.netloc}"
    secure = parts.scheme == "https" or (parts.scheme == "http" and not https)
    if origin != url.rstrip("/") or not secure or not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc):
        raise ImproperlyConfigured(
            f"PALIER_CHAT_URL is the origin of your Chatwoot, such as https://chat.example.com, not {url!r}."
        )
    return origin
