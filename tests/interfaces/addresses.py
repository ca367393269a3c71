"""Every address of the product: who may knock there, by which methods, and what it names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.urls import get_resolver, reverse

from palier.apps.accounts.models import Member, Operator
from tests.interfaces.scenes import Scene

READ: Final = ("GET", "HEAD")
POSTED: Final = ("POST",)
BOTH: Final = (*READ, *POSTED)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Open(StrEnum):
    """To whom an address answers."""

    ANYONE = "anyone"
    PERSONS = "everyone logged in"
    ANY_MEMBER = "members of an account"
    MEMBERS = "members of an account who are not restricted"
    MANAGERS = "owner and admin: others find the page of the person, and are refused"
    OWNER = "the owner: others may read, and are refused"
    BUYERS = "owner and billing admin"
    OPERATORS = "the operator's people; nobody else finds it"
    TRAVELLERS = "owner and billing admin of a sandbox account; nobody else finds it"


OF_AN_ACCOUNT: Final = (Open.ANY_MEMBER, Open.MEMBERS, Open.MANAGERS, Open.OWNER, Open.BUYERS)


@dataclass(frozen=True)
class Address:
    """One URL name. ``names`` is what it needs: "quote", "order", "invoice", "invitation", "change", or "" for none."""

    name: str
    to: Open
    methods: tuple[str, ...] = READ
    names: str = ""
    arguments: Callable[[Scene], list[Any]] = lambda scene: []
    in_language: bool = False  # the language is the first thing that it carries

    @property
    def ours(self) -> bool:
        """Not one of allauth, whose forms take PUT for POST."""
        return not self.name.startswith("account_")

    def path(self, scene: Scene, language: str = "en") -> str:
        """Where it is, for what the scene holds."""
        return self.path_with(self.arguments(scene), language)

    def path_with(self, arguments: list[Any], language: str = "en") -> str:
        """Where it would be for other arguments."""
        return reverse(self.name, args=[language, *arguments] if self.in_language else arguments)

    def path_of(self, identity: str) -> str:
        """Where it would be for another public id."""
        return reverse(self.name, args=[identity])


def _quote(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.BUYERS, methods, "quote", lambda scene: [scene.quote.public_id])


def _order(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.BUYERS, methods, "order", lambda scene: [scene.order.public_id])


def _member(name: str, to: Open, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, to, methods, "colleague", lambda scene: [scene.colleague.public_id])


def _invoice(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.BUYERS, methods, "invoice", lambda scene: [scene.invoice.public_id])


def _conversation(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.ANY_MEMBER, methods, "conversation", lambda scene: [scene.conversation.public_id])


def _desk(name: str, methods: tuple[str, ...] = READ) -> Address:
    return Address(name, Open.OPERATORS, methods, "conversation", lambda scene: [scene.conversation.public_id])


ADDRESSES: Final = (
    # The host's pages, plans and members
    Address("home", Open.ANY_MEMBER),
    Address("settings", Open.MEMBERS),
    Address("clock", Open.TRAVELLERS, BOTH),
    Address("clock-progress", Open.TRAVELLERS),
    Address("members", Open.MEMBERS, BOTH),
    Address("invitation-withdraw", Open.MANAGERS, POSTED, "invitation", lambda scene: [scene.invitation.public_id]),
    Address("invitation-resend", Open.MANAGERS, POSTED, "invitation", lambda scene: [scene.invitation.public_id]),
    _member("member", Open.MEMBERS),
    _member("member-role", Open.MANAGERS, POSTED),
    _member("member-deactivate", Open.MANAGERS, BOTH),
    _member("member-reactivate", Open.MANAGERS, POSTED),
    _member("member-remove", Open.MANAGERS, BOTH),
    _member("ownership", Open.OWNER, BOTH),
    Address("seats-buy", Open.BUYERS, POSTED),
    Address("seats-reduce", Open.BUYERS, POSTED),
    Address("seat-ask", Open.MEMBERS, POSTED),
    Address("seat-request", Open.BUYERS, BOTH, "seat_request", lambda scene: [scene.seat_request.public_id]),
    Address("invitation", Open.ANYONE, BOTH, "", lambda scene: [scene.token]),
    Address("billing-overview", Open.MEMBERS),
    Address("billing-usage", Open.MEMBERS, BOTH),
    Address("plans", Open.MEMBERS),
    Address("trial-start", Open.BUYERS, POSTED),
    Address("quote-create", Open.BUYERS, BOTH),
    Address("preview", Open.MEMBERS),
    Address("schedule-change", Open.BUYERS, POSTED),
    Address("change-withdraw", Open.BUYERS, POSTED, "change", lambda scene: [scene.change.public_id]),
    Address("billing-seats", Open.BUYERS, BOTH),
    Address("billing-add-ons", Open.BUYERS, BOTH),
    Address("billing-cancel", Open.BUYERS, BOTH),
    Address("billing-export", Open.BUYERS, BOTH),
    Address("account-close", Open.OWNER, BOTH),
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
    _invoice("invoice-pay", POSTED),
    _invoice("invoice-status"),
    _invoice("invoice-return"),
    _invoice("invoice-withdraw", POSTED),
    Address("confirm-payment", Open.ANYONE, READ, "", lambda scene: ["unknown-token"]),
    Address("confirm-payment-status", Open.ANYONE, READ, "", lambda scene: ["unknown-token"]),
    Address("confirm-payment-return", Open.ANYONE, READ, "", lambda scene: ["unknown-token"]),
    Address("billing-details", Open.BUYERS, BOTH),
    Address("terms", Open.ANYONE, READ, "", lambda scene: [scene.order.terms_version]),
    # Help, and the chat with the operator's team
    Address("help", Open.ANYONE),
    Address("help-centre", Open.ANYONE, in_language=True),
    Address("help-article", Open.ANYONE, READ, "", lambda scene: ["upgrade-your-account"], in_language=True),
    Address("help-search", Open.ANYONE, in_language=True),
    Address("help-opinion", Open.ANYONE, POSTED, "", lambda scene: ["upgrade-your-account"], in_language=True),
    Address("chat", Open.ANYONE, BOTH),
    Address("chat-unread", Open.ANY_MEMBER),
    Address("chat-suggest", Open.ANY_MEMBER),
    _conversation("chat-conversation", BOTH),
    _conversation("chat-news"),
    _conversation("chat-typing", POSTED),
    _conversation("chat-satisfaction", POSTED),
    Address("chat-attachment", Open.ANY_MEMBER, READ, "attachment", lambda scene: [scene.attachment.public_id]),
    # The operator's team
    Address("inbox", Open.OPERATORS),
    Address("desk-help", Open.OPERATORS),
    _desk("desk-conversation", BOTH),
    _desk("desk-news"),
    _desk("desk-typing", POSTED),
    Address("desk-attachment", Open.OPERATORS, READ, "attachment", lambda scene: [scene.attachment.public_id]),
    Address("desk-answers", Open.OPERATORS, BOTH),
    Address("desk-answer", Open.OPERATORS, BOTH, "canned_answer", lambda scene: [scene.canned_answer.public_id]),
    Address("desk-hours", Open.OPERATORS, BOTH),
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

MACHINES: Final = (
    # JSON for the host product's server, behind a key: tests/interfaces/api
    Address("api-usage", Open.ANYONE, ("PUT",), "", lambda scene: [scene.account.public_id, "records"]),
    Address("api-may", Open.ANYONE, READ, "", lambda scene: [scene.account.public_id]),
    Address("api-snapshot", Open.ANYONE, READ, "", lambda scene: [scene.account.public_id]),
)

BY_NAME: Final = {address.name: address for address in ADDRESSES}


def visitor(scene: Scene, address: Address) -> Member | Operator | None:
    """Who may open an address; what anybody may open is opened by nobody."""
    if address.to is Open.ANYONE:
        return None
    return scene.operator if address.to is Open.OPERATORS else scene.cast.owner


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
