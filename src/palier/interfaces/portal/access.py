"""Who may see a page: a member of an account; for some pages, one who may buy."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from palier.apps.accounts.models import Account, Member
from palier.flows.people import buyers
from palier.flows.people.members import managers
from palier.interfaces.ui import to_login
from palier.interfaces.ui.context import member_of, operator_of
from palier.kit import clock


class MemberRequest(HttpRequest):
    """A request whose sender is an active member of an account."""

    member: Member
    account: Account
    now: datetime
    """The instant of the account: the present, or where its test clock stands."""


type MemberView[**P] = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def any_member_required[**P](view: MemberView[P]) -> View[P]:
    """Set ``request.member``, ``request.account`` and ``request.now``. Nobody logged in: to log-in and back to the
    same page; one of the operator's people: to their desk."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        member = member_of(request)
        if member is None:
            if operator_of(request) is not None and request.path == reverse("home"):
                return redirect("inbox")
            if request.user.is_authenticated:
                return render(request, "portal/no_place.html", status=403)
            return _to_login(request)
        known = cast(MemberRequest, request)
        known.member, known.account = member, member.account
        known.now = clock.now() + member.account.clock_ahead
        response = view(known, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def member_required[**P](view: MemberView[P]) -> View[P]:
    """As ``any_member_required``; a restricted member, who sees no settings, people or billing, is told whom to ask."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.member.restricted:
            return render(request, "portal/restricted.html", {"managers": managers(request.account)}, status=403)
        return view(request, *args, **kwargs)

    return any_member_required(guarded)


def buyer_required[**P](view: MemberView[P]) -> View[P]:
    """As ``member_required``; a member who may not buy is told whom to ask."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.member.may_buy:
            return render(request, "portal/whom_to_ask.html", {"buyers": buyers.of(request.account)}, status=403)
        return view(request, *args, **kwargs)

    return member_required(guarded)


def _to_login(request: HttpRequest) -> HttpResponse:
    """To log-in; afterwards to this page, or for a form to the page that held it."""
    back = request.get_full_path() if request.method == "GET" else _page_of_form(request)
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(to_login.address(request, _page_of_form(request)))
    return redirect(to_login.address(request, back))


def _page_of_form(request: HttpRequest) -> str:
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # "http://[": no address at all
        return request.path
    if referer.netloc != request.get_host():
        return request.path
    return f"{referer.path}?{referer.query}" if referer.query else referer.path
