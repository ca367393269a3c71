"""Which chat a page shows."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from palier.apps.accounts.models import Member
from palier.apps.entitlements import standing
from palier.interfaces.ui.chat.contract import Provider, Reader
from palier.interfaces.ui.context import member_of
from palier.kit import clock

register = template.Library()


@dataclass(frozen=True, slots=True)
class Place:
    """What is at the bottom right: our own chat, a link to the page that holds a provider's (``apart``), or the
    provider's itself with what its script is told. Nothing at all where there is no chat."""

    builtin: bool = False
    apart: bool = False
    provider: Provider | None = None
    told: dict[str, Any] | None = None


@register.simple_tag(takes_context=True)
def chat_here(context: template.Context, *, apart: bool = False) -> Place:
    """The chat of this page. ``apart`` is said by pages that no script of somebody else may ever see."""
    provider: Provider | None = settings.CHAT_PROVIDER
    if provider is None:
        return Place(builtin=settings.PALIER_CHAT == "builtin")
    request: HttpRequest | None = context.get("request")
    if apart or request is None:
        return Place(apart=True)
    request.chat_shown = provider  # type: ignore[attr-defined]  # for the policy: ui.chat.middleware
    language = get_language() or "en"
    member = getattr(request, "member", None) or member_of(request)
    reader = _reader(member, language) if member is not None else None
    found = request.resolver_match
    told = {
        "kind": provider.kind,
        "script": provider.script,
        "language": language,
        "reader": reader.id if reader is not None else "",
        "open": found is not None and found.url_name == "chat",
        "told": provider.told(reader, language=language, now=clock.now()),
    }
    return Place(provider=provider, told=told)


def _reader(member: Member, language: str) -> Reader:
    account = member.account
    stands = standing.of_account(account, now=clock.now() + account.clock_ahead)
    return Reader(
        id=member.public_id,
        name=member.user.name,
        email=member.user.email,
        account_id=account.public_id,
        account=account.name,
        plan=stands.plan.name(language),
    )
