"""What every page knows: the host product's name, the languages, and who looks at it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from palier.apps.accounts.models import Member, User


@dataclass(frozen=True, slots=True)
class Viewer:
    """The member who looks at the page; ``on_free_plan`` decides about the upgrade button."""

    member: Member | None
    on_free_plan: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of the frame. The database is asked only by pages that show the member's frame."""
    return {
        "host_name": settings.HOST_NAME,
        "languages": settings.LANGUAGES,
        "viewer": SimpleLazyObject(lambda: viewer_of(request)),
    }


def viewer_of(request: HttpRequest) -> Viewer:
    """Who looks: a member of an account, or nobody yet."""
    member = getattr(request, "member", None) or member_of(request)
    return Viewer(member, member is not None and not getattr(member.user, "is_paying", False))


def member_of(request: HttpRequest) -> Member | None:
    """The active member behind the session: their account came with the person."""
    user = getattr(request, "user", None)
    member: Member | None = getattr(user, "member", None) if isinstance(user, User) else None
    return member if member is not None and member.deactivated_at is None else None
