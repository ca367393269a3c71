"""The sentence that an invoice without VAT must carry, by the ``note`` of its tax rule."""

from typing import Final

_DIRECTIVE: Final = {
    "reverse_charge": (
        "Reverse charge: VAT is due by the customer (article 196 of Directive 2006/112/EC).",
        "Autoliquidation\u202f: la TVA est due par le preneur (article 196 de la directive 2006/112/CE).",
    ),
    "outside_eu": (
        "Not subject to VAT: the customer is established outside the territory of the European Union for VAT "
        "(articles 44 and 58 of Directive 2006/112/EC).",
        "Non soumis à la TVA\u202f: le preneur est établi hors du territoire de l’Union européenne au sens de la TVA "
        "(articles 44 et 58 de la directive 2006/112/CE).",
    ),
}
_FRENCH: Final = {
    "reverse_charge": (
        "Reverse charge: VAT is due by the customer (article 283, 2 of the French tax code, article 196 of Directive "
        "2006/112/EC).",
        "Autoliquidation\u202f: la TVA est due par le preneur (article 283, 2 du CGI, article 196 de la directive "
        "2006/112/CE).",
    ),
    "outside_eu": (
        "Not subject to French VAT: the customer is established outside the territory of the European Union for VAT "
        "(articles 259 and 259 D of the French tax code).",
        "TVA non applicable\u202f: le preneur est établi hors du territoire de l’Union européenne au sens de la TVA "
        "(articles 259 et 259 D du CGI).",
    ),
    "french_overseas": (
        "VAT does not apply in Guyane and Mayotte (article 294, 1 of the French tax code).",
        "TVA non applicable en Guyane et à Mayotte (article 294, 1 du CGI).",
    ),
}


def mention(note: str, seller_country: str, language: str) -> str:
    """The sentence in the reader's language, French for ``fr…`` and else English; empty for a note without one."""
    texts = (_FRENCH if seller_country == "FR" else _DIRECTIVE).get(note, ("", ""))
    return texts[1] if language.startswith("fr") else texts[0]
