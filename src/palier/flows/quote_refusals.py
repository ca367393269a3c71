"""Why a choice cannot be quoted, in both languages. Raised by ``flows.quote``."""

from palier.kit.refusals import Refusal


class NotABuyer(Refusal):
    code = "order.not_a_buyer"
    en = "Only the account owner or a billing admin can buy. Nothing was taken; send them a request instead."
    fr = (
        "Seuls le propriétaire du compte ou un administrateur de facturation peuvent acheter. Rien n’a été "
        "prélevé\u202f; envoyez-leur une demande."
    )


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
        "It cannot be scheduled here yet; nothing was changed and your plan goes on as it is. Come back closer to "
        "that day, or write to us."
    )
    fr = (
        "Passer à un plan inférieur prend effet à la fin de la période payée, le {ends_on:fr}, et ne coûte rien. "
        "Cela ne peut pas encore se programmer ici\u202f; rien n’a changé et votre plan continue. Revenez plus près de "
        "cette date, ou écrivez-nous."
    )
    field = "plan"


class ShorterIntervalWaits(Refusal):
    code = "quote.shorter_interval_waits"
    en = (
        "Moving from annual to monthly takes effect at the end of the paid year, on {ends_on:en}. "
        "It cannot be scheduled here yet; nothing was changed. Stay on annual, or write to us."
    )
    fr = (
        "Passer de l’annuel au mensuel prend effet à la fin de l’année payée, le {ends_on:fr}. "
        "Cela ne peut pas encore se programmer ici\u202f; rien n’a changé. Gardez l’annuel, ou écrivez-nous."
    )
    field = "interval"


class FewerSeatsWait(Refusal):
    code = "quote.fewer_seats_wait"
    en = (
        "You have paid for {seats} users until {ends_on:en}; fewer take effect at that renewal. "
        "It cannot be scheduled here yet; nothing was changed. Enter {seats} or more, or write to us."
    )
    fr = (
        "Vous avez payé {seats} utilisateurs jusqu’au {ends_on:fr}\u202f; une réduction prend effet à ce "
        "renouvellement. Elle ne peut pas encore se programmer ici\u202f; rien n’a changé. Saisissez {seats} ou "
        "davantage, ou écrivez-nous."
    )
    field = "seats"


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
