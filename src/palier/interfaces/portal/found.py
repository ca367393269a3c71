"""What an address names, if it is the account's own; anything else is not found, whoever it belongs to."""

from django.shortcuts import get_object_or_404

from palier.apps.accounts.models import Invitation, Member
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.apps.subscriptions.models import ScheduledChange
from palier.interfaces.portal.access import MemberRequest
from palier.interfaces.ui.found import identity


def own_quote(request: MemberRequest, public_id: str) -> Quote:
    """The quote of this account, or Http404."""
    return get_object_or_404(
        Quote.objects.select_related("account__billing_profile", "order", "member", "superseded_by"),
        pk=identity(Quote.id_prefix, public_id),
        account=request.account,
    )


def own_order(request: MemberRequest, public_id: str) -> Order:
    """The order of this account, or Http404."""
    return get_object_or_404(
        Order.objects.select_related("quote", "invoice", "account"),
        pk=identity(Order.id_prefix, public_id),
        account=request.account,
    )


def own_invitation(request: MemberRequest, public_id: str) -> Invitation:
    """The invitation of this account, whatever became of it, or Http404."""
    return get_object_or_404(Invitation, pk=identity(Invitation.id_prefix, public_id), account=request.account)


def own_member(request: MemberRequest, public_id: str) -> Member:
    """Somebody of this account who was not removed, or Http404."""
    people = request.account.members.select_related("user").filter(removed_at=None)
    return get_object_or_404(people, pk=identity(Member.id_prefix, public_id))


def own_seat_request(request: MemberRequest, public_id: str) -> SeatRequest:
    """The request for a seat of this account, whatever became of it, or Http404."""
    asked = SeatRequest.objects.select_related("member__user", "answered_by__user", "account", "quote__order")
    return get_object_or_404(asked, pk=identity(SeatRequest.id_prefix, public_id), account=request.account)


def own_invoice(request: MemberRequest, public_id: str) -> Invoice:
    """The invoice of this account, or Http404."""
    return get_object_or_404(
        Invoice.objects.select_related("collection", "order__quote__catalogue_version").defer(
            "order__quote__catalogue_version__content"
        ),
        pk=identity(Invoice.id_prefix, public_id),
        account=request.account,
    )


def own_change(request: MemberRequest, public_id: str) -> ScheduledChange:
    """The scheduled change of this account, whatever became of it, or Http404."""
    return get_object_or_404(
        ScheduledChange.objects.select_related("subscription"),
        pk=identity(ScheduledChange.id_prefix, public_id),
        subscription__account=request.account,
    )
