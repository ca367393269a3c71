"""Refusals of what a buyer typed: one for each field, all of them together."""

from collections.abc import Mapping
from typing import Final

from palier.kit.refusals import Refusal

LABELS: Final = {
    "kind": ("Company or person", "Entreprise ou particulier"),
    "name": ("Name", "Nom"),
    "address": ("Address", "Adresse"),
    "postcode": ("Postcode", "Code postal"),
    "city": ("City", "Ville"),
    "region": ("Region", "Région"),
    "country": ("Country", "Pays"),
    "vat_number": ("VAT number", "Numéro de TVA"),
    "email": ("Billing e-mail", "E-mail de facturation"),
    "po_number": ("Purchase order number", "Numéro de bon de commande"),
}


class FieldRefusal(Refusal):
    """A refusal of one field's content; its texts may use ``{label_en}`` and ``{label_fr}``."""

    def __init__(self, field: str, **details: object) -> None:
        label_en, label_fr = LABELS[field]
        super().__init__(field=field, label_en=label_en, label_fr=label_fr, **details)


class FieldRefusals(Refusal):
    """Every field that is wrong, with its own refusal, so that a form shows them all and loses nothing.

    ``by_field`` keeps the order of the form; ``field`` is the first of them.
    """

    code = "details.wrong"
    en = "Some billing details need a correction; each field says which. Nothing was saved or taken."
    fr = (
        "Certaines coordonnées de facturation sont à corriger\u202f; chaque champ indique comment. "
        "Rien n’a été enregistré ni prélevé."
    )

    def __init__(self, by_field: Mapping[str, Refusal]) -> None:
        super().__init__(field=next(iter(by_field)))
        self.by_field = dict(by_field)


class Missing(FieldRefusal):
    code = "details.missing"
    en = "{label_en}: please fill in this field."
    fr = "{label_fr}\u202f: veuillez remplir ce champ."


class TooLong(FieldRefusal):
    code = "details.too_long"
    en = "{label_en}: at most {most} characters, and this has {length}. Please shorten it."
    fr = "{label_fr}\u202f: {most} caractères au plus, et il y en a {length}. Veuillez raccourcir."


class TooManyLines(FieldRefusal):
    code = "details.too_many_lines"
    en = "{label_en}: at most {most} lines. Please join some of them."
    fr = "{label_fr}\u202f: {most} lignes au plus. Veuillez en réunir quelques-unes."


class ForbiddenCharacter(FieldRefusal):
    code = "details.forbidden_character"
    en = "{label_en}: this holds an invisible control character ({character}). Please type the text again without it."
    fr = (
        "{label_fr}\u202f: ce texte contient un caractère de contrôle invisible ({character}). "
        "Veuillez le ressaisir sans lui."
    )


class NothingReadable(FieldRefusal):
    code = "details.nothing_readable"
    en = "{label_en}: there is no letter or digit in it. Please write it out."
    fr = "{label_fr}\u202f: ce texte ne contient ni lettre ni chiffre. Veuillez l’écrire en toutes lettres."


class KindUnknown(FieldRefusal):
    code = "details.kind_unknown"
    en = "Choose whether a company or a person buys."
    fr = "Indiquez si l’acheteur est une entreprise ou un particulier."


class CountryUnknown(FieldRefusal):
    code = "details.country_unknown"
    en = "Choose a country from the list."
    fr = "Choisissez un pays dans la liste."


class EmailMalformed(FieldRefusal):
    code = "details.email_malformed"
    en = "This is not an e-mail address. It looks like name@company.com."
    fr = "Ce n’est pas une adresse e-mail. Elle ressemble à nom@entreprise.fr."
