"""What the tests of the checkout send and look for."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import BillingProfile
from palier.apps.catalogue import current
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from tests.world import DETAILS

SHOWN = DETAILS.keys() - {"region"}  # French addresses have none
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


def path_of(quote: Quote) -> str:
    return f"/checkout/{quote.public_id}/"


def sent(language: str = "en", **typed: str) -> dict[str, str]:
    """What the form sends on Pay; more or other fields by name."""
    terms = current().terms
    accepted = {"terms": "accepted", "terms_version": terms.version, "terms_sha256": terms.sha256(language)}
    return {**DETAILS, **accepted, "card": "new", "action": "pay", **typed}


def nothing_happened() -> bool:
    """No order, no payment, and the details as they were saved."""
    return not Order.objects.exists() and not Payment.objects.exists() and saved_details() == DETAILS


def saved_details() -> dict[str, str]:
    profile = BillingProfile.objects.get()
    return {name: getattr(profile, name) for name in DETAILS}


def expire(quote: Quote) -> None:
    """The promise was made an hour ago."""
    hour = timedelta(hours=1)
    Quote.objects.filter(pk=quote.pk).update(created_at=quote.created_at - hour, expires_at=quote.expires_at - hour)


def plain_words(text: str) -> str:
    from tests.interfaces.pages import plain

    return plain(text)


WRONG_DETAILS = [
    ("name", "x" * 10_000, "at most 200 characters", "200 caractères au plus"),
    ("name", "Cabinet\x07Lumière", "invisible control character (U+0007)", "caractère de contrôle invisible (U+0007)"),
    ("name", "Cabinet\0Lumière", "invisible control character (U+0000)", "caractère de contrôle invisible (U+0000)"),
    ("name", "\u202eerèimuL", "invisible control character (U+202E)", "caractère de contrôle invisible (U+202E)"),
    ("name", "   ", "please fill in this field", "veuillez remplir ce champ"),
    ("name", "!!!", "no letter or digit", "ni lettre ni chiffre"),
    ("address", "", "please fill in this field", "veuillez remplir ce champ"),
    ("address", "1\n2\n3\n4\n5\n6", "at most 4 lines", "4 lignes au plus"),
    ("postcode", "ABC", "", ""),
    ("country", "ZZ", "Choose a country from the list", "Choisissez un pays dans la liste"),
    ("country", "FR\0", "Choose a country from the list", "Choisissez un pays dans la liste"),
    ("vat_number", "FR00123456789", "This is not a VAT number", "Ce n'est pas un numéro de TVA"),
    ("vat_number", "DE136695976", "begins with DE", "commence par DE"),
    ("vat_number", "FR\u202e44732829320", "control character", "caractère de contrôle"),
    ("email", "nobody", "This is not an e-mail address", "Ce n'est pas une adresse e-mail"),
    ("email", "a@b.example\nBcc: c@d.example", "control character (U+000A)", "caractère de contrôle"),
    ("po_number", "9" * 51, "at most 50 characters", "50 caractères au plus"),
    ("kind", "robot", "Choose whether a company or a person buys", "une entreprise ou un particulier"),
]


def same_text(shown: str, typed: str) -> bool:
    """HTML can carry neither a NUL nor a line break in a one-line field."""
    return shown.replace("\ufffd", "") == typed.replace("\0", "") or shown == typed.replace("\n", "")
