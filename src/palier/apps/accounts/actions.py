import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.db.models import F

from palier.apps.accounts.models import Account, CountedTry, Invitation, Member, Operator, Role, User

SEEN_EVERY: Final = timedelta(seconds=20)


def open_account(
    *, name: str, country: str, language: str, owner: User, sandbox: bool = False, now: datetime
) -> Member:
    """Create an account on the free plan and its owner. ``country`` is an ISO 3166 code."""
    account = Account.objects.create(name=name, country=country, language=language, sandbox=sandbox, created_at=now)
    return join(account, owner, Role.OWNER, now=now)


def person(*, email: str, name: str, language: str, password: str = "", hashed: str = "") -> User:
    """Someone who can log in. The password was validated by the caller, who may have hashed it once for several."""
    user = User(email=email, name=name, language=language, password=hashed)
    if not hashed:
        user.set_password(password)
    user.save()
    return user


def speak(user: User, language: str) -> None:
    """Write to a person in this language from here on."""
    User.objects.filter(pk=user.pk).update(language=language)


def join(account: Account, user: User, role: str, *, now: datetime) -> Member:
    """Give a person a place in the account."""
    return Member.objects.create(account=account, user=user, role=role, joined_at=now)


def join_team(user: User, *, now: datetime) -> Operator:
    """Let a person answer the customers, as one of the operator's people; also one who left the team."""
    operator, _new = Operator.objects.update_or_create(
        user=user, defaults={"ended_at": None}, create_defaults={"joined_at": now}
    )
    return operator


def let_in_again(user: User, password: str) -> None:
    """Somebody who could no longer log in can again, with this password. It was validated by the caller."""
    user.is_active = True
    user.set_password(password)
    user.save(update_fields=["is_active", "password"])


def leave_team(operator: Operator, *, now: datetime) -> None:
    """Close the desk to a person, at once: their sessions are over and they cannot log in."""
    operator.ended_at = now
    Operator.objects.filter(pk=operator.pk).update(ended_at=now)
    User.objects.filter(pk=operator.user_id).update(is_active=False, sessions_epoch=F("sessions_epoch") + 1)


def at_the_desk(operator: Operator, *, now: datetime) -> None:
    """They look at the desk now, which is noted at most once in SEEN_EVERY."""
    if operator.seen_at is None or now - operator.seen_at >= SEEN_EVERY:
        operator.seen_at = now
        Operator.objects.filter(pk=operator.pk).update(seen_at=now)


def give_role(member: Member, role: str) -> None:
    """Let a member be something else."""
    member.role = role
    Member.objects.filter(pk=member.pk).update(role=role)


def deactivate(member: Member, *, now: datetime) -> None:
    """Take a member's place away: they cannot log in, and the sessions that they have are over."""
    member.deactivated_at = now
    Member.objects.filter(pk=member.pk).update(deactivated_at=now)
    User.objects.filter(pk=member.user_id).update(is_active=False, sessions_epoch=F("sessions_epoch") + 1)


def reactivate(member: Member) -> None:
    """Give a deactivated member their place back; they log in anew."""
    member.deactivated_at = None
    Member.objects.filter(pk=member.pk).update(deactivated_at=None)
    User.objects.filter(pk=member.user_id).update(is_active=True)


def remove(member: Member, *, now: datetime) -> None:
    """Let a deactivated member go for good. What they did stays under their name; their address is free again."""
    member.removed_at = now
    Member.objects.filter(pk=member.pk).update(removed_at=now)
    gone = User(email=f"{member.public_id}@removed.invalid")
    gone.set_unusable_password()
    User.objects.filter(pk=member.user_id).update(email=gone.email, password=gone.password)
    EmailAddress.objects.filter(user_id=member.user_id).delete()


def close(account: Account, *, now: datetime) -> None:
    """End an account for good: everybody's place and sessions end with it."""
    active = account.members.filter(deactivated_at=None)
    User.objects.filter(member__in=active).update(is_active=False, sessions_epoch=F("sessions_epoch") + 1)
    active.update(deactivated_at=now)
    Account.objects.filter(pk=account.pk).update(closed_at=now)


def invite(account: Account, email: str, *, role: str, invited_by: Member, now: datetime) -> tuple[Invitation, str]:
    """Offer a place; returns the invitation and the token of its link, which is not stored."""
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        account=account,
        email=email,
        role=role,
        invited_by=invited_by,
        token_sha256=token_sha256(token),
        invited_at=now,
        expires_at=now + Invitation.LIFETIME,
    )
    return invitation, token


def token_sha256(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def forget_counted_tries(*, now: datetime) -> int:
    """Delete the tries at log-in that no limit counts any more, and with them the internet addresses they name.

    Returns how many rows went.
    """
    deleted, _ = CountedTry.objects.filter(expires__lt=now).delete()
    return deleted
