"""Browsers in which somebody has logged in before: whoever guesses passwords elsewhere does not lock them out.

Wrong passwords are counted for each address that is typed, or anybody could try as many as they have computers. Then
strangers who type wrong ones on purpose would keep the real person out. A browser that the person used before proves it
by a signed cookie and is counted apart, with the same limit: OWASP calls it a device cookie. The cookie does not tell
whose browser it is: it holds a keyed hash of the address.
"""

from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

COOKIE: Final = "palier_known"
SALT: Final = "palier.known_browser"
KEPT_SECONDS: Final = 365 * 24 * 60 * 60


def name_of(request: HttpRequest, email: str) -> str:
    """The name under which a browser is known to belong to an e-mail address; empty when it is not."""
    try:
        known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return ""
    return str(known["name"]) if known.get("person") == _person(email) else ""


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Let a browser prove later that somebody logged in with it; one that is known keeps its name and its count."""
    name = name_of(request, email) or get_random_string(16)
    response.set_cookie(
        COOKIE,
        signing.dumps({"person": _person(email), "name": name}, salt=SALT),
        max_age=KEPT_SECONDS,
        path="/accounts/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _person(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()
