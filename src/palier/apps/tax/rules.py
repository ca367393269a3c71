"""Which VAT a sale carries, by seller, buyer and day.

| The buyer is                                            | The sale carries                                      |
|---------------------------------------------------------|-------------------------------------------------------|
| in the seller's country (Monaco counts as France)       | the seller's rate, with or without a VAT number       |
| a business with a VAT number in another member state    | none: reverse charge (articles 44 and 196)            |
| anyone else in another member state                     | the seller's rate, or theirs if the seller is in OSS  |
| in Guadeloupe, Martinique, Réunion, with a French seller | the rate of article 296 of the CGI                   |
| in Guyane or Mayotte, with a French seller              | none (article 294, 1 of the CGI)                      |
| anywhere else                                           | none: outside the European Union (articles 44, 58)    |

Articles are of Directive 2006/112/EC. Without OSS, the seller's rate for consumers and for businesses without a number
supposes that such sales abroad stay under 10,000 euros a year (article 59c); above it the seller must register and set
``oss_registered``. A VAT number is checked by its form and check digit, not against VIES.
"""

from datetime import date
from typing import Final

from palier.apps.catalogue.values import Seller
from palier.apps.tax import rates, territories, vat_numbers
from palier.apps.tax.buyers import Buyer
from palier.engine.taxes import TaxRule

STANDARD: Final = "S"
REVERSE_CHARGE: Final = "AE"
OUTSIDE_SCOPE: Final = "O"


def rule_for(buyer: Buyer, seller: Seller, on: date) -> TaxRule:
    """The one rule for everything that the seller invoices to the buyer on a day, in the seller's time zone."""
    home = seller.country
    place = territories.of(buyer.country, buyer.postcode)
    if place in territories.FRENCH_TAXED | territories.FRENCH_UNTAXED and home != "FR":
        place = territories.OUTSIDE
    if place == territories.OUTSIDE:
        return TaxRule(0, OUTSIDE_SCOPE, buyer.country, "outside_eu")
    if place in territories.FRENCH_UNTAXED:
        return TaxRule(0, OUTSIDE_SCOPE, place, "french_overseas")
    if place == home or place in territories.FRENCH_TAXED:
        return _standard(place, on)
    if buyer.kind == "company" and vat_numbers.fits(buyer.vat_number, place):
        return TaxRule(0, REVERSE_CHARGE, place, "reverse_charge")
    return _standard(place if seller.oss_registered else home, on)


def _standard(country: str, on: date) -> TaxRule:
    return TaxRule(rates.rate_ppm(country, on), STANDARD, country)
