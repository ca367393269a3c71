"""What an address names, if it is the account's own; anything else is not found, whoever it belongs to."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from palier.apps.accounts.models import Invitation
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.interfaces.portal.access import MemberRequest
from palier.kit import ids


def own_quote(request: MemberRequest, public_id: str) -> Quote:
    """The quote of this account, or Http404."""
    return get_object_or_404(
        Quote.objects.select_related("account__billing_profile", "order", "member", "superseded_by"),
        pk=_identity(Quote.id_prefix, public_id),
        account=request.account,
    )


def own_order(request: MemberRequest, public_id: str) -> Order:
    """The order of this account, or Http404."""
    return get_object_or_404(
        Order.objects.select_related("quote", "invoice", "account"),
        pk=_identity(Order.id_prefix, public_id),
        account=request.account,
    )


def own_invitation(request: MemberRequest, public_id: str) -> Invitation:
    """The invitation of this account, whatever became of it, or Http404."""
    return get_object_or_404(Invitation, pk=_identity(Invitation.id_prefix, public_id), account=request.account)


def own_invoice(request: MemberRequest, public_id: str) -> Invoice:
    """The invoice of this account, or Http404."""
    return get_object_or_404(Invoice, pk=_identity(Invoice.id_prefix, public_id), account=request.account)


def _identity(prefix: str, public_id: str) -> int:
    try:
        return ids.parse(prefix, public_id)
    except ids.UnknownId as error:
        raise Http404 from error
