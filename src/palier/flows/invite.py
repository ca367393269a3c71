"""People join an account: invited by an owner or an admin, accepted by the link that the mail carries."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Invitation, Member, Role, User
from palier.apps.events.actions import record
from palier.apps.notices import letters
from palier.apps.notices.actions import post
from palier.apps.subscriptions import states
from palier.kit.refusals import Refusal


class NotAllowedToInvite(Refusal):
    code = "invitation.not_allowed"
    en = "Only the owner or an admin can invite people. Nobody was invited; ask one of them."
    fr = (
        "Seuls le propriétaire ou un administrateur peuvent inviter. Personne n’a été invité\u202f; demandez à "
        "l’un d’eux."
    )


class AddressesMissing(Refusal):
    code = "invitation.no_address"
    en = "Enter at least one e-mail address. Nobody was invited."
    fr = "Saisissez au moins une adresse e-mail. Personne n’a été invité."
    field = "emails"


class AddressMalformed(Refusal):
    code = "invitation.address_malformed"
    en = "“{address}” is not an e-mail address. Nobody was invited; correct it and send again."
    fr = "«\u202f{address}\u202f» n’est pas une adresse e-mail. Personne n’a été invité\u202f; corrigez-la et renvoyez."
    field = "emails"


class AlreadyHere(Refusal):
    code = "invitation.already_here"
    en = "{address} already has a place or an invitation. Nobody was invited; remove that address and send again."
    fr = (
        "{address} a déjà une place ou une invitation. Personne n’a été invité\u202f; retirez cette adresse et "
        "renvoyez."
    )
    field = "emails"


class NoFreeSeat(Refusal):
    code = "invitation.no_free_seat"
    en = "There are {free} free seats for {wanted} invitations. Nobody was invited; add users under Plans first."
    fr = (
        "Il reste {free} places libres pour {wanted} invitations. Personne n’a été invité\u202f; ajoutez d’abord des "
        "utilisateurs dans Plans."
    )
    field = "emails"


class InvitationGone(Refusal):
    code = "invitation.gone"
    en = "This invitation was already used or does not exist. Ask the person who invited you for a new one."
    fr = "Cette invitation a déjà servi ou n’existe pas. Demandez-en une nouvelle à la personne qui vous a invité."


class AddressTaken(Refusal):
    code = "invitation.address_taken"
    en = (
        "There already is a log-in for {address}. Nothing was changed; log in with it, or ask for an invitation "
        "to another address."
    )
    fr = (
        "Un accès existe déjà pour {address}. Rien n’a changé\u202f; connectez-vous avec lui, ou demandez une "
        "invitation pour une autre adresse."
    )


def people(account: Account, member: Member, emails: Sequence[str], *, now: datetime) -> list[Invitation]:
    """Invite several addresses, all or none. A pending invitation holds a seat."""
    if not member.may_invite:
        raise NotAllowedToInvite
    addresses = _addresses(emails)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        _check_seats(account, len(addresses))
        return [_invite(account, member, address, now=now) for address in addresses]


def open_invitation(token: str) -> Invitation:
    """The invitation behind a link; InvitationGone when there is none that waits."""
    found = Invitation.objects.select_related("account", "invited_by__user").filter(
        token_sha256=actions.token_sha256(token), accepted_at=None
    )
    invitation = found.first()
    if invitation is None:
        raise InvitationGone
    return invitation


def accept(token: str, *, name: str, password: str, language: str, now: datetime) -> Member:
    """Turn an invitation into a member who can log in. The password was validated by the form."""
    with transaction.atomic():
        invitation = open_invitation(token)
        account = Account.objects.locked(invitation.account_id)
        invitation = open_invitation(token)
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise AddressTaken(address=invitation.email)
        user = actions.person(email=invitation.email, name=name, language=language, password=password)
        member = actions.join(account, user, invitation.role, now=now)
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=now)
        record(account.id, "member.joined", now=now, member=member.public_id)
    return member


def free_seats(account: Account) -> int | None:
    """Seats bought and neither used nor promised; None on the free plan, which counts none."""
    subscription = states.of_account(account)
    if subscription is None:
        return None
    used = account.members.filter(deactivated_at=None).count()
    invited = account.invitations.filter(accepted_at=None).count()
    return states.state_of(subscription).seats - used - invited


def _addresses(emails: Sequence[str]) -> list[str]:
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    if not addresses:
        raise AddressesMissing
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise AddressMalformed(address=address[:100]) from error
    return addresses


def _check_seats(account: Account, wanted: int) -> None:
    free = free_seats(account)
    if free is not None and wanted > free:
        raise NoFreeSeat(free=max(free, 0), wanted=wanted)


def _invite(account: Account, member: Member, address: str, *, now: datetime) -> Invitation:
    taken = User.objects.filter(email__iexact=address).exists()
    if taken or account.invitations.filter(email__iexact=address, accepted_at=None).exists():
        raise AlreadyHere(address=address)
    invitation, token = actions.invite(account, address, role=Role.MEMBER, invited_by=member, now=now)
    record(account.id, "member.invited", now=now, invitation=invitation.public_id)
    letter = letters.invitation(
        account.language,
        inviter=member.user.name,
        company=account.name,
        host=settings.HOST_NAME,
        url=f"{settings.BASE_URL}/invitations/{token}/",
    )
    post(account.id, letter, to=address, key=f"invitation:{invitation.public_id}", now=now)
    return invitation
