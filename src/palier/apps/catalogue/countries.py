"""Countries by ISO 3166-1 alpha-2, their names, and the members of the European Union."""

from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

from babel import Locale
from django_countries.data import COUNTRIES as _ISO

from palier.kit.formats import locale_of

COUNTRIES: Final = frozenset(_ISO)

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU: Final = frozenset(_EU.split())


@lru_cache(maxsize=8)
def names(language: str) -> dict[str, str]:
    """Every country's name in the reader's language, in its alphabetical order as far as plain letters go."""
    territories = Locale.parse(locale_of(language)).territories
    named = {code: territories.get(code, code) for code in COUNTRIES}
    return dict(sorted(named.items(), key=lambda item: _plain(item[1])))


def _plain(name: str) -> str:
    return "".join(letter for letter in normalize("NFKD", name.casefold()) if not combining(letter))
