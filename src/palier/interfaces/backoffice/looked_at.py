"""What a customer looked at when they wrote: the screen, the promise, the invoice, the line, the refusal, in words.

What the customer read is told in the language of the conversation, word for word as they have it before them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palier.apps.catalogue import versions
from palier.apps.chat.models import Message
from palier.apps.gateways.reasons import REASONS
from palier.apps.orders.models import Quote
from palier.interfaces.ui.lines import ShownLine, draft_of, invoiced_line, shown_lines, titles_of
from palier.kit import formats
from palier.kit.refusals import Refusal

SCREENS: Final = {
    "home": gettext_lazy("Home page"),
    "settings": gettext_lazy("Admin settings"),
    "members": gettext_lazy("Members"),
    "member": gettext_lazy("A member"),
    "billing-overview": gettext_lazy("Overview"),
    "billing-usage": gettext_lazy("Usage"),
    "plans": gettext_lazy("Plans"),
    "billing-seats": gettext_lazy("Users"),
    "billing-add-ons": gettext_lazy("Add-ons"),
    "billing-cancel": gettext_lazy("Cancellation"),
    "billing-export": gettext_lazy("Export"),
    "account-close": gettext_lazy("Closing of the account"),
    "checkout": gettext_lazy("Checkout"),
    "order": gettext_lazy("Order"),
    "payment-method": gettext_lazy("Payment method"),
    "invoices": gettext_lazy("Invoices"),
    "invoice": gettext_lazy("Invoice"),
    "billing-details": gettext_lazy("Billing details"),
    "confirm-payment": gettext_lazy("Confirmation of a payment"),
    "clock": gettext_lazy("Test clock"),
    "help": gettext_lazy("Help centre"),
    "help-article": gettext_lazy("Article of the help centre"),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """A quote, an order or an invoice: what it is, its public id or number, and how it stands."""

    what: str
    name: str
    stands: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal that stood on the screen, in the customer's language; ``text`` empty where the code is unknown."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """``screen`` in the team's words with its ``path``; ``line`` in the customer's, amounts in ``currency``."""

    screen: str
    path: str
    things: tuple[Thing, ...]
    line: ShownLine | None
    currency: str
    refused: Refused | None


def looked_at(message: Message, language: str) -> LookedAt | None:
    """None where nothing is known. The message comes with all that ``flows.conversations.inbox_open`` reads with it."""
    line, currency = _line(message, language)
    found = LookedAt(
        screen=_screen(message.screen),
        path=message.screen,
        things=tuple(_things(message)),
        line=line,
        currency=currency,
        refused=_refused(message.refusal_code, language) if message.refusal_code else None,
    )
    return found if found.path or found.things or found.refused else None


def _screen(path: str) -> str:
    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return ""
    return str(SCREENS.get(name, ""))


def _things(message: Message) -> Iterator[Thing]:
    language = translation.get_language() or "en"
    if message.quote is not None:
        quote = message.quote
        yield Thing(
            _("Quote"),
            quote.public_id,
            f"{_wanted(quote)}, {formats.money(quote.total_minor, quote.currency, language)}",
        )
    if message.order is not None:
        states = {"open": _("being paid"), "settled": _("paid"), "closed": _("not carried out")}
        yield Thing(_("Order"), message.order.public_id, states[message.order.state])
    if message.invoice is not None:
        invoice = message.invoice
        yield Thing(
            _("Invoice"),
            invoice.number,
            f"{formats.money(invoice.total_minor, invoice.currency, language)}, {invoice_state(invoice.state)}",
        )


def _wanted(quote: Quote) -> str:
    language = translation.get_language() or "en"
    plan = _sold_from(quote).plan(quote.plan).name(language)
    every = _("by the year") if quote.interval == "year" else _("by the month")
    return _("%(plan)s %(every)s, %(seats)s users") % {
        "plan": plan,
        "every": every,
        "seats": formats.whole_number(quote.seats + quote.other_seats, language),
    }


def invoice_state(state: str) -> str:
    """How an invoice stands."""
    return {
        "open": _("to be paid"),
        "paid": _("paid"),
        "void": _("void"),
        "uncollectible": _("written off"),
    }[state]


def _line(message: Any, language: str) -> tuple[ShownLine | None, str]:
    """The line that was asked about, explained as the customer sees it, and its currency."""
    if message.line is None:
        return None, ""
    with translation.override(language):
        quote = message.quote or _bought_by(message)
        if quote is not None:
            draft = draft_of(quote)
            lines = shown_lines(draft, titles_of(draft, _sold_from(quote)))
            return (lines[message.line - 1] if 0 < message.line <= len(lines) else None), draft.currency
        if message.invoiced is None:
            return None, ""
        said, invoice = message.invoiced, message.invoice
        return invoiced_line(message.line, said["detail"], said["title"], invoice), invoice.currency


def _bought_by(message: Message) -> Quote | None:
    """The promise behind an order, or behind the invoice of one."""
    order = getattr(message.invoice, "order", None)
    return order.quote if order is not None else None


def _sold_from(quote: Quote) -> Any:
    return versions.known(quote.catalogue_version_id, quote.catalogue_version.sha256)


class _Unsaid(dict[str, "_Unsaid"]):
    """Whatever a refusal's text names: it was known when the refusal was raised, and is three dots now."""

    def __missing__(self, name: str) -> "_Unsaid":
        return self

    def __format__(self, _how: str) -> str:
        return "…"


def _refused(code: str, language: str) -> Refused:
    french = language.startswith("fr")
    for kind in _kinds(Refusal):
        if kind.code == code:
            return Refused(code, (kind.fr if french else kind.en).format_map(_Unsaid()))
    reason = REASONS.get(code.rpartition(".")[2])
    return Refused(code, f"{reason.words(language)} {reason.next_step(language)}" if reason else "")


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        if hasattr(each, "code"):
            yield each
        yield from _kinds(each)
