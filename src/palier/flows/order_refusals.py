"""Why an order cannot be placed, in both languages. Raised by ``flows.order``; in each case nothing was taken."""

from palier.kit.refusals import Refusal


class TermsNotAccepted(Refusal):
    code = "order.terms_not_accepted"
    en = "Tick the box to accept the terms of service. Nothing was taken."
    fr = "Cochez la case pour accepter les conditions de service. Rien n’a été prélevé."
    field = "terms"


class TermsChanged(Refusal):
    code = "order.terms_changed"
    en = "The terms of service have changed since this page was opened. Nothing was taken; read them and accept again."
    fr = (
        "Les conditions de service ont changé depuis l’ouverture de cette page. Rien n’a été prélevé\u202f; "
        "relisez-les et acceptez-les à nouveau."
    )
    field = "terms"


class CardMissing(Refusal):
    code = "order.card_missing"
    en = "The card is not complete. Nothing was taken; enter its number, expiry and security code."
    fr = (
        "La carte n’est pas complète. Rien n’a été prélevé\u202f; saisissez son numéro, son expiration et son "
        "cryptogramme."
    )
    field = "card"


class NoSavedCard(Refusal):
    code = "order.no_saved_card"
    en = "There is no card on file. Nothing was taken; enter a card."
    fr = "Aucune carte n’est enregistrée. Rien n’a été prélevé\u202f; saisissez une carte."
    field = "card"


class BillingDetailsMissing(Refusal):
    code = "order.billing_details_missing"
    en = "The billing details are not complete. Nothing was taken; fill them in and save."
    fr = (
        "Les coordonnées de facturation ne sont pas complètes. Rien n’a été prélevé\u202f; remplissez-les et "
        "enregistrez."
    )
    field = "name"


class QuoteExpired(Refusal):
    code = "quote.expired"
    en = "The time for which this price was held is over. Nothing was taken; here is today’s price."
    fr = "Le délai pendant lequel ce prix était garanti est écoulé. Rien n’a été prélevé\u202f; voici le prix du jour."


class QuoteSuperseded(Refusal):
    code = "quote.superseded"
    en = "A newer quote has replaced this one. Nothing was taken; here is the newer one."
    fr = "Un devis plus récent a remplacé celui-ci. Rien n’a été prélevé\u202f; voici le plus récent."


class OlderCatalogue(Refusal):
    code = "quote.older_catalogue"
    en = "Our price list has changed since this quote. Nothing was taken; here is the price of today’s list."
    fr = "Notre liste de prix a changé depuis ce devis. Rien n’a été prélevé\u202f; voici le prix de la liste du jour."


class SubscriptionMoved(Refusal):
    code = "quote.subscription_moved"
    en = "Your subscription has changed since this quote. Nothing was taken; here is what applies now."
    fr = "Votre abonnement a changé depuis ce devis. Rien n’a été prélevé\u202f; voici ce qui s’applique maintenant."


class OrderOfAnother(Refusal):
    code = "order.of_another"
    en = "Somebody else of your account began this order. Nothing was taken; here is the same order in your name."
    fr = (
        "Une autre personne de votre compte a commencé cette commande. Rien n’a été prélevé\u202f; voici la même "
        "commande à votre nom."
    )


class TaxChanged(Refusal):
    code = "quote.tax_changed"
    en = "Your billing details change the tax. Nothing was taken; check the new sum and pay again."
    fr = (
        "Vos coordonnées de facturation changent la taxe. Rien n’a été prélevé\u202f; vérifiez la nouvelle somme et "
        "payez à nouveau."
    )


class PaymentInProgress(Refusal):
    code = "order.payment_in_progress"
    en = (
        "Another payment of your account is still being decided. Nothing more was taken; finish or give up that "
        "one first."
    )
    fr = (
        "Un autre paiement de votre compte est encore en cours. Rien de plus n’a été prélevé\u202f; terminez-le ou "
        "abandonnez-le d’abord."
    )


class AccountParked(Refusal):
    code = "account.parked"
    en = (
        "Something in your account’s billing does not agree, and our team has been told. Nothing was taken; you can "
        "buy as soon as we have looked."
    )
    fr = (
        "Un élément de la facturation de votre compte ne concorde pas et notre équipe est prévenue. Rien n’a été "
        "prélevé\u202f; vous pourrez acheter dès que nous aurons vérifié."
    )
