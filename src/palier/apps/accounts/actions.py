import hashlib
import secrets
from datetime import datetime

from palier.apps.accounts.models import Account, Invitation, Member, Role, User


def open_account(*, name: str, country: str, language: str, owner: User, now: datetime) -> Member:
    """Create an account on the free plan and its owner. ``country`` is an ISO 3166 code."""
    account = Account.objects.create(name=name, country=country, language=language, created_at=now)
    return join(account, owner, Role.OWNER, now=now)


def person(*, email: str, name: str, language: str, password: str) -> User:
    """Someone who can log in. The password was validated by the caller."""
    user = User(email=email, name=name, language=language)
    user.set_password(password)
    user.save()
    return user


def speak(user: User, language: str) -> None:
    """Write to a person in this language from here on."""
    User.objects.filter(pk=user.pk).update(language=language)


def join(account: Account, user: User, role: str, *, now: datetime) -> Member:
    """Give a person a place in the account."""
    return Member.objects.create(account=account, user=user, role=role, joined_at=now)


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
