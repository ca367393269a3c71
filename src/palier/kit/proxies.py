"""Who is really there when the program stands behind reverse proxies of ours."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The browser's address: of the last hop, or as our ``PALIER_TRUSTED_PROXIES`` nearest proxies saw it.

    A zone (``fe80::1%2``) says nothing outside our own machine and is left out. Anything further to the left of
    ``X-Forwarded-For`` was written by the browser itself and proves nothing.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.PALIER_TRUSTED_PROXIES
    said = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(said.partition("%")[0]))
    except ValueError:
        return None
