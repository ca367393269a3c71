"""Every address of the product: who may knock there, by which methods, and what it names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.urls import get_resolver, reverse

from tests.interfaces.scenes import Scene

READ: Final = ("GET", "HEAD")
POSTED: Final = ("POST",)
BOTH: Final = (*READ, *POSTED)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Open(StrEnum):
    """To whom an address answers."""

    ANYONE = "anyone"
    PERSONS = "everyone logged in"
    MEMBERS = "members of an account"
    BUYERS = "owner and billing admin"


@dataclass(frozen=True)
class Address:
    """One URL name. ``names`` is what it needs: "quote", "order", "invoice", "invitation", or "" for none."""

    name: str
    to: Open
    methods: tuple[str, ...] = READ
    names: str = ""
    arguments: Callable[[Scene], list[Any]] = lambda scene: []

    @property
    def ours(self) -> bool:
        """Not one of allauth, whose forms take PUT for POST."""
        return not self.name.startswith("account_")

    def path(self, scene: Scene) -> str:
        """Where it is, for what the scene holds."""
        return reverse(self.name, args=self.arguments(scene))

    def path_of(self, identity: str) -> str:
        """Where it would be for another public id."""
        return reverse(self.name, args=[identity])


def _quote(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.BUYERS, methods, "quote", lambda scene: [scene.quote.public_id])


def _order(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.BUYERS, methods, "order", lambda scene: [scene.order.public_id])


def _invoice(name: str) -> Address:
    return Address(name, Open.BUYERS, READ, "invoice", lambda scene: [scene.invoice.public_id])


ADDRESSES: Final = (
    # The host's pages, plans and members
    Address("home", Open.MEMBERS),
    Address("settings", Open.MEMBERS),
    Address("members", Open.MEMBERS, BOTH),
    Address("invitation-withdraw", Open.MEMBERS, POSTED, "invitation", lambda scene: [scene.invitation.public_id]),
    Address("invitation", Open.ANYONE, BOTH, "", lambda scene: [scene.token]),
    Address("billing-overview", Open.MEMBERS),
    Address("plans", Open.MEMBERS),
    Address("quote-create", Open.BUYERS, BOTH),
    Address("preview", Open.MEMBERS),
    Address("ask", Open.MEMBERS, POSTED),
    # From the promise to the invoice
    _quote("checkout", BOTH),
    _quote("explanation"),
    _order("order"),
    _order("order-status"),
    _order("order-return"),
    _order("order-withdraw", POSTED),
    Address("payment-method", Open.BUYERS, BOTH),
    Address("invoices", Open.BUYERS),
    _invoice("invoice-pdf"),
    _invoice("invoice"),
    Address("billing-details", Open.BUYERS, BOTH),
    Address("terms", Open.ANYONE, READ, "", lambda scene: [scene.order.terms_version]),
    # Log-in
    Address("account_login", Open.ANYONE, BOTH),
    Address("account_logout", Open.ANYONE, BOTH),
    Address("account_inactive", Open.ANYONE),
    Address("account_signup", Open.ANYONE, BOTH),
    Address("account_reauthenticate", Open.PERSONS, BOTH),
    Address("account_email", Open.PERSONS, BOTH),
    Address("account_email_verification_sent", Open.ANYONE),
    Address("account_change_password", Open.PERSONS, BOTH),
    Address("account_set_password", Open.PERSONS, BOTH),
    Address("account_reset_password", Open.ANYONE, BOTH),
    Address("account_confirm_login_code", Open.ANYONE, BOTH),
    Address("account_confirm_email", Open.ANYONE, BOTH, "", lambda scene: ["unknown-key"]),
    Address("account_reset_password_from_key_done", Open.ANYONE),
    Address("account_reset_password_from_key", Open.ANYONE, BOTH, "", lambda scene: ["1", "unknown-key"]),
    Address("account_reset_password_done", Open.ANYONE),
    # Machines and the language
    Address("set_language", Open.ANYONE, POSTED),
    Address("hook", Open.ANYONE, POSTED, "", lambda scene: ["sandbox"]),
    Address("healthz", Open.ANYONE),
)

BY_NAME: Final = {address.name: address for address in ADDRESSES}


def those(**wanted: object) -> list[Any]:
    """The addresses with those attributes, as parameters of a test."""
    import pytest

    return [
        pytest.param(address, id=address.name)
        for address in ADDRESSES
        if all(getattr(address, name) == value for name, value in wanted.items())
    ]


def names_of_the_url_map() -> Iterator[str]:
    """Every name in the program's URL map."""
    pending = [*get_resolver().url_patterns]
    while pending:
        pattern = pending.pop()
        if hasattr(pattern, "url_patterns"):
            pending += pattern.url_patterns
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield pattern.name
