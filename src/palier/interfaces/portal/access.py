"""Who may see a page: a member of an account; for some pages, one who may buy."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from palier.apps.accounts.models import Account, Member
from palier.flows.ask import buyers
from palier.interfaces.ui.context import member_of


class MemberRequest(HttpRequest):
    """A request whose sender is an active member of an account."""

    member: Member
    account: Account


type MemberView[**P] = Callable[Concatenate[MemberRequest, P], HttpResponse]
type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def member_required[**P](view: MemberView[P]) -> View[P]:
    """Set ``request.member`` and ``request.account``. Nobody logged in: to log-in and back to the same page."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        member = member_of(request)
        if member is None:
            if request.user.is_authenticated:
                return render(request, "portal/no_place.html", status=403)
            return _to_login(request)
        known = cast(MemberRequest, request)
        known.member, known.account = member, member.account
        response = view(known, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def buyer_required[**P](view: MemberView[P]) -> View[P]:
    """As ``member_required``; a member who may not buy is told whom to ask."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.member.may_buy:
            return render(request, "portal/whom_to_ask.html", {"buyers": buyers(request.account)}, status=403)
        return view(request, *args, **kwargs)

    return member_required(guarded)


def _to_login(request: HttpRequest) -> HttpResponse:
    """To log-in; afterwards to this page, or for a form to the page that held it."""
    back = request.get_full_path() if request.method == "GET" else _page_of_form(request)
    if request.headers.get("HX-Request") == "true":
        login = reverse(settings.LOGIN_URL)
        return HttpResponseClientRedirect(f"{login}?{urlencode({REDIRECT_FIELD_NAME: _page_of_form(request)})}")
    return redirect_to_login(back)


def _page_of_form(request: HttpRequest) -> str:
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # "http://[": no address at all
        return request.path
    if referer.netloc != request.get_host():
        return request.path
    return f"{referer.path}?{referer.query}" if referer.query else referer.path
