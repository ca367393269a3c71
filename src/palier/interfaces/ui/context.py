"""What every page knows: the host product's name, the languages, and who looks at it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from palier.apps.accounts.models import Member, User
from palier.apps.subscriptions.models import Subscription


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
    return Viewer(member, member is not None and not getattr(member, "is_paying", False))


def member_of(request: HttpRequest) -> Member | None:
    """The active member behind the session, with account and user loaded; ``is_paying`` is False on the free plan."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    subscribed = Subscription.objects.filter(account=OuterRef("account"), state="active")
    found = Member.objects.select_related("account", "user").filter(user=user, deactivated_at=None)
    return found.annotate(is_paying=Exists(subscribed)).first()
