"""What becomes of a member's request for a seat; the one who asked is told in their language."""

from datetime import datetime

from django.conf import settings

from palier.apps.accounts.models import Member
from palier.apps.events.actions import record
from palier.apps.events.authors import Author
from palier.apps.notices import letters_people
from palier.apps.notices.actions import post
from palier.apps.notices.letters import Letter
from palier.apps.orders.models import SeatRequest


def approve(asked: SeatRequest, by: Member, *, author: Author, now: datetime) -> bool:
    """There is a seat, given or bought by a member; ``author``: who says so now. False when the request no longer
    waits."""
    if not _answer(asked, by, "approved", "", author=author, now=now):
        return False
    letter = letters_people.seat_approved(
        asked.member.user.language,
        buyer=by.user.name,
        company=by.account.name,
        wished=asked.wished,
        url=f"{settings.BASE_URL}/settings/members/",
    )
    _tell(asked, letter, now=now)
    return True


def decline(asked: SeatRequest, by: Member, word: str, *, now: datetime) -> bool:
    """There is none. False when the request no longer waits."""
    if not _answer(asked, by, "declined", word, author=by.author, now=now):
        return False
    letter = letters_people.seat_declined(
        asked.member.user.language,
        buyer=by.user.name,
        company=by.account.name,
        note=word,
        url=f"{settings.BASE_URL}/settings/members/",
    )
    _tell(asked, letter, now=now)
    return True


def _answer(asked: SeatRequest, by: Member, state: str, word: str, *, author: Author, now: datetime) -> bool:
    waiting = SeatRequest.objects.filter(pk=asked.pk, state="waiting")
    if not waiting.update(state=state, answer=word, answered_by=by, answered_at=now):
        return False
    record(asked.account_id, f"seat.{state}", by=author, now=now, request=asked.public_id)
    return True


def _tell(asked: SeatRequest, letter: Letter, *, now: datetime) -> None:
    """Whoever has left meanwhile hears nothing."""
    if asked.member.deactivated_at is None:
        post(asked.account_id, letter, to=asked.member.user.email, key=f"{letter.kind}:{asked.public_id}", now=now)
