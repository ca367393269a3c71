"""Of an account's export: who it is and who is in it, what it uses, what was done and written to whom."""

import json
from typing import Final

from palier.apps.accounts.models import Account, BillingProfile, Invitation
from palier.apps.entitlements.models import Usage
from palier.apps.events.authors import OPERATOR
from palier.apps.events.models import Event
from palier.apps.notices import letters_operator
from palier.apps.notices.models import Mail
from palier.flows.exports.export_cells import Row, instant

TO_THE_SELLER: Final = (*letters_operator.KINDS, "chat_question")
"""Letters about the account to the seller's own people."""


def account(account: Account) -> list[Row]:
    """The account itself."""
    return [
        {
            "id": account.public_id,
            "name": account.name,
            "country": account.country,
            "language": account.language,
            "currency": account.currency,
            "created_at": instant(account.created_at),
        }
    ]


def billing_details(account: Account) -> list[Row]:
    """Who is invoiced from now on; each invoice says who was then."""
    return [
        {
            "kind": profile.kind,
            "name": profile.name,
            "address": profile.address,
            "postcode": profile.postcode,
            "city": profile.city,
            "region": profile.region,
            "country": profile.country,
            "vat_number": profile.vat_number,
            "email": profile.email,
            "po_number": profile.po_number,
            "saved_at": instant(profile.saved_at),
        }
        for profile in BillingProfile.objects.filter(account=account)
    ]


def members(account: Account) -> list[Row]:
    """Everybody who is or was in it."""
    return [
        {
            "id": member.public_id,
            "name": member.user.name,
            "email": member.user.email,
            "role": member.role,
            "joined_at": instant(member.joined_at),
            "deactivated_at": instant(member.deactivated_at),
            "removed_at": instant(member.removed_at),
        }
        for member in account.members.select_related("user").order_by("id")
    ]


def invitations(account: Account) -> list[Row]:
    """Places that were offered."""
    return [
        {
            "id": invitation.public_id,
            "email": invitation.email,
            "role": invitation.role,
            "invited_by": invitation.invited_by.public_id,
            "invited_at": instant(invitation.invited_at),
            "expires_at": instant(invitation.expires_at),
            "accepted_at": instant(invitation.accepted_at),
        }
        for invitation in Invitation.objects.filter(account=account).select_related("invited_by").order_by("id")
    ]


def usage(account: Account) -> list[Row]:
    """How much of each limit was used, as the host product said last."""
    return [
        {"limit": usage.key, "used": usage.used, "reported_at": instant(usage.reported_at)}
        for usage in Usage.objects.filter(account=account).order_by("key")
    ]


def history(account: Account) -> list[Row]:
    """Everything that was done, by whom and in which role; the seller's people by their role alone."""
    return [
        {
            "id": fact.public_id,
            "at": instant(fact.at),
            "kind": fact.kind,
            "author": fact.role if fact.role == OPERATOR else fact.author,
            "role": fact.role,
            "about": json.dumps(_about(fact), ensure_ascii=False, sort_keys=True),
        }
        for fact in Event.objects.filter(account_id=account.id).order_by("id")
    ]


def letters(account: Account) -> list[Row]:
    """What was written to its people, when, and under which subject: some letters carry links that only their reader
    may have."""
    sent = Mail.objects.filter(account_id=account.id).exclude(kind__in=TO_THE_SELLER)
    return [
        {
            "id": mail.public_id,
            "kind": mail.kind,
            "recipient": mail.recipient,
            "language": mail.language,
            "subject": mail.subject,
            "written_at": instant(mail.written_at),
            "sent_at": instant(mail.sent_at),
            "given_up_at": instant(mail.given_up_at),
        }
        for mail in sent.defer("text", "html").order_by("id")
    ]


def _about(fact: Event) -> dict[str, object]:
    return {key: value for key, value in fact.payload.items() if key != "why"}
