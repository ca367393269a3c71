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
