"""VAT numbers: normalised, of the buyer's country, with their check digit (python-stdnum; VIES is not asked)."""

import re
from typing import Final

from stdnum.ch import vat as swiss
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian

from palier.apps.catalogue.countries import EU
from palier.apps.tax.refusals import FieldRefusal
from palier.apps.tax.territories import FRENCH

LONGEST: Final = 20
_SEPARATORS: Final = re.compile(r"[\s.\-/·:]+")
_PLAIN: Final = re.compile(r"[A-Z0-9]+")
_BRITISH: Final = frozenset({"GB", "IM"})
_PREFIXES: Final = (EU - {"GR"}) | {"EL", "XI", "GB"}
_EXAMPLES: Final = {"FR": "FR44732829320", "DE": "DE136695976", "BE": "BE0428759497", "EL": "EL094259216"}


class VatNumberMalformed(FieldRefusal):
    code = "details.vat_number_malformed"
    en = (
        "This is not a VAT number of the chosen country: a character is missing or mistyped{example_en}. "
        "Correct it, or leave it empty to buy without one."
    )
    fr = (
        "Ce n’est pas un numéro de TVA du pays choisi\u202f: un caractère manque ou est erroné{example_fr}. "
        "Corrigez-le, ou laissez le champ vide pour acheter sans numéro."
    )


class VatNumberOfOtherCountry(FieldRefusal):
    code = "details.vat_number_of_other_country"
    en = (
        "This VAT number begins with {found}, but those of the chosen country begin with {wanted}. "
        "Correct one or the other."
    )
    fr = (
        "Ce numéro de TVA commence par {found}, mais ceux du pays choisi commencent par {wanted}. "
        "Corrigez l’un ou l’autre."
    )


class VatNumberOfPerson(FieldRefusal):
    code = "details.vat_number_of_person"
    en = "A person has no VAT number. Choose “Company”, or leave it empty."
    fr = "Un particulier n’a pas de numéro de TVA. Choisissez «\u202fEntreprise\u202f», ou laissez le champ vide."


def prefix_of(country: str) -> str:
    """What a country's VAT numbers begin with: EL for Greece, FR for Monaco and the French overseas departments."""
    if country in FRENCH:
        return "FR"
    return "EL" if country == "GR" else country


def fits(number: str, country: str) -> bool:
    """Whether a number is a valid one of a member state; never for an empty one."""
    return number.startswith(prefix_of(country)) and bool(european.is_valid(number))


def normalised(typed: str, country: str) -> str:
    """The number as an invoice carries it, or a refusal. Empty stays empty.

    Separators are dropped and a missing country prefix is added. Outside the European Union, numbers of the United
    Kingdom, Switzerland and Norway are checked; others have no effect on the tax and are kept as they are.
    """
    number = _SEPARATORS.sub("", typed).upper()
    if not number:
        if typed.strip():
            raise _malformed(country)
        return ""
    if not _PLAIN.fullmatch(number) or len(number) > LONGEST:
        raise _malformed(country)
    if country in EU or country in FRENCH:
        return _of_member_state(number, country)
    return _of_elsewhere(number, country)


def _of_member_state(number: str, country: str) -> str:
    wanted = prefix_of(country)
    if country == "GR" and number.startswith("GR"):
        number = "EL" + number[2:]
    for candidate in (number, wanted + number):
        if fits(candidate, country):
            return str(european.validate(candidate))
    if number[:2] in _PREFIXES and number[:2] != wanted:
        raise VatNumberOfOtherCountry("vat_number", found=number[:2], wanted=wanted)
    raise _malformed(country)


def _of_elsewhere(number: str, country: str) -> str:
    try:
        if country in _BRITISH:
            prefix = "XI" if number.startswith("XI") else "GB"
            return prefix + str(british.validate(number.removeprefix("XI").removeprefix("GB")))
        if country in ("CH", "LI"):
            return str(swiss.validate(number))
        if country == "NO":
            return str(norwegian.validate(number))
    except ValidationError:
        raise _malformed(country) from None
    return number


def _malformed(country: str) -> VatNumberMalformed:
    example = _EXAMPLES.get(prefix_of(country), "")
    return VatNumberMalformed(
        "vat_number",
        example_en=f" (it looks like {example})" if example else "",
        example_fr=f" (il ressemble à {example})" if example else "",
    )
