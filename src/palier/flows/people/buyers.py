"""Who may buy for an account: the owner and the billing admins."""

from palier.apps.accounts.models import BUYERS, Account, Member
from palier.kit.refusals import Refusal


class NotABuyer(Refusal):
    code = "order.not_a_buyer"
    en = "Only the account owner or a billing admin can buy. Nothing was taken; send them a request instead."
    fr = (
        "Seuls le propriétaire du compte ou un administrateur de facturation peuvent acheter. Rien n’a été "
        "prélevé\u202f; envoyez-leur une demande."
    )


def of(account: Account) -> list[Member]:
    """Those who may buy for the account, the owner first."""
    members = account.members.filter(role__in=BUYERS, deactivated_at=None).select_related("user")
    return sorted(members, key=lambda member: (member.role != "owner", member.user.name))


def require(member: Member, account_id: int) -> None:
    """Refuse whoever may not buy for the account."""
    if not member.may_buy or member.account_id != account_id:
        raise NotABuyer
