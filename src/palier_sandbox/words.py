"""Every sentence of the service's pages, in English and French."""

from typing import Final

LANGUAGES: Final = ("en", "fr")

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "card": ("Card", "Carte"),
    "number": ("Card number", "Numéro de carte"),
    "expiry": ("Expiry", "Expiration"),
    "expiry_format": ("MM / YY", "MM / AA"),
    "code": ("Security code", "Cryptogramme"),
    "save": ("Save card", "Enregistrer la carte"),
    "change": ("Change card", "Changer de carte"),
    "keep": ("Keep the saved card", "Garder la carte enregistrée"),
    "saved": ("Card saved", "Carte enregistrée"),
    "expires": ("expires", "expire fin"),
    "number_missing": ("Enter the card number.", "Saisissez le numéro de carte."),
    "number_wrong": (
        "This card number is not right: check its digits.",
        "Ce numéro de carte est inexact : vérifiez les chiffres.",
    ),
    "number_short": ("The card number is not complete.", "Le numéro de carte est incomplet."),
    "number_brand": (
        "Visa, Mastercard and American Express are accepted.",
        "Les cartes Visa, Mastercard et American Express sont acceptées.",
    ),
    "number_real": (
        "This is a test service: use a test card, for example 4242 4242 4242 4242.",
        "Ceci est un service de test : utilisez une carte de test, par exemple 4242 4242 4242 4242.",
    ),
    "expiry_missing": ("Enter the expiry date.", "Saisissez la date d’expiration."),
    "expiry_wrong": (
        "Write the expiry as month and year, for example 04 / 29.",
        "Écrivez le mois et l’année, par exemple 04 / 29.",
    ),
    "expiry_past": ("This card has expired.", "Cette carte est expirée."),
    "code_missing": ("Enter the security code.", "Saisissez le cryptogramme."),
    "code_three": (
        "The security code has 3 digits, on the back of the card.",
        "Le cryptogramme compte 3 chiffres, au dos de la carte.",
    ),
    "code_four": (
        "The security code has 4 digits, on the front of the card.",
        "Le cryptogramme compte 4 chiffres, sur le devant de la carte.",
    ),
    "network": (
        "The card could not be saved. Try again in a moment.",
        "La carte n’a pas pu être enregistrée. Réessayez dans un instant.",
    ),
    "fields_refused": ("This form cannot be opened.", "Ce formulaire ne peut pas être ouvert."),
    "fields_refused_why": (
        "Its address is not complete. Nothing was saved; go back to the payment page and load it again.",
        "Son adresse n’est pas complète. Rien n’a été enregistré ; revenez à la page de paiement et rechargez-la.",
    ),
    "bank": ("Your bank", "Votre banque"),
    "bank_asks": ("Your bank asks you to confirm", "Votre banque vous demande de confirmer"),
    "bank_to": ("Merchant", "Marchand"),
    "bank_amount": ("Amount", "Montant"),
    "bank_card": ("Card", "Carte"),
    "bank_what": ("For", "Objet"),
    "confirm": ("Confirm", "Confirmer"),
    "refuse": ("Refuse", "Refuser"),
    "bank_note": (
        "This page plays the part of your bank. No money moves.",
        "Cette page joue le rôle de votre banque. Aucun argent ne circule.",
    ),
    "bank_done": ("You have confirmed this payment.", "Vous avez confirmé ce paiement."),
    "bank_refused": (
        "This payment was not made. Nothing was taken.",
        "Ce paiement n’a pas eu lieu. Rien n’a été prélevé.",
    ),
    "bank_waits": (
        "Your bank has not answered. Nothing was taken so far; you can try again.",
        "Votre banque n’a pas répondu. Rien n’a été prélevé ; vous pouvez réessayer.",
    ),
    "bank_missing": ("There is no payment to confirm here.", "Il n’y a pas de paiement à confirmer ici."),
    "back": ("Back to the merchant", "Revenir chez le marchand"),
    "other_language": ("Français", "English"),
    "unavailable": ("The payment service is not available.", "Le service de paiement est indisponible."),
    "unavailable_why": (
        "Nothing was taken. Try again in a moment.",
        "Rien n’a été prélevé. Réessayez dans un instant.",
    ),
}


def words(language: str) -> dict[str, str]:
    """All sentences in ``language``; in French the space before high punctuation is a narrow no-break one."""
    if language == "fr":
        return {name: _spaced(french) for name, (_, french) in _WORDS.items()}
    return {name: english for name, (english, _) in _WORDS.items()}


def language_of(locale: str) -> str:
    """ "fr" for fr, fr-FR or fr-CA; English for everything else."""
    return "fr" if locale.lower().split("-")[0].split("_")[0] == "fr" else "en"


def preferred_language(accept_language: str) -> str:
    """The first of our languages in an Accept-Language header."""
    for part in accept_language.split(","):
        tag = part.split(";")[0].strip().lower().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return "en"


def _spaced(text: str) -> str:
    for mark in ":;!?":
        text = text.replace(f" {mark}", f"\u202f{mark}")
    return text
