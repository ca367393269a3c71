"""What controls and headings are called, in both languages. Tests find everything by these names."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """One language. ``{…}`` stands for what the screen fills in."""

    code: str
    locale: str
    sign_up: str
    log_in: str
    log_out: str
    your_name: str
    company_name: str
    country: str
    country_named: str
    email: str
    password: str
    open_the_account: str
    upgrade: str
    plans_and_billing: str
    choose_your_plan: str
    change_your_plan: str
    monthly: str
    annual: str
    update_prices: str
    choose: str
    users: str
    add_user: str
    remove_user: str
    proceed: str
    checkout: str
    card_number: str
    expiry: str
    code_on_card: str
    save_card: str
    card_saved: str
    another_card: str
    address: str
    postcode: str
    city: str
    vat_number: str
    billing_email: str
    order_number: str
    edit: str
    save_details: str
    review: str
    due_today: str
    why: str
    accept_terms: str
    pay: str
    nothing_taken: str
    thinking: str
    asking: str
    waiting: str
    confirm_with_bank: str
    give_up: str
    help_about_cards: str
    given_up: str
    bank_confirm: str
    bank_refuse: str
    done: str
    download: str
    receipt_subject: str
    confirm_subject: str
    next_renewal: str
    last_invoices: str
    your_note: str
    send_request: str
    other_language: str

    def euros(self, minor: int) -> str:
        """A sum in euros as the language writes it, with ordinary spaces."""
        whole, cents = divmod(minor, 100)
        if self.code == "fr":
            return f"{whole:,}".replace(",", " ") + f",{cents:02d} €"
        return f"€{whole:,}.{cents:02d}"


ENGLISH: Final = Words(
    code="en",
    locale="en-GB",
    sign_up="Sign up",
    log_in="Log in",
    log_out="Log out",
    your_name="Your name",
    company_name="Company name",
    country="Country",
    country_named="Ireland",
    email="E-mail address",
    password="Password",
    open_the_account="Open the account",
    upgrade="Upgrade your account",
    plans_and_billing="Plans & billing",
    choose_your_plan="Choose your plan",
    change_your_plan="Change your plan",
    monthly="Monthly",
    annual="Annual",
    update_prices="Update the prices",
    choose="Choose {plan}",
    users="Users",
    add_user="Add one user",
    remove_user="Remove one user",
    proceed="Proceed to pay",
    checkout="Checkout",
    card_number="Card number",
    expiry="Expiry",
    code_on_card="Security code",
    save_card="Save card",
    card_saved="Card saved",
    another_card="Another card",
    address="Address",
    postcode="Eircode",  # as it is called in Ireland, where the English-speaking accounts are
    city="City",
    vat_number="VAT number",
    billing_email="Billing e-mail",
    order_number="Purchase order number",
    edit="Edit",
    save_details="Save and update",
    review="Review your order",
    due_today="Due today",
    why="Why this amount?",
    accept_terms="I accept the terms of service",
    pay="Pay {sum}",
    nothing_taken="Nothing was taken",
    thinking="The bank is thinking",
    asking="We are asking the bank",
    waiting="Your bank is waiting for you",
    confirm_with_bank="Confirm with your bank",
    give_up="Give up this payment",
    help_about_cards="Cards, bank confirmation and declined payments",
    given_up="This order was given up",
    bank_confirm="Confirm",
    bank_refuse="Refuse",
    done="Your account is now on {plan}",
    download="Download the invoice",
    receipt_subject="Receipt",
    confirm_subject="Your bank asks you to confirm a payment",
    next_renewal="Next renewal",
    last_invoices="Last invoices",
    your_note="Your note",
    send_request="Send the request",
    other_language="Français",
)

FRENCH: Final = Words(
    code="fr",
    locale="fr-FR",
    sign_up="Créer un compte",
    log_in="Se connecter",
    log_out="Se déconnecter",
    your_name="Votre nom",
    company_name="Raison sociale",
    country="Pays",
    country_named="France",
    email="Adresse e-mail",
    password="Mot de passe",
    open_the_account="Ouvrir le compte",
    upgrade="Mettre à niveau votre compte",
    plans_and_billing="Plans et facturation",
    choose_your_plan="Choisissez votre plan",
    change_your_plan="Changer de plan",
    monthly="Mensuel",
    annual="Annuel",
    update_prices="Actualiser les prix",
    choose="Choisir {plan}",
    users="Utilisateurs",
    add_user="Ajouter un utilisateur",
    remove_user="Retirer un utilisateur",
    proceed="Procéder au paiement",
    checkout="Paiement",
    card_number="Numéro de carte",
    expiry="Expiration",
    code_on_card="Cryptogramme",
    save_card="Enregistrer la carte",
    card_saved="Carte enregistrée",
    another_card="Une autre carte",
    address="Adresse",
    postcode="Code postal",
    city="Ville",
    vat_number="Numéro de TVA",
    billing_email="E-mail de facturation",
    order_number="Numéro de bon de commande",
    edit="Modifier",
    save_details="Enregistrer et actualiser",
    review="Vérifier votre commande",
    due_today="À payer aujourd'hui",
    why="Pourquoi ce montant ?",
    accept_terms="J'accepte les conditions de service",
    pay="Payer {sum}",
    nothing_taken="Rien n’a été prélevé",
    thinking="La banque réfléchit",
    asking="Nous interrogeons la banque",
    waiting="Votre banque vous attend",
    confirm_with_bank="Confirmer auprès de votre banque",
    give_up="Abandonner ce paiement",
    help_about_cards="Cartes, confirmation bancaire et paiements refusés",
    given_up="Cette commande a été abandonnée",
    bank_confirm="Confirmer",
    bank_refuse="Refuser",
    done="Votre compte est passé au plan {plan}",
    download="Télécharger la facture",
    receipt_subject="Reçu",
    confirm_subject="Votre banque vous demande de confirmer un paiement",
    next_renewal="Prochain renouvellement",
    last_invoices="Dernières factures",
    your_note="Votre message",
    send_request="Envoyer la demande",
    other_language="English",
)

WORDS: Final = {"en": ENGLISH, "fr": FRENCH}
