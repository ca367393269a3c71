"""Who may see the back office: the operator's people. Nobody else finds it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from palier.apps.accounts.models import Operator
from palier.interfaces.ui import to_login
from palier.interfaces.ui.context import operator_of


class OperatorRequest(HttpRequest):
    """A request whose sender is one of the operator's people."""

    operator: Operator


type OperatorView[**P] = Callable[Concatenate[OperatorRequest, P], HttpResponse]
type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def operator_required[**P](view: OperatorView[P]) -> View[P]:
    """Set ``request.operator``. Nobody logged in: to log-in and back; a customer: not found."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            back = request.get_full_path() if request.method == "GET" else request.path
            return redirect(to_login.address(request, back))
        operator = operator_of(request)
        if operator is None:
            raise Http404
        known = cast(OperatorRequest, request)
        known.operator = operator
        response = view(known, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded
