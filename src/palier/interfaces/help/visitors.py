"""Readers told apart for one day, by a keyed hash that names nobody and is another one tomorrow."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from palier.apps.accounts.models import User
from palier.apps.help.actions import WHERE
from palier.kit.proxies import client_address


def visitor_of(request: HttpRequest, *, now: datetime) -> str:
    """Where they come from, then who they are there: a person logged in, or an address and its browser."""
    if isinstance(request.user, User):
        where, reader = f"user {request.user.pk}", ""
    else:
        where, reader = f"address {client_address(request)}", request.headers.get("User-Agent", "")
    day = now.date().isoformat()
    return _hash(f"{day} {where}") + _hash(f"{day} {where} {reader}")


def _hash(what: str) -> str:
    return salted_hmac("palier.help.visitor", what, algorithm="sha256").hexdigest()[:WHERE]
