"""Closing the account for good."""

from typing import Final

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from palier.apps.accounts.models import Role
from palier.flows import close
from palier.flows.facts import facts_of
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.kit.refusals import Refusal

UNPROCESSABLE: Final = 422
FORBIDDEN: Final = 403


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """Say what closing means and when it is possible; the owner types the account's name."""
    refusal: Refusal | None = None
    if request.method == "POST":
        typed = request.POST.get("name", "").replace("\0", "")[:400]
        try:
            close.account(request.account, request.member, typed, now=request.now)
        except Refusal as refused:
            refusal = refused
        else:
            logout(request)
            return render(request, "portal/closed.html", {"account_name": request.account.name})
    owner = request.member.role == Role.OWNER
    language = get_language() or "en"
    hindrance = close.objection(facts_of(request.account, now=request.now)) if owner else close.OnlyOwnerCloses()
    context = {
        "owner": owner,
        "hindrance": hindrance.text(language) if hindrance else "",
        "unpaid": hindrance is not None and hindrance.code == close.CloseWithOpenInvoice.code,
        "typed": request.POST.get("name", "").replace("\0", "")[:400],
        "error": refusal.text(language) if refusal and not hindrance else "",
    }
    status = UNPROCESSABLE if refusal else 200
    return render(request, "portal/close.html", context, status=status if owner else FORBIDDEN)
