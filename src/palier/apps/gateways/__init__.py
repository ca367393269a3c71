"""Payment gateways: one contract, one adapter for each service, and the events that they send."""

import atexit
from functools import cache

from django.utils.module_loading import import_string

from palier.apps.gateways.contract import Gateway
from palier.apps.gateways.guard import Guarded
from palier.apps.gateways.sandbox import SandboxGateway


class UnknownGateway(ValueError):
    """The settings name a gateway that does not exist here."""


def gateway() -> Gateway:
    """The gateway that the settings choose (PALIER_GATEWAY), with one pool of connections per process."""
    from django.conf import settings  # here, so that the contract can be read and tested without Django

    match settings.PALIER_GATEWAY:
        case "sandbox":
            return _sandbox(
                settings.PALIER_SANDBOX_URL,
                settings.PALIER_SANDBOX_PUBLIC_URL,
                settings.PALIER_SANDBOX_SECRET_KEY,
                settings.PALIER_SANDBOX_WEBHOOK_SECRET,
            )
        case name:
            return _of_another(name)


@cache
def _sandbox(url: str, public_url: str, secret_key: str, webhook_secret: str) -> SandboxGateway:
    made = SandboxGateway(url=url, public_url=public_url, secret_key=secret_key, webhook_secret=webhook_secret)
    atexit.register(made.close)
    return made


@cache
def _of_another(path: str) -> Guarded:
    """The adapter that ``package.module.name()`` makes, behind the guard."""
    try:
        make = import_string(path)
    except ImportError as error:
        raise UnknownGateway(
            f"PALIER_GATEWAY is {path!r}; it is sandbox, or where an adapter is: package.module.name ({error})"
        ) from error
    return Guarded(make())
