"""The way to log-in and back, which says there that what was being sent did not arrive."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.urls import reverse


def address(request: HttpRequest, back: str) -> str:
    """The log-in page, and ``back`` after it. Of a form that was sent without a session nothing is kept: it says so."""
    said = {REDIRECT_FIELD_NAME: back}
    if request.method == "POST":
        said["unsent"] = "1"
    return f"{reverse(settings.LOGIN_URL)}?{urlencode(said, safe='/')}"
