"""Where an address lies for VAT, which is not always where it lies on the map.

Directive 2006/112/EC: article 6 leaves out parts of member states (the Canary Islands, Ceuta and Melilla, Livigno,
Büsingen, Helgoland, Mount Athos, Åland, the French overseas departments); article 7 counts Monaco as France. For
services, Northern Ireland is as the rest of the United Kingdom (its protocol covers goods only). French law taxes
services to Guadeloupe, Martinique and Réunion at the rate of article 296 of the CGI, and not at all to Guyane and
Mayotte (article 294, 1; impots.gouv.fr, "TVA sur prestations de services métropole/DOM").
"""

import re
from typing import Final

from palier.apps.catalogue.countries import EU

OUTSIDE: Final = ""
FRENCH_TAXED: Final = frozenset({"GP", "MQ", "RE"})
FRENCH_UNTAXED: Final = frozenset({"GF", "YT"})
FRENCH: Final = frozenset({"FR", "MC"}) | FRENCH_TAXED | FRENCH_UNTAXED

_TREATED_AS: Final = {"MC": "FR", **{country: country for country in FRENCH_TAXED | FRENCH_UNTAXED}}
# People overseas often write "France" and their postcode.
_FRENCH_POSTCODES: Final = (
    ("97133", OUTSIDE),  # Saint-Barthélemy
    ("97150", OUTSIDE),  # Saint-Martin
    ("971", "GP"),
    ("972", "MQ"),
    ("973", "GF"),
    ("974", "RE"),
    ("975", OUTSIDE),  # Saint-Pierre-et-Miquelon
    ("976", "YT"),
    ("986", OUTSIDE),  # Wallis-et-Futuna
    ("987", OUTSIDE),  # French Polynesia
    ("988", OUTSIDE),  # New Caledonia
)
_LEFT_OUT: Final = {
    "ES": re.compile(r"(35|38|51|52)\d{3}"),  # Canary Islands, Ceuta, Melilla
    "IT": re.compile(r"23041|22061"),  # Livigno, Campione d'Italia
    "DE": re.compile(r"78266|27498"),  # Büsingen, Helgoland
    "GR": re.compile(r"6308[67]"),  # Mount Athos
    "FI": re.compile(r"22\d{3}"),  # Åland
}


def of(country: str, postcode: str) -> str:
    """The territory whose VAT applies to services for this address: a member state, "GP", "MQ", "RE", "GF", "YT", or
    OUTSIDE."""
    digits = postcode.replace(" ", "")
    if country == "FR":
        return next((place for start, place in _FRENCH_POSTCODES if digits.startswith(start)), "FR")
    if country in _LEFT_OUT and _LEFT_OUT[country].fullmatch(digits):
        return OUTSIDE
    return country if country in EU else _TREATED_AS.get(country, OUTSIDE)
