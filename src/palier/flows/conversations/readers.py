"""Who on the customer's side reads a conversation: whose it is, and for those who buy every one of the account."""

from django.db.models import QuerySet

from palier.apps.accounts.models import Member
from palier.apps.chat.models import Conversation


def of_member(member: Member) -> QuerySet[Conversation]:
    """The conversations that a member may read, the newest first."""
    found = member.account.conversations.select_related("member__user").order_by("-changed_at", "-id")
    return found if member.may_buy else found.filter(member=member)


def may_read(member: Member, conversation: Conversation) -> bool:
    """Whether a conversation is one of ``of_member``."""
    return conversation.account_id == member.account_id and (member.may_buy or conversation.member_id == member.id)
