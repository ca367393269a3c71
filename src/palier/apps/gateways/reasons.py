"""Why a payment failed: stable codes, plain words in both languages and what the customer can do next.

Every gateway's own codes are translated into these. Lost and stolen cards are told with the words of a general
decline: the person at the screen may not be the card's owner.
"""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``final``: the card networks forbid another try with the same card. ``said_by``: whose no it was;
    the bank's count as tries of a card, and what the customer broke off at their bank tells a thief something too."""

    code: str
    en: str
    fr: str
    next_en: str
    next_fr: str
    final: bool = False
    said_by: Literal["bank", "customer", "us"] = "us"

    @property
    def told(self) -> str:
        """The code that a page may show: a lost or stolen card is told as a general decline in its markup too."""
        return "declined" if self.en == REASONS["declined"].en else self.code

    def words(self, language: str) -> str:
        """What happened, in ``language`` ("fr" or anything else for English)."""
        return self.fr if language.startswith("fr") else self.en

    def next_step(self, language: str) -> str:
        """What the customer can do now, in ``language``."""
        return self.next_fr if language.startswith("fr") else self.next_en


OTHER_CARD_EN: Final = "Use another card, or ask your bank."
OTHER_CARD_FR: Final = "Utilisez une autre carte ou contactez votre banque."

TRIED_TOO_OFTEN: Final = "tried_too_often"
EXPIRED: Final = "authentication_expired"

_ALL: Final = (
    Reason(
        "declined",
        "Your bank declined the payment.",
        "Votre banque a refusé le paiement.",
        OTHER_CARD_EN,
        OTHER_CARD_FR,
        said_by="bank",
    ),
    Reason(
        "insufficient_funds",
        "The funds on this card are not sufficient.",
        "Le solde de cette carte est insuffisant.",
        "Use another card, or try again once the account is funded.",
        "Utilisez une autre carte ou réessayez une fois le compte approvisionné.",
        said_by="bank",
    ),
    Reason(
        "lost_card",
        "Your bank declined the payment.",
        "Votre banque a refusé le paiement.",
        OTHER_CARD_EN,
        OTHER_CARD_FR,
        final=True,
        said_by="bank",
    ),
    Reason(
        "stolen_card",
        "Your bank declined the payment.",
        "Votre banque a refusé le paiement.",
        OTHER_CARD_EN,
        OTHER_CARD_FR,
        final=True,
        said_by="bank",
    ),
    Reason(
        "expired_card",
        "This card has expired.",
        "Cette carte est expirée.",
        "Use another card.",
        "Utilisez une autre carte.",
        final=True,
        said_by="bank",
    ),
    Reason(
        "incorrect_cvc",
        "The security code is not the one of this card.",
        "Le cryptogramme ne correspond pas à cette carte.",
        "Enter the card again and check its security code.",
        "Saisissez de nouveau la carte et vérifiez son cryptogramme.",
        said_by="bank",
    ),
    Reason(
        "processing_error",
        "The bank could not handle the payment just now.",
        "La banque n’a pas pu traiter le paiement à l’instant.",
        "Try again in a moment, or use another card.",
        "Réessayez dans un instant ou utilisez une autre carte.",
        said_by="bank",
    ),
    Reason(
        "authentication_failed",
        "The confirmation with your bank did not succeed.",
        "La confirmation auprès de votre banque n’a pas abouti.",
        "Try again and confirm, or use another card.",
        "Réessayez et confirmez, ou utilisez une autre carte.",
        said_by="bank",
    ),
    Reason(
        "authentication_refused",
        "You refused the payment on your bank’s page.",
        "Vous avez refusé le paiement sur la page de votre banque.",
        "Try again, or use another card.",
        "Réessayez ou utilisez une autre carte.",
        said_by="customer",
    ),
    Reason(
        EXPIRED,
        "The payment was not confirmed with your bank in time.",
        "Le paiement n’a pas été confirmé à temps auprès de votre banque.",
        "Start the payment again.",
        "Recommencez le paiement.",
        said_by="customer",
    ),
    Reason(
        "canceled",
        "The payment was withdrawn.",
        "Le paiement a été annulé.",
        "Start the payment again when you wish.",
        "Recommencez le paiement quand vous le souhaitez.",
        said_by="customer",
    ),
    Reason(
        "not_sent_in_time",
        "We could not send the payment to your bank in time.",
        "Nous n’avons pas pu transmettre le paiement à votre banque à temps.",
        "Start the payment again.",
        "Recommencez le paiement.",
    ),
    Reason(
        "not_arrived",
        "The payment did not reach your bank.",
        "Le paiement n’est pas parvenu à votre banque.",
        "Start the payment again.",
        "Recommencez le paiement.",
    ),
    Reason(
        TRIED_TOO_OFTEN,
        "This card has been declined too often within a month, so your bank was not asked again.",
        "Cette carte a été refusée trop souvent en un mois\u202f: votre banque n’a pas été sollicitée à nouveau.",
        "Use another card.",
        "Utilisez une autre carte.",
    ),
    Reason(
        "refunded",
        "The payment did not fit your order; what your bank had set aside for it goes back to your card.",
        "Le paiement ne correspondait pas à votre commande\u202f; ce que votre banque avait réservé revient sur votre "
        "carte.",
        "Start the payment again.",
        "Recommencez le paiement.",
    ),
    Reason(
        "gateway_refused",
        "The payment service did not accept the request.",
        "Le service de paiement n’a pas accepté la demande.",
        "Use another card. If this happens again, write to us.",
        "Utilisez une autre carte. Si cela se reproduit, écrivez-nous.",
    ),
)

REASONS: Final = {reason.code: reason for reason in _ALL}

BY_THE_BANK: Final = tuple(reason.code for reason in _ALL if reason.said_by == "bank")
BY_US: Final = tuple(reason.code for reason in _ALL if reason.said_by == "us")


def reason(code: str) -> Reason:
    """The reason behind a code; a code that we do not know is told as a general decline."""
    return REASONS.get(code, REASONS["declined"])


def known_reason(code: str) -> str:
    """The stable code for what a gateway said: its own when we know it, else ``declined``."""
    return code if code in REASONS else "declined"
