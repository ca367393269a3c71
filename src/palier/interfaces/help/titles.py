"""The words of the help centre's shelves, and of the screens that its articles lead to."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from palier.apps.accounts.models import Member
from palier.apps.help.library import COLLECTIONS


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles that belong together."""

    key: str
    title: str | Promise
    summary: str | Promise
    icon: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of the product that an article explains, and where it is."""

    title: str | Promise
    address: str


_COLLECTIONS: Final = (
    Collection("upgrade", _("Plans and upgrades"), _("Choose a plan, move to another, and know what it costs."), "up"),
    Collection(
        "seats", _("Users and seats"), _("Invite people, add or give up seats, know who may do what."), "people"
    ),
    Collection(
        "money", _("Payments and invoices"), _("Cards, invoices and VAT, and how each sum comes about."), "card"
    ),
    Collection("leaving", _("Downgrade or leave"), _("A smaller plan, the end, and how to take your data."), "door"),
    Collection("operators", _("For product teams"), _("Connect your own product to plans, limits and seats."), "plug"),
)
BY_KEY: Final = {collection.key: collection for collection in _COLLECTIONS}
IN_ORDER: Final = tuple(BY_KEY[key] for key in COLLECTIONS)

_FOR_MEMBERS: Final = {
    "members": _("Members"),
    "settings": _("Admin settings"),
    "billing-overview": _("Overview"),
    "billing-usage": _("Usage"),
    "plans": _("Plans"),
    "account-close": _("Close the account for good"),
}
_FOR_BUYERS: Final = {
    "billing-seats": _("Users"),
    "billing-add-ons": _("Add-ons"),
    "payment-method": _("Payment method"),
    "invoices": _("Invoices"),
    "billing-details": _("Billing details"),
    "billing-cancel": _("Cancel the subscription"),
    "billing-export": _("Export the data"),
}


def screens(names: tuple[str, ...], reader: Member | None) -> list[Screen]:
    """Those of an article's screens that stand at one address and that this reader may open."""
    if reader is None or reader.restricted:
        return []
    open_to_reader = _FOR_MEMBERS | _FOR_BUYERS if reader.may_buy else _FOR_MEMBERS
    return [Screen(open_to_reader[name], reverse(name)) for name in names if name in open_to_reader]
