"""Why a step down cannot be scheduled, or not taken back, in both languages. Raised by ``flows.schedule``."""

from palier.kit.refusals import Refusal


class NothingToSchedule(Refusal):
    code = "schedule.nothing_to_schedule"
    en = "This is no step down, so there is nothing to schedule. Nothing was changed; buy it at once on the Plans page."
    fr = (
        "Ce n’est pas une réduction\u202f: il n’y a rien à programmer. Rien n’a changé\u202f; achetez-le tout de "
        "suite sur la page Plans."
    )


class UpAndDown(Refusal):
    code = "schedule.up_and_down"
    en = (
        "A higher plan begins at once, and fewer users begin at the renewal. Nothing was changed; do it in two steps, "
        "the plan first."
    )
    fr = (
        "Un plan supérieur commence tout de suite, une réduction du nombre d’utilisateurs au renouvellement. Rien n’a "
        "changé\u202f; procédez en deux étapes, le plan d’abord."
    )
    field = "seats"


class ShorterIntervalWhileMixed(Refusal):
    code = "schedule.shorter_interval_while_mixed"
    en = (
        "Some of your users are billed monthly already, so annual ones cannot move there. Nothing was changed; let "
        "annual users end at their renewal, and add monthly users when you need them."
    )
    fr = (
        "Une partie de vos utilisateurs est déjà facturée au mois\u202f: les annuels ne peuvent pas les rejoindre. "
        "Rien n’a changé\u202f; laissez prendre fin les utilisateurs annuels à leur renouvellement, et ajoutez-en au "
        "mois quand il vous en faut."
    )
    field = "interval"


class NoSplitAtRenewal(Refusal):
    code = "schedule.no_split"
    en = (
        "Users cannot be divided between monthly and annual billing at a renewal. Nothing was changed; schedule it for "
        "all of them, or add users of the other billing now."
    )
    fr = (
        "Les utilisateurs ne peuvent pas être répartis entre le mois et l’année lors d’un renouvellement. Rien n’a "
        "changé\u202f; programmez-le pour tous, ou ajoutez dès maintenant des utilisateurs à l’autre rythme."
    )
    field = "interval"


class SeatsStillHeld(Refusal):
    code = "schedule.seats_still_held"
    en = (
        "People active: {used}. Invitations waiting: {invited}. They hold {least} seats, so there cannot be fewer. "
        "Nothing was changed; deactivate people or withdraw invitations first."
    )
    fr = (
        "Personnes actives\u202f: {used}. Invitations en attente\u202f: {invited}. Elles occupent {least} "
        "places\u202f: il ne peut y en avoir moins. Rien n’a changé\u202f; désactivez d’abord des personnes ou "
        "retirez des invitations."
    )
    field = "seats"


class NothingWaits(Refusal):
    code = "schedule.nothing_waits"
    en = "This change no longer waits: it was withdrawn or has taken effect. Nothing was changed; see the overview."
    fr = (
        "Ce changement n’est plus en attente\u202f: il a été annulé ou a pris effet. Rien n’a changé\u202f; voyez la "
        "vue d’ensemble."
    )


class NothingToCancel(Refusal):
    code = "cancel.nothing_to_cancel"
    en = "There is no such subscription to cancel. Nothing was changed; the overview shows what you have."
    fr = "Il n’y a pas d’abonnement à résilier. Rien n’a changé\u202f; la vue d’ensemble montre ce que vous avez."


class AlreadyCanceled(Refusal):
    code = "cancel.already_canceled"
    en = "The subscription is canceled already and ends on {ends_on:en}. Nothing was changed; you can withdraw it."
    fr = (
        "L’abonnement est déjà résilié et prend fin le {ends_on:fr}. Rien n’a changé\u202f; vous pouvez annuler la "
        "résiliation."
    )


class CancelWithOpenInvoice(Refusal):
    code = "cancel.invoice_open"
    en = "An invoice is not paid yet. Nothing was changed; pay it under Invoices, then cancel."
    fr = "Une facture n’est pas encore payée. Rien n’a changé\u202f; réglez-la sous Factures, puis résiliez."
