"""What every page knows: the host product's name, the languages, and who looks at it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from palier.apps.accounts.models import Member, Operator, User
from palier.apps.subscriptions.access import Access, access
from palier.kit import clock


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the page: a member, with the instant of their account and what it may do now, or one of the
    operator's people."""

    member: Member | None
    access: Access | None
    trial_ends_at: datetime | None = None
    now: datetime | None = None
    had_before: bool = False
    operator: Operator | None = None

    @property
    def trial_is_over(self) -> bool:
        """Whether what has ended was a trial and nothing was ever bought."""
        return self.access is Access.LAPSED and not self.had_before

    @property
    def trial_days_left(self) -> int:
        """Days of the trial still to come, the last one counted whole."""
        if self.trial_ends_at is None or self.now is None:
            return 0
        return max(0, -((self.now - self.trial_ends_at) // timedelta(days=1)))

    @property
    def on_free_plan(self) -> bool:
        """Whether the upgrade button is shown: there is no paid plan."""
        return self.access in (Access.FREE, Access.TRIAL, Access.LAPSED)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of the frame. The database is asked only by pages that show the member's frame."""
    return {
        "host_name": settings.HOST_NAME,
        "languages": settings.LANGUAGES,
        "chat_kind": settings.PALIER_CHAT,
        "chat_provider": settings.CHAT_PROVIDER,
        "viewer": SimpleLazyObject(lambda: viewer_of(request)),
    }


def viewer_of(request: HttpRequest) -> Viewer:
    """Who looks: a member of an account, one of the operator's people, or nobody yet."""
    member = getattr(request, "member", None) or member_of(request)
    if member is None:
        return Viewer(None, None, operator=operator_of(request))
    found, account = member.user, member.account
    trial_ends_at = getattr(found, "trial_ends_at", None)
    now = clock.now() + account.clock_ahead
    return Viewer(
        member,
        access(
            live_states=getattr(found, "live_states", None) or (),
            had_before=getattr(found, "had_before", False),
            trial_ends_at=trial_ends_at,
            closed_at=account.closed_at,
            now=now,
        ),
        trial_ends_at,
        now,
        had_before=getattr(found, "had_before", False),
    )


def member_of(request: HttpRequest) -> Member | None:
    """The active member behind the session: their account came with the person."""
    user = getattr(request, "user", None)
    member: Member | None = getattr(user, "member", None) if isinstance(user, User) else None
    return member if member is not None and member.deactivated_at is None else None


def operator_of(request: HttpRequest) -> Operator | None:
    """The one of the operator's people who is behind the session: they came with the person."""
    user = getattr(request, "user", None)
    operator: Operator | None = getattr(user, "operator", None) if isinstance(user, User) else None
    return operator if operator is not None and operator.ended_at is None else None
