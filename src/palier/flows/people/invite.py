"""People join an account: invited by an owner or an admin, accepted by the link that the mail carries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from palier.apps.accounts import actions
from palier.apps.accounts.models import LONGEST_EMAIL, Account, Invitation, Member, Role, User
from palier.apps.catalogue import current
from palier.apps.events.actions import record
from palier.apps.notices import letters
from palier.apps.notices.actions import post
from palier.apps.payments.models import Payment, PaymentState
from palier.apps.subscriptions import seats
from palier.apps.subscriptions.seats import Seats
from palier.flows import read_only
from palier.flows.people import roles, signup
from palier.flows.people.invite_refusals import (
    AddressesMissing,
    AddressMalformed,
    AddressTaken,
    AddressTooLong,
    AlreadyHere,
    InvitationGone,
    NoFreeSeat,
    NoSeatLeft,
    NotAllowedToInvite,
    NotAllowedToWithdraw,
    NothingToWithdraw,
    TooManyToday,
    TooManyWaiting,
)
from palier.kit import card_numbers, formats

MOST_WAITING: Final = 50
"""Signing up is free and a letter goes to anybody: without a bound, our name would send mail for whoever likes."""

MOST_A_DAY: Final = 50
"""The same bound over time, since an invitation can be withdrawn and sent again. Whoever has bought more seats than
this may invite that many."""

DAY: Final = timedelta(hours=24)


def people(
    account: Account, member: Member, emails: Sequence[str], *, role: str = Role.MEMBER, now: datetime
) -> list[Invitation]:
    """Invite several addresses, all or none. A pending invitation holds a seat."""
    if not member.may_invite:
        raise NotAllowedToInvite
    addresses = _addresses(emails)
    given = roles.check(account, member, role, now=now)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        read_only.refuse(account, now=now)
        _check_not_here(account, addresses, now=now)
        held = seats.of_account(account, now=now)
        if held is not None and len(addresses) > held.free:
            raise NoFreeSeat(free=held.free, wanted=len(addresses))
        _check_bounds(account, held, len(addresses), now=now)
        return [_invite(account, member, address, given, now=now) for address in addresses]


def again(invitation: Invitation, member: Member, *, now: datetime) -> Invitation:
    """Send an invitation that waits once more, for another fourteen days: a new link, and the old one leads nowhere."""
    if not member.may_invite or member.account_id != invitation.account_id:
        raise NotAllowedToInvite
    with transaction.atomic():
        account = Account.objects.locked(invitation.account_id)
        read_only.refuse(account, now=now)
        if not account.invitations.open_at(now).filter(pk=invitation.pk).update(expires_at=now):
            raise NothingToWithdraw(address=invitation.email)
        _check_bounds(account, seats.of_account(account, now=now), 1, now=now)
        record(account.id, "invitation.resent", by=member.author, now=now, invitation=invitation.public_id)
        return _invite(account, member, invitation.email, invitation.role, now=now)


def withdraw(invitation: Invitation, member: Member, *, now: datetime) -> None:
    """Take back an invitation that waits: its link leads nowhere from now on, and its seat is free."""
    if not member.may_invite or member.account_id != invitation.account_id:
        raise NotAllowedToWithdraw
    with transaction.atomic():
        account = Account.objects.locked(invitation.account_id)
        if not account.invitations.open_at(now).filter(pk=invitation.pk).update(expires_at=now):
            raise NothingToWithdraw(address=invitation.email)
        record(account.id, "invitation.withdrawn", by=member.author, now=now, invitation=invitation.public_id)


def open_invitation(token: str, *, now: datetime) -> Invitation:
    """The invitation behind a link; InvitationGone when there is none that waits."""
    found = Invitation.objects.open_at(now).select_related("account", "invited_by__user")
    invitation = found.filter(token_sha256=actions.token_sha256(token)).first()
    if invitation is None:
        raise InvitationGone
    return invitation


def accept(token: str, *, name: str, password: str, language: str, now: datetime) -> Member:
    """Turn an invitation into a member who can log in. The password was validated by the form."""
    with transaction.atomic():
        invitation = open_invitation(token, now=now)
        account = Account.objects.locked(invitation.account_id)
        invitation = open_invitation(token, now=now)
        read_only.refuse(account, now=now)
        _check_seat(invitation, now=now)
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise AddressTaken(address=invitation.email)
        try:
            user = actions.person(email=invitation.email, name=name, language=language, password=password)
        except IntegrityError as error:  # the same address, at the same moment, by the invitation of another account
            raise AddressTaken(address=invitation.email) from error
        member = signup.join(account, user, invitation.role, invitation=invitation.public_id, now=now)
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=now)
    return member


def _addresses(emails: Sequence[str]) -> list[str]:
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    if not addresses:
        raise AddressesMissing
    for address in addresses:
        if len(address) > LONGEST_EMAIL:
            raise AddressTooLong(address=address[:60], most=LONGEST_EMAIL)
        try:
            validate_email(address)
        except ValidationError as error:
            raise AddressMalformed(address=address[:100]) from error
        card_numbers.refuse(address, "emails")
    return addresses


def _check_bounds(account: Account, held: Seats | None, wanted: int, *, now: datetime) -> None:
    bought = held.bought if held else 0
    if held is None and account.invitations.open_at(now).count() + wanted > MOST_WAITING:
        raise TooManyWaiting(most=MOST_WAITING)
    if account.invitations.filter(invited_at__gt=now - DAY).count() + wanted > max(MOST_A_DAY, bought):
        raise TooManyToday(most=max(MOST_A_DAY, bought))


def _check_not_here(account: Account, addresses: list[str], *, now: datetime) -> None:
    """Only what this account knows by itself: whether an address has a log-in elsewhere is nobody's business here."""
    members = account.members.annotate(address=Lower("user__email")).filter(address__in=addresses)
    invited = account.invitations.open_at(now).annotate(address=Lower("email")).filter(address__in=addresses)
    here = {*members.values_list("address", flat=True), *invited.values_list("address", flat=True)}
    for address in addresses:
        if address in here:
            raise AlreadyHere(address=address)


def _check_seat(invitation: Invitation, *, now: datetime) -> None:
    """The invitation may be older than the subscription, so that its seat was never bought."""
    account = invitation.account
    held = seats.of_account(account, now=now)
    bought = held.bought if held else seats_being_bought(account)
    if bought is not None and account.members.filter(deactivated_at=None).count() >= bought:
        raise NoSeatLeft(company=account.name, inviter=invitation.invited_by.user.name)


def seats_being_bought(account: Account) -> int | None:
    """Those of a first purchase whose payment is under way; it settles with the seats that were promised."""
    under_way = Payment.objects.filter(account=account, order__state="open").exclude(state=PaymentState.FAILED)
    return under_way.values_list("order__quote__seats", flat=True).first()


def _invite(account: Account, member: Member, address: str, role: str, *, now: datetime) -> Invitation:
    invitation, token = actions.invite(account, address, role=role, invited_by=member, now=now)
    record(account.id, "member.invited", by=member.author, now=now, invitation=invitation.public_id, after=str(role))
    letter = letters.invitation(
        account.language,
        inviter=member.user.name,
        company=account.name,
        host=settings.HOST_NAME,
        until=formats.long_day(invitation.expires_at, account.language, current().policy.zone),
        url=f"{settings.BASE_URL}/invitations/{token}/",
    )
    post(account.id, letter, to=address, key=f"invitation:{invitation.public_id}", now=now)
    return invitation
