"""The door of the API: the key, the method, the account; and every refusal as a problem document."""

import hmac
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from palier.apps.accounts.models import Account
from palier.interfaces.api import problems
from palier.interfaces.ui.errors import RETRY_AFTER_SECONDS, is_unavailable
from palier.kit import clock, ids
from palier.kit.refusals import Refusal

type View = Callable[..., HttpResponse]


def keyed(*methods: str) -> Callable[[View], View]:
    """Give the view the account that the address names and its own instant, once the key is right."""

    def door(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, account_id: str, **named: str) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise problems.WrongMethod(method=request.method, allowed=", ".join(methods))
                _check_key(request)
                account = _account(account_id)
                response = view(request, account, now=_time_of(account), **named)
            except Refusal as refusal:
                response = problems.answer(request, refusal)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                response = problems.answer(request, problems.Unavailable())
                response["Retry-After"] = RETRY_AFTER_SECONDS
            if response.status_code == 405:
                response["Allow"] = ", ".join(methods)
            if response.status_code == 401:
                response["WWW-Authenticate"] = 'Bearer realm="palier"'
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return door


def _check_key(request: HttpRequest) -> None:
    if not settings.PALIER_API_KEY:
        raise problems.NoKeyHere
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    right = hmac.compare_digest(key.strip().encode(), settings.PALIER_API_KEY.encode())
    if not right or scheme.lower() != "bearer":
        raise problems.WrongKey


def _account(public_id: str) -> Account:
    try:
        return Account.objects.get(pk=ids.parse(Account.id_prefix, public_id))
    except (ids.UnknownId, Account.DoesNotExist) as error:
        raise problems.AccountUnknown(account=public_id[:40]) from error


def _time_of(account: Account) -> datetime:
    return clock.now() + account.clock_ahead
