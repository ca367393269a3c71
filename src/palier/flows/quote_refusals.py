"""Why a choice cannot be quoted, in both languages. Raised by ``flows.quote``."""

from palier.apps.catalogue import Plan
from palier.kit.refusals import Refusal


class PlanUnknown(Refusal):
    code = "quote.plan_unknown"
    en = "This plan does not exist. Nothing was changed; choose one of the plans shown."
    fr = "Ce plan n’existe pas. Rien n’a changé\u202f; choisissez l’un des plans proposés."
    field = "plan"


class IntervalUnknown(Refusal):
    code = "quote.interval_unknown"
    en = "Billing is monthly or annual. Nothing was changed; choose one of the two."
    fr = "La facturation est mensuelle ou annuelle. Rien n’a changé\u202f; choisissez l’une des deux."
    field = "interval"


class SeatsNotANumber(Refusal):
    code = "quote.seats_not_a_number"
    en = "The number of users must be a whole number. Nothing was changed; enter one such as 8."
    fr = "Le nombre d’utilisateurs doit être un nombre entier. Rien n’a changé\u202f; saisissez par exemple 8."
    field = "seats"


class SeatsBelowMinimum(Refusal):
    code = "quote.seats_below_minimum"
    en = "This plan starts at {minimum} user. Nothing was changed; enter {minimum} or more."
    fr = "Ce plan commence à {minimum} utilisateur. Rien n’a changé\u202f; saisissez {minimum} ou davantage."
    field = "seats"


class SeatsBelowMembers(Refusal):
    code = "quote.seats_below_members"
    en = (
        "{members} people are active in your account, so it needs at least {members} users. Nothing was changed; "
        "enter {members} or more."
    )
    fr = (
        "{members} personnes sont actives dans votre compte\u202f: il lui faut au moins {members} utilisateurs. Rien "
        "n’a changé\u202f; saisissez {members} ou davantage."
    )
    field = "seats"


class SeatsAboveMaximum(Refusal):
    code = "quote.seats_above_maximum"
    en = "This plan goes up to {maximum} users. Nothing was changed; for more, write to us."
    fr = "Ce plan va jusqu’à {maximum} utilisateurs. Rien n’a changé\u202f; au-delà, écrivez-nous."
    field = "seats"


class DowngradeWaits(Refusal):
    code = "quote.downgrade_waits"
    en = (
        "Moving to a lower plan takes effect at the end of the paid period, on {ends_on:en}, and costs nothing. "
        "Nothing was changed; schedule it for that day instead."
    )
    fr = (
        "Passer à un plan inférieur prend effet à la fin de la période payée, le {ends_on:fr}, et ne coûte rien. "
        "Rien n’a changé\u202f; programmez-le pour cette date."
    )
    field = "plan"


class ShorterIntervalWaits(Refusal):
    code = "quote.shorter_interval_waits"
    en = (
        "Moving from annual to monthly takes effect at the end of the paid year, on {ends_on:en}. "
        "Nothing was changed; schedule it for that day instead."
    )
    fr = (
        "Passer de l’annuel au mensuel prend effet à la fin de l’année payée, le {ends_on:fr}. "
        "Rien n’a changé\u202f; programmez-le pour cette date."
    )
    field = "interval"


class FewerSeatsWait(Refusal):
    code = "quote.fewer_seats_wait"
    en = (
        "You have paid for {seats} users until {ends_on:en}; fewer take effect at that renewal. "
        "Nothing was changed; schedule it for that day instead, or enter {seats} or more."
    )
    fr = (
        "Vous avez payé {seats} utilisateurs jusqu’au {ends_on:fr}\u202f; une réduction prend effet à ce "
        "renouvellement. Rien n’a changé\u202f; programmez-la pour cette date, ou saisissez {seats} ou davantage."
    )
    field = "seats"


class FewerAddOnsWait(Refusal):
    code = "quote.fewer_add_ons_wait"
    en = (
        "What you have paid for runs until {ends_on:en}; fewer take effect at that renewal. Nothing was changed; "
        "schedule it for that day instead."
    )
    fr = (
        "Ce que vous avez payé court jusqu’au {ends_on:fr}\u202f; une réduction prend effet à ce renouvellement. Rien "
        "n’a changé\u202f; programmez-la pour cette date."
    )
    field = "units"


class AddOnUnknown(Refusal):
    code = "quote.add_on_unknown"
    en = "This add-on does not exist. Nothing was changed; choose one of those shown."
    fr = "Ce complément n’existe pas. Rien n’a changé\u202f; choisissez l’un de ceux proposés."
    field = "units"


class AddOnUnitsOutOfRange(Refusal):
    code = "quote.add_on_units_out_of_range"
    en = "This add-on is sold from 0 to {maximum} times. Nothing was changed; enter a number in between."
    fr = "Ce complément se vend de 0 à {maximum} fois. Rien n’a changé\u202f; saisissez un nombre entre les deux."
    field = "units"


class InvoiceOpen(Refusal):
    code = "quote.invoice_open"
    en = (
        "An invoice is not paid yet, so nothing can be bought or changed. Nothing was taken; pay the open invoice "
        "first, under Invoices."
    )
    fr = (
        "Une facture n’est pas encore payée\u202f: rien ne peut s’acheter ni changer. Rien n’a été prélevé\u202f; "
        "réglez d’abord la facture ouverte, sous Factures."
    )


class CancellationWaits(Refusal):
    code = "quote.cancellation_waits"
    en = (
        "Your subscription is canceled and ends on {ends_on:en}. Nothing was taken; withdraw the cancellation first, "
        "on the overview."
    )
    fr = (
        "Votre abonnement est résilié et prend fin le {ends_on:fr}. Rien n’a été prélevé\u202f; annulez d’abord la "
        "résiliation, sur la vue d’ensemble."
    )


class PlansDiffer(Refusal):
    code = "quote.plans_differ"
    en = (
        "Your monthly users follow your annual ones to the lower plan on {ends_on:en}. Nothing was changed; until then "
        "choose a higher plan for all of them, or come back on that day."
    )
    fr = (
        "Vos utilisateurs mensuels rejoignent le plan inférieur des annuels le {ends_on:fr}. Rien n’a changé\u202f; "
        "d’ici là, choisissez un plan supérieur pour tous, ou revenez ce jour-là."
    )
    field = "plan"


class NothingChanges(Refusal):
    code = "quote.nothing_changes"
    en = "This is what you have today. To change it, choose another plan or more users."
    fr = "C’est ce que vous avez aujourd’hui. Pour changer, choisissez un autre plan ou davantage d’utilisateurs."


class NothingToPay(Refusal):
    code = "quote.credit_exceeds_charge"
    en = (
        "What you have already paid is worth more than this change costs, so it cannot be bought here. Nothing "
        "was changed; write to us."
    )
    fr = (
        "Ce que vous avez déjà payé vaut plus que ce changement\u202f: il ne peut pas s’acheter ici. "
        "Rien n’a changé\u202f; écrivez-nous."
    )


class RenewalNotBooked(Refusal):
    code = "quote.renewal_not_booked"
    en = (
        "Your paid period ended on {ended_on:en} and its renewal is not booked yet. "
        "Nothing was changed or taken; come back once it is, or write to us."
    )
    fr = (
        "Votre période payée a pris fin le {ended_on:fr} et son renouvellement n’est pas encore enregistré. "
        "Rien n’a changé et rien n’a été prélevé\u202f; revenez ensuite, ou écrivez-nous."
    )


def out_of_range(plan: Plan, seats: int) -> Refusal | None:
    """Why a plan is not sold with so many seats; None where it is."""
    if seats < plan.seats_min:
        return SeatsBelowMinimum(minimum=plan.seats_min)
    return SeatsAboveMaximum(maximum=plan.seats_max) if seats > plan.seats_max else None
