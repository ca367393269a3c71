"""The seller's own numbers."""

from stdnum.eu import vat
from stdnum.fr import siren

from palier.apps.catalogue.countries import EU


def siren_mistake(text: str) -> str | None:
    """What is wrong with a SIREN, or None."""
    if text.isdigit() and siren.is_valid(text):
        return None
    return f"“{text}” is not a SIREN: nine digits, the last of them a check digit"


def vat_number_mistake(text: str, country: str, siren_number: str) -> str | None:
    """What is wrong with the VAT number of a seller in the country, or None."""
    if country not in EU:
        return None  # the mistake is the country
    prefix = {"GR": "EL"}.get(country, country)
    if not text.startswith(prefix):
        return f"the VAT number of a seller in {country} begins with {prefix}"
    if not vat.is_valid(text) or vat.compact(text) != text:
        return f"“{text}” is not a VAT number: its check digit does not fit, or it is not written without spaces"
    if country == "FR" and siren_number and not text.endswith(siren_number):
        return f"it does not end in the SIREN {siren_number}"
    return None
